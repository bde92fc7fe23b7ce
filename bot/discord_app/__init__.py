"""Discord: the only importer of discord.py.

`create_bot(settings, service)` gives a client ready to log in. Into a bot that is there already it is loaded by
`await client.load_extension("bot.discord_app")`, and brings its commands, buttons and deliveries without touching
theirs.

    places, people, permissions   where and who, in the words of the service
    views, buttons, modals, files how cards, forms and clips look
    faults, sending, chat         posting: the ChatPlatform, and what is done about Discord's errors
    desk, replying, tree, complete, listening, reacting   what members do
    cog, client, online           all of it on a client, and keeping it connected
"""

from bot.discord_app.client import ThreadreelBot, create_bot, setup
from bot.discord_app.online import Online

__all__ = ["Online", "ThreadreelBot", "create_bot", "setup"]
