"""Slack: the only importer of slack_bolt and slack_sdk.

`create_app(settings, service)` gives a bolt app, and `serving` runs it in Socket Mode or HTTP mode.
`register(app, …)` adds everything to someone else's app without touching theirs.

    places, people, asking        where and who, in the words of the service
    words, blocks, modals         how text, cards and forms look
    faults, clients, budget       Slack's errors, tokens and pace
    sending, searching, uploads, chat   posting: the ChatPlatform
    stills, looks, posters        pictures in blocks
    access, desk, forms, menus, listening, replying, pictures   what members do
    home, home_view, redrawing, house   the home tab, and what managers decide in it
    face, app                     all of it on an app
    manifest, hearing, doctor     what the app must be at Slack, and whether it is
"""

from bot.slack_app.app import ThreadreelApp, create_app, register, serving
from bot.slack_app.face import SlackFace

__all__ = ["SlackFace", "ThreadreelApp", "create_app", "register", "serving"]
