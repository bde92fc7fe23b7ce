import re
from pathlib import Path

import pytest

from inference.errors import InvalidValue
from inference.presets import load_presets
from inference.tiers import TierSources, load_tiers
from inference.types import Grant, Identity, OperationKind, Place, Requester

TABLE = load_tiers()
GOLD = """
[gold]
clips_per_month = 1
max_seconds = 1.5
max_resolution = 480
watermark = true
operations = ["generate"]
max_jobs = 1
weight = 1
"""


def requester(
    *, roles: tuple[str, ...] = (), entitlements: tuple[str, ...] = (), identity: str = "discord:1"
) -> Requester:
    return Requester(
        identity=Identity(identity), place=Place(platform="discord"), roles=roles, entitlements=entitlements
    )


def held(sources: TierSources, who: Requester, grant: str | None = None) -> str:
    return sources.held_by(who, None if grant is None else Grant(tier=grant)).tier.name


def test_the_shipped_table_is_the_designs() -> None:
    rows = [
        (t.name, t.clips_per_month, t.max_seconds, t.max_resolution, t.watermark, t.max_jobs, t.weight)
        for t in TABLE.tiers.values()
    ]
    assert rows == [
        ("free", 10, 5, 480, True, 1, 1),
        ("plus", 50, 10, 720, False, 2, 2),
        ("pro", 500, 20, 1080, False, 4, 4),
    ]
    basic = {OperationKind.GENERATE, OperationKind.AGAIN, OperationKind.REMIX}
    standard = basic | {OperationKind.EXTEND, OperationKind.LOOP, OperationKind.RECUT, OperationKind.ANIMATE}
    standard |= {OperationKind.SCHEDULE}
    assert [tier.operations for tier in TABLE.tiers.values()] == [basic, standard, frozenset(OperationKind)]


def test_the_least_tier_that_allows_it_is_named() -> None:
    assert TABLE.lifted_by(lambda tier: tier.max_seconds >= 6) == "plus"
    assert TABLE.lifted_by(lambda tier: tier.max_resolution >= 1080) == "pro"
    assert TABLE.lifted_by(lambda tier: tier.max_seconds >= 60) == ""


def test_an_unknown_tier_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidValue, match="free, plus, pro"):
        TABLE.get("gold")


def test_a_grant_comes_before_a_bought_thing_before_a_role() -> None:
    sources = TierSources(table=TABLE, entitlements={"discord:sku": "plus"}, roles={"discord:vip": "pro"})
    everything = requester(roles=("discord:vip",), entitlements=("discord:sku",))
    assert held(sources, everything, "free") == "free"
    assert held(sources, everything) == "plus"
    assert held(sources, requester(roles=("discord:vip", "discord:x"))) == "pro"
    assert held(sources, requester(roles=("discord:x",))) == "free"


def test_of_several_roles_the_best_counts() -> None:
    sources = TierSources(table=TABLE)
    assert held(sources, requester(roles=("playground:pro", "playground:plus"))) == "pro"


def test_operators_act_with_the_highest_tier() -> None:
    assert held(TierSources(table=TABLE), requester(identity="cli:local"), "free") == "pro"


def test_a_grant_of_a_tier_that_is_gone_is_passed_over() -> None:
    assert held(TierSources(table=TABLE), requester(roles=("playground:plus",)), "gold") == "plus"


def test_a_mapping_to_an_unknown_tier_is_a_wrong_setting() -> None:
    with pytest.raises(ValueError, match="tier_roles: discord:vip: there is no tier 'gold'"):
        TierSources(table=TABLE, roles={"discord:vip": "gold"})


def test_a_table_of_ones_own_replaces_it(tmp_path: Path) -> None:
    (tmp_path / "tiers.toml").write_text(GOLD)
    table = load_tiers(tmp_path / "tiers.toml")
    assert (table.lowest, table.highest) == (table.get("gold"), table.get("gold"))
    assert table.get("gold").max_seconds == 1.5


# --- Presets

PRESET = Path("inference/presets.toml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("fps = 12", 'fps = "fast"', r"\[pocket\].fps"),
        ("fps = 12", "fps = 0", r"\[pocket\].fps: must be more than 0"),
        ("fps = 12\n", "", r"\[pocket\].fps"),
        ("fps = 12", "fpss = 12", r"\[pocket\].fpss: no such field"),
        ("max = 61", "max = 60", r"\[pocket\].frames"),
        (r"\[224, 128\]", "[224]", r"\[pocket\].native_sizes"),
        (r"\[224, 128\]", '["a", 128]', r"\[pocket\].native_sizes"),
        ('"16:9" =', '"21:9" =', r"\[pocket\].native_sizes"),
        ("usual_short_side = 480", "usual_short_side = 481", r"\[pocket\].usual_short_side: must be even"),
        (r"remix_strength = [\d.]+", "remix_strength = 0", r"\[pocket\].remix_strength"),
        (r"\bsteps = \d+", "steps = 99", r"\[pocket\].timesteps"),
        (r'\["generate", "animate", "remix", "again"\]', '["dance"]', r"\[pocket\].operations"),
    ],
)
def test_a_wrong_preset_table_names_preset_and_field(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = PRESET.read_text()
    changed, found = re.subn(old, new, text, count=1)
    assert found
    (tmp_path / "presets.toml").write_text(changed)
    with pytest.raises(ValueError, match=said):
        load_presets(tmp_path / "presets.toml")


def test_a_default_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no preset 'sora'"):
        load_presets(default="sora")


def test_openais_names_mean_the_default() -> None:
    table = load_presets(default="ltx-2b")
    assert {table.get(name).name for name in (None, "sora-2", "sora-2-pro")} == {"ltx-2b"}
