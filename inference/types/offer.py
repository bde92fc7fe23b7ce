"""What a deployment can do: its models and tiers, as faces show them before anything is asked."""

from __future__ import annotations

from dataclasses import dataclass

from inference.types.ask import OperationKind
from inference.types.tier import Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetOffer:
    """A model by the name that members choose."""

    name: str
    title: str
    operations: frozenset[OperationKind]
    min_seconds: float
    max_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    #: The default first.
    presets: tuple[PresetOffer, ...]
    #: From the least to the most.
    tiers: tuple[Tier, ...]
    #: Whether the managers of some server may give tiers there.
    managers_give_tiers: bool = False

    @property
    def operations(self) -> frozenset[OperationKind]:
        """What at least one model can do."""
        return frozenset().union(*(preset.operations for preset in self.presets))

    def lifting(self, tier: str, operation: OperationKind) -> str:
        """Name of the least tier that may do what this one may not; empty where it may, or where none does."""
        own = next((known for known in self.tiers if known.name == tier), None)
        if own is None or operation in own.operations:
            return ""
        return next((known.name for known in self.tiers if operation in known.operations), "")
