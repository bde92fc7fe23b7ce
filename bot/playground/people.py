"""The three demo members of the playground, one per tier, and its channels."""

from __future__ import annotations

from dataclasses import dataclass

from inference.types import Identity, Place, Requester

PLATFORM = "playground"
WORKSPACE = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoMember:
    """Someone to try the bot as."""

    key: str
    name: str
    tier: str

    @property
    def identity(self) -> Identity:
        return Identity(f"{PLATFORM}:{self.key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    key: str
    name: str


MEMBERS = {
    member.key: member
    for member in (
        DemoMember(key="free", name="Robin", tier="free"),
        DemoMember(key="plus", name="Mika", tier="plus"),
        DemoMember(key="pro", name="Noor", tier="pro"),
    )
}
CHANNELS = {
    channel.key: channel for channel in (Channel(key="reels", name="reels"), Channel(key="nihongo", name="日本語"))
}


def requester(member: DemoMember, channel: str, locale: str) -> Requester:
    """The member as the service knows them; the tier comes from a role, as it would on Discord."""
    return Requester(
        identity=member.identity,
        display_name=member.name,
        place=Place(platform=PLATFORM, workspace=WORKSPACE, channel=channel),
        roles=() if member.tier == "free" else (f"{PLATFORM}:{member.tier}",),
        locale=locale,
    )


def member_of(identity: Identity) -> DemoMember | None:
    """Whose identity this is; None for someone of another platform."""
    return next((member for member in MEMBERS.values() if member.identity == identity), None)
