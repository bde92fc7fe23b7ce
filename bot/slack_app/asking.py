"""What a member did, whichever of Slack's events told us, and how they can be answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.context.async_context import AsyncBoltContext

from bot.slack_app.places import Where, Workspace

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    where: Where
    user: str
    #: The member's own workspace: another one in a channel that two companies share.
    team: str = ""
    #: What the event calls them, for where nobody may be looked up.
    name: str = ""
    #: The same one twice is one request.
    event: str
    #: Our own user, as members mention us.
    me: str = ""
    #: Five answers in half an hour; empty where there are none.
    response_url: str = ""
    #: Opens a modal within three seconds.
    trigger: str = ""
    #: The message that it is about; empty where it is about none.
    message: str = ""
    #: Seconds since 1970 by Slack's clock; None where Slack does not say.
    said_at: float | None = None


def workspace_of(body: Body, context: AsyncBoltContext) -> Workspace:
    """The installation that heard of it, which in a shared channel is not always the member's workspace.

    An organisation's own installation names no workspace; the event says in which one it happened.
    """
    known = context.authorize_result
    is_org_wide = bool(context.is_enterprise_install)
    team = None if known is None or is_org_wide else known.team_id
    enterprise = context.enterprise_id or (known.enterprise_id if known else None)
    team = team or context.team_id or body.get("team_id") or ""
    return Workspace(team=str(team), enterprise=enterprise or "", is_org_wide=is_org_wide)


def command_asked(body: Body, context: AsyncBoltContext) -> Asked:
    """A slash command; Slack knows none in threads."""
    return Asked(
        where=Where(workspace=workspace_of(body, context), channel=str(body["channel_id"])),
        user=str(body["user_id"]),
        team=str(body.get("team_id") or ""),
        name=str(body.get("user_name") or ""),
        event=f"command:{body['trigger_id']}",
        me=_me(context),
        response_url=str(body.get("response_url") or ""),
        trigger=str(body["trigger_id"]),
    )


def pressed_asked(body: Body, context: AsyncBoltContext) -> Asked:
    """A button, a menu of a message, or anything else with a trigger and a user of its own."""
    message = body.get("message") or {}
    container = body.get("container") or {}
    ts = str(container.get("message_ts") or message.get("ts") or "")
    root = str(container.get("thread_ts") or message.get("thread_ts") or "")
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or body["user"]["id"])
    # The message that opened a thread bears the thread's ts as well: what is said of it is said in the channel.
    thread = "" if root == ts else root
    return Asked(
        where=Where(workspace=workspace_of(body, context), channel=channel, thread=thread),
        user=str(body["user"]["id"]),
        team=str(body["user"].get("team_id") or (body.get("team") or {}).get("id") or ""),
        name=str(body["user"].get("name") or body["user"].get("username") or ""),
        event=f"press:{body['trigger_id']}",
        me=_me(context),
        response_url=str(body.get("response_url") or ""),
        trigger=str(body["trigger_id"]),
        message=ts,
    )


def submitted_asked(body: Body, context: AsyncBoltContext, where: Where) -> Asked:
    """A modal, which remembers where it was opened."""
    view = body["view"]
    return Asked(
        where=where,
        user=str(body["user"]["id"]),
        team=str(body["user"].get("team_id") or (body.get("team") or {}).get("id") or ""),
        name=str(body["user"].get("name") or ""),
        event=f"view:{view['id']}:{view.get('hash', '')}",
        me=_me(context),
        trigger=str(body.get("trigger_id") or ""),
    )


def message_asked(body: Body, context: AsyncBoltContext, quoted: str = "") -> Asked:
    """Something written, where a mention and the message that holds it are one: both bear the same channel and ts."""
    event = body["event"]
    workspace = workspace_of(body, context)
    return Asked(
        where=Where(workspace=workspace, channel=str(event["channel"]), thread=str(event.get("thread_ts") or "")),
        user=str(event["user"]),
        team=str(event.get("user_team") or event.get("source_team") or event.get("team") or ""),
        event=f"message:{workspace}:{event['channel']}:{event['ts']}",
        me=_me(context),
        message=quoted,
        said_at=float(event["ts"]),
    )


def home_asked(body: Body, context: AsyncBoltContext) -> Asked:
    """The home tab was opened."""
    event = body["event"]
    return Asked(
        where=Where(workspace=workspace_of(body, context), channel=str(event["user"])),
        user=str(event["user"]),
        event=f"home:{body.get('event_id', '')}",
        me=_me(context),
    )


def _me(context: AsyncBoltContext) -> str:
    return context.bot_user_id or ""
