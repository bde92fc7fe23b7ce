"""What the app must be at Slack, and what it lacks there.

The same as `deploy/slack/manifest.yaml`, which people paste: a test holds the two together. It is said once more here,
as values, so that an installation without `deploy/` knows it, and no process needs a reader of YAML for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.settings import SlackMode, SlackSettings
from bot.slack_app.installs import OPTIONAL, REDIRECT_PATH, SCOPES

EVENTS = {
    "app_home_opened": "the Home tab stays empty",
    "app_mention": "mentions are not heard",
    "app_uninstalled": "a removed app is noticed late",
    "message.channels": "replies in the threads of public channels are not heard",
    "message.groups": "replies in the threads of private channels are not heard",
    "message.im": "direct messages are not heard",
    "message.mpim": "words in a group's direct messages are not heard",
    "tokens_revoked": "a revoked token is noticed late",
}
"""What Slack must tell us of, and what is missed without it."""
LATE = frozenset({"app_uninstalled", "message.mpim", "tokens_revoked"})
"""Of these the bot works without."""
COMMANDS = ("/generate", "/threadreel")
SHORTCUTS = {
    "threadreel_remix": "Remix this clip",
    "threadreel_reference": "Use as reference",
    "threadreel_info": "Clip info",
}
"""Menus of a message: names by callback id."""
APPS = "https://api.slack.com/apps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """Something that the app at Slack lacks."""

    says: str
    #: What to click.
    mend: str
    is_optional: bool = False


def lacks(manifest: Mapping[str, Any], app: str, settings: SlackSettings) -> tuple[Lack, ...]:
    """Each thing on its own, as Slack's pages have them; `manifest` as Slack exports it."""
    look = _Look(manifest=manifest, page=f"{APPS}/{app}", settings=settings)
    parts = (look.events(), look.interactivity(), look.commands(), look.shortcuts(), look.scopes(), look.faces())
    return tuple(lack for part in (*parts, look.ways()) for lack in part)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    manifest: Mapping[str, Any]
    page: str
    settings: SlackSettings

    def events(self) -> Iterator[Lack]:
        subscribed = self._at("settings", "event_subscriptions")
        page = f"{self.page}/event-subscriptions: Event Subscriptions"
        if self._calls_us and not subscribed.get("request_url"):
            yield Lack(says="events have no Request URL", mend=f"{page}, switch them on with {self._ours}.")
        missing = _missing(EVENTS, subscribed.get("bot_events"))
        for event in missing:
            click = (
                f"{page}, Subscribe to bot events, Add Bot User Event, {event}, Save Changes; then reinstall the app."
            )
            yield Lack(says=f"event {event}: {EVENTS[event]}", mend=click, is_optional=event in LATE)

    def interactivity(self) -> Iterator[Lack]:
        shown = self._at("settings", "interactivity")
        page = f"{self.page}/interactive-messages: Interactivity & Shortcuts"
        if not shown.get("is_enabled"):
            yield Lack(says="interactivity is off: buttons and forms do nothing", mend=f"{page}, switch it on.")
        elif self._calls_us and not shown.get("request_url"):
            yield Lack(says="interactivity has no Request URL", mend=f"{page}, Request URL: {self._ours}.")

    def commands(self) -> Iterator[Lack]:
        known = {str(one.get("command")): one for one in self._at("features").get("slash_commands") or ()}
        page = f"{self.page}/slash-commands: Slash Commands"
        for command in COMMANDS:
            if command not in known:
                yield Lack(says=f"command {command}", mend=f"{page}, Create New Command, {command}, Save.")
            elif self._calls_us and not known[command].get("url"):
                yield Lack(says=f"command {command} has no Request URL", mend=f"{page}, {command}: {self._ours}.")

    def shortcuts(self) -> Iterator[Lack]:
        known = [one for one in self._at("features").get("shortcuts") or () if one.get("type") == "message"]
        for callback in _missing(SHORTCUTS, (one.get("callback_id") for one in known)):
            name = SHORTCUTS[callback]
            page = f"{self.page}/interactive-messages: Interactivity & Shortcuts, Create New Shortcut, On messages"
            yield Lack(
                says=f"message shortcut “{name}”", mend=f"{page}, “{name}”, Callback ID {callback}, Save Changes."
            )

    def scopes(self) -> Iterator[Lack]:
        for scope in _missing(SCOPES, self._at("oauth_config", "scopes").get("bot")):
            click = f"{self.page}/oauth: OAuth & Permissions, Bot Token Scopes, Add {scope}; then reinstall the app."
            yield Lack(says=f"scope {scope}", mend=click, is_optional=scope in OPTIONAL)

    def faces(self) -> Iterator[Lack]:
        home = self._at("features", "app_home")
        page = f"{self.page}/app-home: App Home"
        if not home.get("home_tab_enabled"):
            yield Lack(says="the Home tab is off", mend=f"{page}, Show Tabs, Home Tab: switch it on.", is_optional=True)
        if not home.get("messages_tab_enabled") or home.get("messages_tab_read_only_enabled"):
            click = f"{page}, Show Tabs, Messages Tab: switch it on, and allow members to send messages from it."
            yield Lack(says="members cannot write to the app directly", mend=click)

    def ways(self) -> Iterator[Lack]:
        """How Slack reaches the bot, and how the app comes into workspaces."""
        settings = self._at("settings")
        wanted, is_on = not self._calls_us, bool(settings.get("socket_mode_enabled"))
        if is_on != wanted:
            how = "on" if wanted else "off, for THREADREEL_SLACK__MODE is http"
            yield Lack(
                says="the other mode is set at Slack", mend=f"{self.page}/socket-mode: Socket Mode, switch it {how}."
            )
        if settings.get("token_rotation_enabled") and not self.settings.is_shared:
            click = "Tokens that rotate need CLIENT_ID and CLIENT_SECRET: docs/slack.md, Several workspaces."
            yield Lack(says="token rotation is on: the bot token ends after twelve hours", mend=click)
        redirect = f"{self.settings.public_url}{REDIRECT_PATH}"
        urls = self._at("oauth_config").get("redirect_urls") or ()
        if self.settings.is_shared and self.settings.public_url and redirect not in urls:
            click = f"{self.page}/oauth: OAuth & Permissions, Redirect URLs, Add {redirect}, Save URLs."
            yield Lack(says="the way back of an installation", mend=click)

    @property
    def _calls_us(self) -> bool:
        return self.settings.mode == SlackMode.HTTP

    @property
    def _ours(self) -> str:
        return f"{self.settings.public_url or 'https://YOUR.HOST'}/slack/events"

    def _at(self, *names: str) -> Mapping[str, Any]:
        found: Any = self.manifest
        for name in names:
            found = found.get(name) or {}
        return found if isinstance(found, Mapping) else {}


def _missing(wanted: Iterable[str], there: Iterable[Any] | None) -> list[str]:
    known = set(there or ())
    return [one for one in wanted if one not in known]
