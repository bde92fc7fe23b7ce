"""Where in Slack something is: an installation, a channel, a thread.

`Spot.channel` is `TEAM/CHANNEL`, in an Enterprise organisation `ENTERPRISE+TEAM/CHANNEL`, and `ENTERPRISE*TEAM/CHANNEL`
where the app is installed for all of it: a channel's id alone does not say whose token opens it. `Spot.thread` is the
ts of the message that opened the thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.platform import MessageRef, Spot
from inference.types import Identity

PLATFORM = "slack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """Where the app is installed."""

    team: str
    #: The organisation that the workspace belongs to; empty where it belongs to none.
    enterprise: str = ""
    #: Whether the app is installed for the whole organisation.
    is_org_wide: bool = False

    def __str__(self) -> str:
        return f"{self.enterprise}{'*' if self.is_org_wide else '+'}{self.team}" if self.enterprise else self.team


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A channel that can be spoken to. A user's id stands for the direct messages with them."""

    workspace: Workspace
    channel: str
    #: The ts of the message that opened the thread; empty in the channel itself.
    thread: str = ""

    @property
    def is_direct(self) -> bool:
        return self.channel.startswith("D") or is_user(self.channel)

    def spot(self) -> Spot:
        return Spot(platform=PLATFORM, channel=f"{self.workspace}/{self.channel}", thread=self.thread)

    def ref(self, message: str) -> MessageRef:
        spot = self.spot()
        return MessageRef(platform=PLATFORM, channel=spot.channel, thread=self.thread, message=message)


def where_of(spot: Spot) -> Where:
    """What `Where.spot` wrote."""
    installed, _, channel = spot.channel.rpartition("/")
    is_org_wide = "*" in installed
    enterprise, _, team = installed.rpartition("*" if is_org_wide else "+")
    workspace = Workspace(team=team, enterprise=enterprise, is_org_wide=is_org_wide)
    return Where(workspace=workspace, channel=channel, thread=spot.thread)


def identity_of(team: str, user: str) -> Identity:
    return Identity(f"{PLATFORM}:{team}:{user}")


def is_user(channel: str) -> bool:
    """Whether it is a user's id, which stands for the direct messages with them."""
    return channel.startswith(("U", "W"))


def user_of(identity: Identity) -> str:
    """The user's id, to which direct messages can be sent."""
    return identity.rpartition(":")[2]
