"""The Web API of a small Slack: each method as far as the bot uses it, with the errors that it gives."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import time
from collections.abc import Callable, Coroutine
from typing import Any

from tests.support.slack_rules import pictures, problems, view_problems
from tests.support.slack_state import (
    ANN,
    APP,
    BOT,
    BOT_TOKEN,
    BOT_USER,
    TEAM,
    WORKSPACE,
    Conversation,
    Payload,
    World,
)

UPDATES_A_MINUTE = 50
TRIGGER_SECONDS = 3.0


class Refused(Exception):  # noqa: N818  # it reads so
    """Slack's `ok: false`."""

    def __init__(self, error: str, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.headers = headers or {}


class Api:
    """Methods by their names, with dots as underscores."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.url = ""
        #: When each trigger was made; gone when used.
        self.triggers: dict[str, float] = {}
        self.tell: Callable[[str, Payload], Any] = lambda _kind, _payload: None
        self._tasks: set[asyncio.Task[None]] = set()

    # --- Who and where

    def auth_test(self, _args: Payload) -> Payload:
        return {
            "url": f"{WORKSPACE}/",
            "team": "Acme",
            "team_id": TEAM,
            "user": "threadreel",
            "user_id": BOT_USER,
            "bot_id": BOT,
        }

    def oauth_v2_access(self, args: Payload) -> Payload:
        if args.get("grant_type") == "refresh_token":
            renewed = {"access_token": BOT_TOKEN, "refresh_token": "xoxe-2", "expires_in": 43_200, "token_type": "bot"}
            return renewed | {"scope": ",".join(sorted(self.world.scopes))}
        if args.get("code") != "code":
            raise Refused("invalid_code")
        return {
            "app_id": APP,
            "authed_user": {"id": ANN},
            "scope": ",".join(sorted(self.world.scopes)),
            "token_type": "bot",
            "access_token": BOT_TOKEN,
            "bot_user_id": BOT_USER,
            "team": {"id": TEAM, "name": "Acme"},
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def bots_info(self, args: Payload) -> Payload:
        if args.get("bot") != BOT:
            raise Refused("bot_not_found")
        return {"bot": {"id": BOT, "app_id": APP, "user_id": BOT_USER, "name": "threadreel"}}

    def apps_manifest_export(self, args: Payload) -> Payload:
        if not str(args.get("app_id") or "").startswith("A"):
            raise Refused("invalid_app_id" if args.get("app_id") else "invalid_arguments")
        if args["app_id"] != APP:
            raise Refused("app_not_found")
        return {"manifest": self.world.manifest}

    def apps_connections_open(self, _args: Payload) -> Payload:
        return {"url": f"{self.url.replace('http', 'ws', 1)}/socket?ticket={self.world.number()}"}

    def users_info(self, args: Payload) -> Payload:
        user = self.world.users.get(args["user"])
        if user is None:
            raise Refused("user_not_found")
        shown = {name: value for name, value in user.items() if name != "locale" or args.get("include_locale")}
        return {"user": {"id": args["user"], **shown}}

    def usergroups_list(self, args: Payload) -> Payload:
        keep = {"id", "handle", "users"} if args.get("include_users") else {"id", "handle"}
        return {"usergroups": [{k: v for k, v in group.items() if k in keep} for group in self.world.groups]}

    # --- Messages

    def chat_postMessage(self, args: Payload) -> Payload:  # noqa: N802  # Slack's name
        conversation = self._writable(args["channel"])
        self._check_message(args)
        if args.get("thread_ts") and args["thread_ts"] not in conversation.messages:
            raise Refused("thread_not_found")
        wanted = {name: args[name] for name in ("text", "blocks", "thread_ts", "metadata") if args.get(name)}
        message = self.world.post(conversation.id, user=BOT_USER, bot_id=BOT, **wanted)
        return {"channel": conversation.id, "ts": message["ts"], "message": message}

    def chat_postEphemeral(self, args: Payload) -> Payload:  # noqa: N802
        conversation = self._writable(args["channel"])
        self._check_message(args)
        if args["user"] not in conversation.members:
            raise Refused("user_not_in_channel")
        self.world.ephemerals.append({**args, "channel": conversation.id})
        return {"message_ts": self.world.ts()}

    def chat_update(self, args: Payload) -> Payload:
        if not str(args["channel"]).startswith(("C", "G", "D")):
            raise Refused("channel_not_found")
        now = time.monotonic()
        recent = [call for call in self.world.made("chat.update") if now - call.at < 60]
        if len(recent) > UPDATES_A_MINUTE:
            self.world.throttled += 1
            raise Refused("ratelimited", status=429, headers={"Retry-After": "30"})
        conversation = self._readable(args["channel"])
        if conversation.is_archived:
            raise Refused("is_inactive")
        message = conversation.messages.get(args["ts"])
        if message is None:
            raise Refused("message_not_found")
        if message.get("bot_id") != BOT:
            raise Refused("cant_update_message")
        self._check_message(args)
        if _has_rich_text(message) and args.get("blocks") and not _has_rich_text(args):
            self._refuse_if(["rich text replaced by none"], "block_mismatch")
        if args.get("parse") != "none":
            self.world.complaints.append("a change whose words Slack reads for names and links")
        files = str(args.get("file_ids") or "")
        if files and not self.world.attaches:
            raise Refused("invalid_arguments")
        # Words alone drop the blocks, as Slack does.
        message.pop("blocks", None)
        message.update({name: args[name] for name in ("text", "blocks") if args.get(name)})
        for id_ in filter(None, files.split(",")):
            self._share(id_, conversation, message)
        return {"channel": conversation.id, "ts": message["ts"], "message": message}

    def chat_getPermalink(self, args: Payload) -> Payload:  # noqa: N802
        conversation = self._readable(args["channel"])
        if args["message_ts"] not in conversation.messages:
            raise Refused("message_not_found")
        return {"permalink": permalink(conversation.id, args["message_ts"])}

    def conversations_open(self, args: Payload) -> Payload:
        if args["users"] not in self.world.users:
            raise Refused("user_not_found")
        return {"channel": {"id": self.world.direct(args["users"]).id}}

    def conversations_history(self, args: Payload) -> Payload:
        conversation = self._readable(args["channel"])
        newest = [m for m in reversed(conversation.messages.values()) if m.get("thread_ts") in {None, m["ts"]}]
        return {"messages": [self._seen(m, args) for m in newest[: int(args.get("limit") or 100)]]}

    def conversations_replies(self, args: Payload) -> Payload:
        conversation = self._readable(args["channel"])
        if args["ts"] not in conversation.messages:
            raise Refused("thread_not_found")
        root = conversation.messages[args["ts"]].get("thread_ts") or args["ts"]
        inside = [m for m in conversation.messages.values() if root in {m["ts"], m.get("thread_ts")}]
        oldest = args.get("oldest") or "0"
        later = [m for m in inside if m["ts"] > oldest or (args.get("inclusive") and m["ts"] == oldest)]
        return {"messages": [self._seen(m, args) for m in later[: int(args.get("limit") or 100)]]}

    def assistant_threads_setStatus(self, args: Payload) -> Payload:  # noqa: N802
        self._writable(args["channel_id"])
        return {}

    # --- Files

    def files_getUploadURLExternal(self, args: Payload) -> Payload:  # noqa: N802
        if int(args["length"]) > self.world.file_limit:
            raise Refused("file_upload_size_restricted")
        id_ = f"F{self.world.number()}"
        self.world.files[id_] = {
            "id": id_,
            "name": args["filename"],
            "size": int(args["length"]),
            "alt_txt": args.get("alt_txt"),
            "mimetype": "",
            "user": BOT_USER,
            "created": int(time.time()),
            "shares": {},
        }
        return {"upload_url": f"{self.url}/upload/{id_}", "file_id": id_}

    def files_completeUploadExternal(self, args: Payload) -> Payload:  # noqa: N802
        """The answer says nothing of where the files stand: that comes later."""
        conversation = self._uploadable(args["channel_id"]) if args.get("channel_id") else None
        taken = []
        for wanted in json.loads(args["files"]):
            file = self.world.files.get(wanted["id"])
            if file is None or wanted["id"] not in self.world.contents or file.get("complete"):
                raise Refused("file_not_found")
            file.update({"title": wanted.get("title"), "complete": True})
            taken.append({"id": file["id"], "title": file["title"]})
            self._look_through(file)
            if conversation is not None and not (self.world.loses_described and file["alt_txt"]):
                self._later(file["id"], conversation, args.get("thread_ts"))
        return {"files": taken}

    def files_info(self, args: Payload) -> Payload:
        file = self.world.files.get(args["file"])
        if file is None or file.get("deleted"):
            raise Refused("file_not_found")
        return {"file": file}

    def files_list(self, args: Payload) -> Payload:
        """Of one user, made before a moment."""
        kinds = {"images": "image/"}
        found = [
            file
            for file in self.world.files.values()
            if not file.get("deleted")
            and file.get("user") == args["user"]
            and str(file.get("mimetype")).startswith(kinds[args["types"]])
            and file["created"] <= float(args["ts_to"])
        ]
        return {"files": found[: int(args["count"])]}

    def files_delete(self, args: Payload) -> Payload:
        file = self.files_info(args)["file"]
        file["deleted"] = True
        for conversation in self.world.conversations.values():
            for message in list(conversation.messages.values()):
                held = message.get("files") or []
                message["files"] = [kept for kept in held if kept["id"] != file["id"]]
                if held and not message["files"] and not message.get("blocks"):
                    del conversation.messages[message["ts"]]
        return {}

    # --- Views

    def views_open(self, args: Payload) -> Payload:
        made = self.triggers.pop(str(args["trigger_id"]), None)
        if made is None:
            raise Refused("exchanged_trigger_id")
        if time.monotonic() - made > TRIGGER_SECONDS:
            raise Refused("expired_trigger_id")
        view = self._view(args, "modal")
        view["id"] = f"V{self.world.number()}"
        self.world.views[view["id"]] = view
        return {"view": view}

    def views_update(self, args: Payload) -> Payload:
        if args["view_id"] not in self.world.views:
            raise Refused("not_found")
        view = self._view(args, "modal")
        self.world.views[args["view_id"]] = {**view, "id": args["view_id"]}
        return {"view": self.world.views[args["view_id"]]}

    def views_publish(self, args: Payload) -> Payload:
        self.world.homes[args["user_id"]] = self._view(args, "home")
        return {"view": self.world.homes[args["user_id"]]}

    # --- Rules

    def _writable(self, channel: str) -> Conversation:
        if channel.startswith(("U", "W")):
            if channel not in self.world.users:
                raise Refused("user_not_found")
            return self.world.direct(channel)
        conversation = self._readable(channel)
        if conversation.is_archived:
            raise Refused("is_archived")
        return conversation

    def _uploadable(self, channel: str) -> Conversation:
        if not channel.startswith(("C", "G", "D")):
            raise Refused("invalid_channel")
        conversation = self._readable(channel)
        if conversation.is_archived:
            raise Refused("posting_to_channel_denied")
        return conversation

    def _readable(self, channel: str) -> Conversation:
        conversation = self.world.conversations.get(channel)
        if conversation is None or (BOT_USER not in conversation.members and not channel.startswith("C")):
            raise Refused("channel_not_found")
        if BOT_USER not in conversation.members:
            raise Refused("not_in_channel")
        return conversation

    def _check_message(self, args: Payload) -> None:
        if not args.get("text"):
            self.world.complaints.append("a message without fallback text")
            raise Refused("no_text")
        if len(args["text"]) > 40_000:
            raise Refused("msg_too_long")
        if args.get("blocks") is not None:
            found = [*problems(args["blocks"], surface="message"), *self.unshowable(args["blocks"])]
            self._refuse_if(found, "invalid_blocks")

    def unshowable(self, blocks: object) -> list[str]:
        """Pictures that are none, are gone, or were not looked through yet."""
        files = {id_: self.world.files.get(id_, {}) for id_ in pictures(blocks)}
        return [
            f"invalid slack file {id_}"
            for id_, file in files.items()
            if file.get("deleted") or file.get("mimetype") not in {"image/png", "image/jpeg", "image/gif"}
        ]

    def _look_through(self, file: Payload) -> None:
        """Slack says of what kind a file is some time after it took it."""

        async def look() -> None:
            await asyncio.sleep(self.world.share_delay)
            file["mimetype"] = mimetypes.guess_type(file["name"])[0] or "application/octet-stream"

        self._soon(look())

    def _soon(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _view(self, args: Payload, kind: str) -> Payload:
        view: Payload = json.loads(args["view"]) if isinstance(args["view"], str) else dict(args["view"])
        found = [] if view.get("type") == kind else [f"a {view.get('type')} as {kind}"]
        self._refuse_if([*found, *view_problems(view)], "invalid_arguments")
        return {**view, "hash": str(self.world.number()), "team_id": TEAM}

    def _refuse_if(self, found: list[str], error: str) -> None:
        if found:
            self.world.complaints += found
            raise Refused(error)

    def _later(self, file: str, conversation: Conversation, thread: str | None) -> None:
        """Slack shows the file some time after it took it."""

        async def share() -> None:
            await asyncio.sleep(self.world.share_delay)
            if self.world.files[file].get("deleted"):
                return
            where = {"thread_ts": thread} if thread else {}
            message = self.world.post(conversation.id, user=BOT_USER, bot_id=BOT, text="", **where)
            self._share(file, conversation, message)

        self._soon(share())

    def _share(self, id_: str, conversation: Conversation, message: Payload) -> None:
        file = self.world.files[id_]
        kind = "public" if conversation.id.startswith("C") else "private"
        file["shares"] = {kind: {conversation.id: [{"ts": message["ts"], "thread_ts": message.get("thread_ts")}]}}
        file["permalink"] = f"{WORKSPACE}/files/{BOT_USER}/{id_}/{file['name']}"
        message.setdefault("files", []).append(file)

    @staticmethod
    def _seen(message: Payload, args: Payload) -> Payload:
        return message if args.get("include_all_metadata") else {k: v for k, v in message.items() if k != "metadata"}


def _has_rich_text(message: Payload) -> bool:
    return any(block["type"] == "rich_text" for block in message.get("blocks") or ())


def permalink(channel: str, ts: str) -> str:
    return f"{WORKSPACE}/archives/{channel}/p{ts.replace('.', '')}"
