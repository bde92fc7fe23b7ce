"""Tiers: what each may do, read from `tiers.toml`, and by which of their sources a member gets one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from pathlib import Path
from typing import TypeVar

import structlog

from inference.errors import InvalidValue
from inference.protocols import Gift, ServerRules
from inference.tier_file import read_tiers
from inference.types import Ceiling, Grant, Place, Requester, Tier

TIERS_FILE = Path(__file__).with_name("tiers.toml")
PLAYGROUND_ROLES = {"playground:plus": "plus", "playground:pro": "pro"}
"""The playground's demo members hold these roles, so that limits can be tried without a grant."""

T = TypeVar("T")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TierTable:
    """All tiers by name, from the least to the most, in the order of the file."""

    tiers: Mapping[str, Tier]

    def get(self, name: str) -> Tier:
        """Raises InvalidValue, naming the known ones."""
        if name not in self.tiers:
            raise InvalidValue(name="tier", value=name, allowed=f"one of {', '.join(self.tiers)}")
        return self.tiers[name]

    @property
    def lowest(self) -> Tier:
        return next(iter(self.tiers.values()))

    @property
    def highest(self) -> Tier:
        return list(self.tiers.values())[-1]

    def lifted_by(self, allows: Callable[[Tier], bool]) -> str:
        """Name of the least tier that allows it; empty where none does."""
        return next((name for name, tier in self.tiers.items() if allows(tier)), "")

    def most(self, names: list[str]) -> Tier | None:
        """The most of the named tiers; None where none is named."""
        return next((tier for tier in reversed(list(self.tiers.values())) if tier.name in names), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The tier that a requester acts with."""

    tier: Tier
    #: When it ends, where it was granted for a time only.
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What a requester may do in a place: their tier, and all others, under what is lowered there."""

    tier: Tier
    tiers: TierTable
    #: The tier as it is elsewhere.
    elsewhere: Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class TierSources:
    """Where a tier comes from, first match wins.

    Operator's grant, bought thing, what a server's managers gave the member, role or group, else the least tier.

    Operators act with the highest tier. Raises ValueError where a mapping names a tier that the table lacks.
    """

    table: TierTable
    #: Tier by entitlement id, `PLATFORM:ID`.
    entitlements: Mapping[str, str] = field(default_factory=dict)
    #: Tier by role or user-group id, `PLATFORM:ID`; the playground's demo roles are known besides.
    roles: Mapping[str, str] = field(default_factory=dict)
    #: The most that managers may give, by `PLATFORM:SERVER` or `PLATFORM:*`.
    managers: Mapping[str, str] = field(default_factory=dict)
    #: What the operator lowers, by `PLATFORM:SERVER` or `PLATFORM:*`.
    ceilings: Mapping[str, Ceiling] = field(default_factory=dict)

    def __post_init__(self) -> None:
        mappings = {"tier_entitlements": self.entitlements, "tier_roles": self.roles, "tier_managers": self.managers}
        known = ", ".join(self.table.tiers)
        wrong = [
            f"{setting}: {key}: there is no tier {tier!r}; known: {known}"
            for setting, mapping in mappings.items()
            for key, tier in mapping.items()
            if tier not in self.table.tiers
        ]
        if wrong:
            raise ValueError("\n".join(wrong))

    def given_at_most(self, place: Place) -> Tier | None:
        """The most that the managers of this place may give; None where the operator keeps tiers to themselves."""
        name = _of_place(self.managers, place)
        return None if name is None else self.table.tiers[name]

    def under_ceilings(self, tier: Tier, place: Place, here: ServerRules) -> Allowed:
        """`tier` under the operator's word for the place, its server's managers' and its channel's, all at once."""
        said = (_of_place(self.ceilings, place), here.policy.server.ceiling, here.policy.channel.ceiling)
        ceilings = [ceiling for ceiling in said if ceiling is not None and ceiling != Ceiling()]
        lowered = {name: reduce(Tier.under, ceilings, known) for name, known in self.table.tiers.items()}
        return Allowed(tier=lowered[tier.name], tiers=TierTable(tiers=lowered), elsewhere=tier)

    def held_by(self, requester: Requester, grant: Grant | None, here: ServerRules | None = None) -> Held:
        """The tier that this requester acts with; `here` is what the managers of their place decided.

        A grant that the table no longer knows is logged and passed over.
        """
        if requester.is_operator:
            return Held(tier=self.table.highest)
        if grant is not None and grant.tier in self.table.tiers:
            return Held(tier=self.table.tiers[grant.tier], until=grant.until)
        if grant is not None:
            _log.warning("granted tier is not in the table", tier=grant.tier, identity=requester.identity)
        return Held(tier=self._found(requester, here))

    def _found(self, requester: Requester, here: ServerRules | None) -> Tier:
        """The tier of who holds no grant."""
        roles = {**PLAYGROUND_ROLES, **self.roles}
        sources = (
            [self.entitlements[id_] for id_ in requester.entitlements if id_ in self.entitlements],
            self._given(requester.place, [here.member_gift] if here and here.member_gift else []),
            [
                *(roles[id_] for id_ in requester.roles if id_ in roles),
                *self._given(requester.place, here.role_gifts if here else []),
            ],
        )
        found = (self.table.most(names) for names in sources)
        return next((tier for tier in found if tier is not None), self.table.lowest)

    def _given(self, place: Place, gifts: Sequence[Gift]) -> list[str]:
        """What operators gave, and what managers did, cut to what the operator lets them give by now."""
        ranks, most = list(self.table.tiers), self.given_at_most(place)
        known = [gift for gift in gifts if gift.tier in ranks and (gift.by_operator or most is not None)]
        return [
            gift.tier if gift.by_operator or most is None else min(gift.tier, most.name, key=ranks.index)
            for gift in known
        ]


def _of_place(mapping: Mapping[str, T], place: Place) -> T | None:
    """What stands there for the place's own server, else for all of its platform; None outside of servers."""
    if not place.workspace:
        return None
    keys = (f"{place.platform}:{place.workspace}", f"{place.platform}:*")
    return next((mapping[key] for key in keys if key in mapping), None)


def load_tiers(path: Path | None = None) -> TierTable:
    """Read a tier table; None: the one that ships. Raises ValueError with a line for every field that is wrong."""
    return TierTable(tiers=read_tiers(path or TIERS_FILE))
