"""The local chat page: a third platform beside Discord and Slack, for trying the bot with no token.

`app` builds the web server, `chat` is the `ChatPlatform`, `board` keeps the messages, `page/` is what browsers load.
"""
