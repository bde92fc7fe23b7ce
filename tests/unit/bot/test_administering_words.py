"""What an operator reads on a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.cli.audit import show
from bot.cli.common import counted, ending
from bot.commands.ends import end_of
from bot.render.errors import error_text
from bot.texts import texts_for
from inference.errors import InvalidValue, NothingToUndo
from inference.types import AuditEntry, Identity, MemberId, Person, Place

BOSS = Person(member=MemberId("1"), identities=(Identity("cli:local"),))
ANN = Person(member=MemberId("2"), identities=(Identity("slack:T024BE7LD:U024BE7LH"), Identity("discord:1234567890")))
GRANT = AuditEntry(
    id=1,
    at=datetime(2026, 11, 27, 9, 5, 7, 123456, tzinfo=UTC),
    act="grant",
    by=BOSS,
    place=Place(platform="", workspace=""),
    whom=ANN,
    subject="",
    reason="won the prize of the month, and " + "is glad of it " * 4,
    before={"tier_grant": None, "tier_until": None, "status": "active"},
    after={"tier_grant": "pro", "tier_until": "2028-03-01T00:00:00.123456+00:00", "status": "active"},
)


@pytest.mark.parametrize("columns", [40, 80])
def test_an_act_tells_what_changed_within_the_terminals_width(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    show([GRANT])
    said = capsys.readouterr().out
    lines = said.splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith("2026-11-27 09:05:07 UTC  cli:local:")
    assert "    tier_grant – → pro" in lines
    assert "2028-03-01 00:00:00 UTC" in " ".join(said.split())
    assert "status" not in said
    assert "123456+" not in said


def test_an_empty_log_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    show([])
    assert capsys.readouterr().out == "Nothing was done.\n"


@pytest.mark.parametrize("prefix", ["", "--"])
@pytest.mark.parametrize("past", ["2020-02-29", "2020-02-29T18:00+09:00"])
def test_an_end_that_is_gone_by_is_refused_with_today(past: str, prefix: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        end_of(past, None, prefix=prefix)
    for language in ("en", "ja"):
        said = error_text(refusal.value, texts_for(language))
        assert past in said
        assert f"{datetime.now(UTC):%Y-%m-%d}" in said


def test_today_is_still_to_come() -> None:
    end = end_of(f"{datetime.now(UTC):%Y-%m-%d}", None)
    assert end is not None
    assert end - datetime.now(UTC) <= timedelta(days=1)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (None, ""),
        ("2028-03-01T00:00:00+00:00", " until the end of 2028-02-29 (UTC)"),
        ("2028-03-01T14:05:06.123456+00:00", " until 2028-03-01 14:05 (UTC)"),
    ],
)
def test_an_end_is_said_as_people_say_it(until: str | None, said: str) -> None:
    assert ending(until) == said


def test_one_is_said_as_one() -> None:
    assert [counted(1, "job"), counted(2, "job"), counted(0, "file of clips", "files of clips")] == [
        "1 job",
        "2 jobs",
        "0 files of clips",
    ]


@pytest.mark.parametrize(
    ("language", "missing", "said"),
    [
        ("en", "block", "discord:1 was not blocked: nothing was changed."),
        ("en", "grant", "discord:1 has no grant: nothing was changed."),
        ("ja", "block", "discord:1 はブロックされていません。何も変更していません。"),
        ("ja", "grant", "discord:1 に付与されたティアはありません。何も変更していません。"),
    ],
)
def test_nothing_to_undo_is_said(language: str, missing: str, said: str) -> None:
    assert error_text(NothingToUndo(identity="discord:1", missing=missing), texts_for(language)) == said
