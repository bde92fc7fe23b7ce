"""What a member of a small Slack does, and what they see of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from tests.support.slack import Server
from tests.support.slack_rules import view_problems
from tests.support.slack_state import (
    APP,
    BOT_USER,
    CHANNEL,
    TEAM,
    WORKSPACE,
    Payload,
    buttons_of,
    words_of,
)


@dataclass
class Member:
    server: Server
    id: str
    #: Another company's, in a shared channel.
    team: str = TEAM

    # --- Commands, buttons, menus, modals

    async def command(self, command: str, text: str = "", channel: str = CHANNEL, **more: Any) -> Payload:
        """`/generate`, as it stands in the manifest. What was sent."""
        payload = {
            "command": command,
            "text": text,
            "channel_id": channel,
            "channel_name": "reels",
            "user_id": self.id,
            "user_name": self.id.lower(),
            "team_id": TEAM,
            "api_app_id": APP,
            "is_enterprise_install": "false",
            "trigger_id": self.server.trigger(),
            "response_url": self.server.response_url(self.id, channel),
        } | more
        await self._interact("slash_commands", payload)
        return payload

    async def press(self, message: Payload, label: str, channel: str = CHANNEL, **more: Any) -> Payload:
        button = next(b for b in buttons_of(message) if b["text"]["text"].endswith(label))
        container = {"type": "message", "message_ts": message.get("ts", ""), "channel_id": channel}
        if message.get("thread_ts"):
            container["thread_ts"] = message["thread_ts"]
        payload = (
            self._interaction("block_actions", channel)
            | {
                "container": container,
                "message": message,
                "actions": [{**button, "block_id": "b", "action_ts": "1.0"}],
                "response_url": self.server.response_url(self.id, channel),
            }
            | more
        )
        await self._interact("interactive", payload)
        return payload

    async def menu(self, callback: str, message: Payload, channel: str = CHANNEL, **more: Any) -> None:
        """A shortcut of a message."""
        payload = (
            self._interaction("message_action", channel)
            | {
                "callback_id": callback,
                "message": message,
                "message_ts": message["ts"],
                "response_url": self.server.response_url(self.id, channel),
            }
            | more
        )
        await self._interact("interactive", payload)

    async def modal(self, words: str) -> Payload:
        """The modal that says so, once it is there."""
        views = self.server.world.views
        return await self.server.until(
            lambda: next((view for view in views.values() if words in words_of(view) + title_of(view)), None)
        )

    async def submit(self, view: Payload, files: tuple[Payload, ...] = (), **values: Any) -> Payload | None:
        """Fill the modal in and send it; what was acknowledged with."""
        state = {
            block["block_id"]: {
                block["element"]["action_id"]: _entered(block["element"], values.get(block["block_id"]), files)
            }
            for block in view["blocks"]
            if block["type"] == "input"
        }
        payload = self._interaction("view_submission", "") | {"view": {**view, "state": {"values": state}}}
        del payload["channel"]
        answer = await self._interact("interactive", payload)
        if answer and answer.get("response_action") == "update":
            self.server.world.complaints += view_problems(answer["view"])
            # A change that the bot asked for meanwhile is newer.
            if self.server.world.views.get(view["id"], view)["hash"] == view["hash"]:
                self.server.world.views[view["id"]] = {**answer["view"], "id": view["id"], "hash": "h"}
        return answer

    async def opens_home(self, tab: str = "home") -> None:
        event = {"type": "app_home_opened", "user": self.id, "channel": f"D{self.id[1:]}", "tab": tab}
        await self.server.insist(self.event(event))

    async def act_home(self, action: Payload) -> None:
        """Something in the home tab is pressed or chosen."""
        payload = self._interaction("block_actions", "") | {
            "container": {"type": "view", "view_id": "V0"},
            "view": {"id": "V0", "type": "home"},
            "actions": [{"block_id": "b", "action_ts": "1.0", **action}],
        }
        del payload["channel"]
        await self._interact("interactive", payload)

    # --- Messages

    async def write(
        self,
        text: str,
        thread: Payload | str = "",
        channel: str = CHANNEL,
        files: tuple[Payload, ...] = (),
        **more: Any,
    ) -> Payload:
        """A message, told to the bot as Slack tells it: a mention comes twice, in two events."""
        root = thread if isinstance(thread, str) else thread.get("thread_ts") or thread["ts"]
        said: Payload = {"text": text, "user": self.id, **more}
        if root:
            said["thread_ts"] = root
        if files:
            said |= {"files": list(files), "subtype": "file_share"}
        message = self.server.world.post(channel, **said)
        conversation = self.server.world.conversations[channel]
        if BOT_USER not in conversation.members:
            return message
        kind = "im" if channel.startswith("D") else "group" if channel.startswith("G") else "channel"
        event = {**message, "channel": channel, "channel_type": kind, "team": self.team, "user_team": self.team}
        if f"<@{BOT_USER}>" in text and kind != "im":
            mention = {k: v for k, v in event.items() if k not in {"subtype", "channel_type"}} | {"type": "app_mention"}
            await asyncio.gather(self.server.insist(self.event(mention)), self.server.insist(self.event(event)))
        else:
            await self.server.insist(self.event(event))
        return message

    def event(self, event: Payload) -> Payload:
        organisation = self.server.organisation
        authorized = {
            "enterprise_id": organisation or None,
            "team_id": None if organisation else TEAM,
            "user_id": BOT_USER,
            "is_bot": True,
            "is_enterprise_install": bool(organisation),
        }
        return {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": APP,
            "event_id": f"Ev{self.server.world.number()}",
            "event_time": 1_700_000_000,
            "authorizations": [authorized],
            "event": event,
        }

    def file(self, data: bytes, name: str = "red.png", mimetype: str = "image/png") -> Payload:
        """Uploaded by this member."""
        id_ = f"F{self.server.world.number()}"
        self.server.world.contents[id_] = data
        file = {
            "id": id_,
            "name": name,
            "mimetype": mimetype,
            "size": len(data),
            "url_private": f"{self.server.url}/files/{id_}",
            "url_private_download": f"{self.server.url}/files/{id_}",
        }
        self.server.world.files[id_] = file
        return file

    # --- What they see

    def told(self) -> list[str]:
        """What was said to them alone."""
        return [words_of(said) for said in self.server.world.ephemerals if said["user"] == self.id]

    async def hears(self, words: str) -> str:
        return await self.server.until(lambda: next((said for said in self.told() if words in said), None))

    async def hears_with_buttons(self, words: str) -> Payload:
        said = self.server.world.ephemerals
        return await self.server.until(
            lambda: next((s for s in said if words in words_of(s) and s["user"] == self.id), None)
        )

    def _interaction(self, kind: str, channel: str) -> Payload:
        organisation = self.server.organisation
        return {
            "type": kind,
            "user": {"id": self.id, "username": self.id.lower(), "name": self.id.lower(), "team_id": self.team},
            # An organisation's installation hears of no team; the member's own stands beside their name.
            "team": None if organisation else {"id": TEAM, "domain": WORKSPACE},
            "enterprise": {"id": organisation, "name": "Acme"} if organisation else None,
            "api_app_id": APP,
            "channel": {"id": channel, "name": "reels"},
            "trigger_id": self.server.trigger(),
            "is_enterprise_install": bool(organisation),
        }

    async def _interact(self, kind: str, payload: Payload) -> Payload | None:
        """Slack shows an error where nobody acknowledges in three seconds."""
        answer = await self.server.deliver(kind, payload)
        if answer is None:
            self.server.world.timeouts.append(f"{kind}: operation_timeout")
        return answer


def title_of(view: Payload) -> str:
    return str((view.get("title") or {}).get("text", ""))


def _entered(element: Payload, value: Any, files: tuple[Payload, ...]) -> Payload:
    kind = element["type"]
    match kind:
        case "static_select":
            chosen = next((option for option in element["options"] if option["value"] == value), None)
            return {"type": kind, "selected_option": chosen or element.get("initial_option")}
        case "checkboxes":
            return {"type": kind, "selected_options": element["options"] if value else []}
        case "users_select":
            return {"type": kind, "selected_user": value}
        case "conversations_select":
            return {"type": kind, "selected_conversation": value}
        case "file_input":
            return {"type": kind, "files": list(files)}
        case _:
            return {"type": kind, "value": element.get("initial_value") if value is None else value}
