"""What is said of a file of tiers, or of ceilings, that is wrong: all of it, and what is allowed instead."""

import re
from pathlib import Path

import pytest

from inference.tier_file import RULES, read_ceilings, read_tiers
from inference.tiers import TIERS_FILE
from inference.types import Ceiling, OperationKind, Tier

GOLD = """
[gold]
clips_per_month = 1
max_seconds = 1.5
max_resolution = 480
watermark = true
operations = ["generate", "animate"]
max_jobs = 1
weight = 1
"""


def faults(folder: Path, text: str) -> list[str]:
    """The lines of the error, without the path before each."""
    file = folder / "tiers.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(str(file))) as wrong:
        read_tiers(file)
    lines = str(wrong.value).splitlines()
    assert all(line.startswith(f"{file}: ") for line in lines), lines
    return [line.removeprefix(f"{file}: ") for line in lines]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "max_seconds = 1.5",
            'max_seconds = "long"',
            "max_seconds: is 'long'; must be a number of seconds, more than 0",
        ),
        ("max_seconds = 1.5", "max_seconds = 0", "max_seconds: is 0; must be a number of seconds, more than 0"),
        ("max_seconds = 1.5", "max_seconds = nan", "max_seconds: is nan; must be a number of seconds, more than 0"),
        ("max_seconds = 1.5", "max_seconds = inf", "max_seconds: is inf; must be a number of seconds, more than 0"),
        ("max_seconds = 1.5", "max_seconds = true", "max_seconds: is true; must be a number of seconds, more than 0"),
        ("max_jobs = 1", "", "max_jobs: is missing; must be a whole number, at least 1"),
        ("max_jobs = 1", "max_jobs = -1", "max_jobs: is -1; must be a whole number, at least 1"),
        ("max_jobs = 1", "max_jobs = 1.5", "max_jobs: is 1.5; must be a whole number, at least 1"),
        ("max_jobs = 1", "max_jobs = true", "max_jobs: is true; must be a whole number, at least 1"),
        ("clips_per_month = 1", "clips_per_month = -1", "clips_per_month: is -1; must be a whole number, at least 0"),
        (
            "max_resolution = 480",
            "max_resolution = 481",
            "max_resolution: is 481; must be an even number of pixels from 64 to 8192, the short side",
        ),
        ("watermark = true", 'watermark = "no"', "watermark: is 'no'; must be true or false"),
        (
            '["generate", "animate"]',
            '["dance"]',
            "operations: is ['dance']; must be a list of at least one of generate,",
        ),
        ('["generate", "animate"]', "[[1]]", "operations: is [[1]]; must be a list of at least one of generate,"),
        ('["generate", "animate"]', "[]", "operations: is []; must be a list"),
        ('["generate", "animate"]', '"generate"', "operations: is 'generate'; must be a list"),
        ("weight = 1", "weight = 0", "weight: is 0; must be a number, more than 0"),
        ("weight = 1", "weight = 1\nmax_upload_bytes = 0", "max_upload_bytes: is 0; must be a whole number of bytes"),
        (
            "weight = 1",
            "weight = 1\nrequests_per_minute = 0",
            "requests_per_minute: is 0; must be a whole number, at l",
        ),
        ("weight = 1", "weight = 1\nstory_seconds = -3", "story_seconds: is -3; must be a number of seconds"),
    ],
)
def test_a_wrong_field_is_named_with_what_it_may_be(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOLD
    (fault,) = faults(tmp_path, GOLD.replace(old, new))
    assert fault.startswith(f"[gold].{said}")


def test_a_mistyped_field_is_named_with_the_one_that_is_meant(tmp_path: Path) -> None:
    unknown, missing = faults(tmp_path, GOLD.replace("max_jobs", "max_job"))
    assert unknown.startswith("[gold].max_job: there is no such field; is max_jobs meant? Known: clips_per_month, ")
    assert missing == "[gold].max_jobs: is missing; must be a whole number, at least 1"


def test_every_wrong_field_of_every_tier_is_named_at_once(tmp_path: Path) -> None:
    wrong = GOLD.replace("max_jobs = 1", "max_jobs = 0").replace("watermark = true", "watermark = 1")
    named = [fault.split(":")[0] for fault in faults(tmp_path, f"silver = 3\n{wrong}\n[brass]\nweight = 'heavy'\n")]
    needed = ["clips_per_month", "max_seconds", "max_resolution", "watermark", "operations", "max_jobs"]
    assert named == [
        "[silver]",
        "[gold].watermark",
        "[gold].max_jobs",
        "[brass].weight",
        *(f"[brass].{name}" for name in needed),
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("max_references = 0", "[gold].max_references: is 0, and operations names animate, which takes one"),
        ("story_seconds = 1", ""),
    ],
)
def test_fields_that_take_back_what_others_promise_are_named(tmp_path: Path, more: str, said: str) -> None:
    file = tmp_path / "tiers.toml"
    file.write_text(f"{GOLD}{more}\n")
    if said:
        assert faults(tmp_path, f"{GOLD}{more}\n")[0].startswith(said)
    else:
        assert read_tiers(file)["gold"].story_seconds == 1  # there is no story in this tier
    story = GOLD.replace('"animate"]', '"story"]')
    assert faults(tmp_path, f"{story}story_seconds = 1\n")[0].startswith(
        "[gold].story_seconds: is less than max_seconds"
    )


def test_what_is_not_said_is_not_limited(tmp_path: Path) -> None:
    (tmp_path / "tiers.toml").write_text(GOLD)
    gold = read_tiers(tmp_path / "tiers.toml")["gold"]
    assert (gold.max_upload_bytes, gold.max_references, gold.requests_per_minute) == (None, None, None)
    assert gold.operations == {OperationKind.GENERATE, OperationKind.ANIMATE}


@pytest.mark.parametrize(("text", "said"), [("", "holds no tier"), ("watermark = maybe", "Invalid value")])
def test_a_file_that_is_no_table_of_tiers_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (fault,) = faults(tmp_path, text)
    assert said in fault


def test_every_field_of_a_tier_has_a_rule() -> None:
    assert RULES.keys() == set(Tier.__dataclass_fields__) - {"name"}
    assert Ceiling.__dataclass_fields__.keys() <= RULES.keys()
    assert list(read_tiers(TIERS_FILE)) == ["free", "plus", "pro"]


def test_ceilings_are_read_by_the_same_rules() -> None:
    read = read_ceilings("tier_ceilings", {"discord:1": {"max_seconds": 3, "operations": ["generate"]}})
    assert read == {"discord:1": Ceiling(max_seconds=3, operations=frozenset({OperationKind.GENERATE}))}
    wrong = {"discord:1": {"max_seconds": 0, "wait": 1}, "slack:*": 5, "slack:T": {"watermark": False}}
    with pytest.raises(ValueError, match="tier_ceilings") as refused:
        read_ceilings("tier_ceilings", wrong)
    assert [line.split(": ")[0] for line in str(refused.value).splitlines()] == [
        "tier_ceilings.discord:1.max_seconds",
        "tier_ceilings.discord:1.wait",
        "tier_ceilings.slack:*",
        "tier_ceilings.slack:T.watermark",
    ]
