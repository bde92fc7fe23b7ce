"""What the loopback Discord says of its one server, its channels and its one member."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

BOT, APPLICATION, GUILD, CHANNEL, ANN, DM = 11, 12, 21, 22, 31, 41
RESTRICTED, FORUM, GROUP, ELSEWHERE = 23, 24, 42, 99
"""The server's age-restricted channel and its forum, whose posts need a tag; a group of friends, which no bot can join;
and a server that ours is not in."""
TAG = 5
Payload = dict[str, Any]


def user(id_: int, *, bot: bool = False) -> Payload:
    return {
        "id": str(id_),
        "username": "threadreel" if bot else "ann",
        "discriminator": "0",
        "avatar": None,
        "bot": bot,
    }


def application(*, reads: bool) -> Payload:
    """`reads`: the Message Content intent is on in the portal."""
    return {
        "id": str(APPLICATION), "name": "threadreel", "icon": None, "description": "", "bot_public": True,
        "bot_require_code_grant": False, "verify_key": "", "flags": 1 << 19 if reads else 0, "owner": user(ANN), "summary": "",
    }  # fmt: skip


def guild() -> Payload:
    return {
        "id": str(GUILD), "name": "g", "icon": None, "splash": None, "discovery_splash": None, "owner_id": str(ANN),
        "afk_channel_id": None, "afk_timeout": 60, "verification_level": 0, "default_message_notifications": 0,
        "explicit_content_filter": 0, "emojis": [], "stickers": [], "features": [], "mfa_level": 0,
        "application_id": None, "system_channel_id": None, "system_channel_flags": 0, "rules_channel_id": None,
        "vanity_url_code": None, "description": None, "banner": None, "premium_tier": 0, "preferred_locale": "en-US",
        "nsfw_level": 0, "member_count": 2, "members": [], "threads": [], "voice_states": [], "presences": [],
        "stage_instances": [], "guild_scheduled_events": [],
        "roles": [{"id": str(GUILD), "name": "@everyone", "permissions": str((1 << 53) - 1), "position": 0, "color": 0, "hoist": False, "managed": False, "mentionable": False}],
        "channels": [channel_payload(CHANNEL), channel_payload(RESTRICTED), _forum()],
    }  # fmt: skip


def place(channel: int, *, brought: bool) -> Payload:
    """Who speaks where, as an interaction has it; `brought`: by a member who installed the bot for themselves."""
    if channel == GROUP:
        group = {"id": str(GROUP), "type": 3, "recipients": [user(ANN)], "last_message_id": None, "name": None, "icon": None}  # fmt: skip
        owners = {"1": str(ANN)}
        return {"channel_id": str(GROUP), "channel": group, "user": user(ANN), "context": 2, "authorizing_integration_owners": owners}  # fmt: skip
    guild = str(ELSEWHERE if brought else GUILD)
    member = {"user": user(ANN), "roles": [], "permissions": "0", "joined_at": now(), "deaf": False, "mute": False, "flags": 0}  # fmt: skip
    return {
        "guild_id": guild,
        "channel_id": str(channel),
        "channel": channel_payload(channel) | {"guild_id": guild, "permissions": "0"},
        "member": member,
        "context": 0,
        "authorizing_integration_owners": {"1": str(ANN)} if brought else {"0": guild},
    }


def channel_payload(id_: int) -> Payload:
    return {
        "id": str(id_), "type": 0, "name": "reels", "position": 0, "permission_overwrites": [],
        "guild_id": str(GUILD), "nsfw": id_ == RESTRICTED,
    }  # fmt: skip


def _forum() -> Payload:
    tag = {"id": str(TAG), "name": "balls", "moderated": False, "emoji_id": None, "emoji_name": None}
    return channel_payload(FORUM) | {"type": 15, "flags": 1 << 4, "available_tags": [tag], "default_forum_layout": 0}


def thread_payload(id_: int, parent: int) -> Payload:
    times = {"archived": False, "locked": False, "auto_archive_duration": 1440, "archive_timestamp": now()}
    return {
        "id": str(id_), "type": 11, "guild_id": str(GUILD), "parent_id": str(parent), "owner_id": str(BOT),
        "message_count": 1, "member_count": 1, "thread_metadata": times,
    }  # fmt: skip


def now() -> str:
    return datetime.now(UTC).isoformat()
