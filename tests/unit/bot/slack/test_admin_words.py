"""`/threadreel admin …` as people type it, in English and in Japanese."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack_app.admin_words import after_admin, read
from inference.errors import InvalidValue
from inference.types import UsageBy


@pytest.mark.parametrize(
    ("text", "after"),
    [("admin", ""), ("admin usage by month", "usage by month"), ("/Admin audit", "audit"), ("管理 記録", "記録"),
     ("info admin", None), ("administer", None), ("", None)],
)  # fmt: skip
def test_the_line_is_known_by_its_first_word(text: str, after: str | None) -> None:
    assert after_admin(text) == after


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("usage", {"act": "usage"}),
        ("usage 2026-11 by server", {"act": "usage", "month": "2026-11", "by": UsageBy.SERVER}),
        ("usage --month 2026-11 --by=tier", {"act": "usage", "month": "2026-11", "by": UsageBy.TIER}),
        ("使用状況 区切り：月", {"act": "usage", "by": UsageBy.MONTH}),
        ("audit <@U1|ann>", {"act": "audit", "member": "U1"}),
        ("audit discord:42", {"act": "audit", "member": "discord:42"}),
        (
            "block <@U2> everywhere until 2027-01-01 reason too many, until 3",
            {"act": "block", "member": "U2", "everywhere": True, "until": "2027-01-01", "reason": "too many, until 3"},
        ),
        ("block <@U2|bob> for 3 days spam", {"act": "block", "member": "U2", "days": 3, "reason": "spam"}),
        ("block <@U2> --days 3 --reason=“so much spam”", {"act": "block", "member": "U2", "days": 3,
                                                          "reason": "so much spam"}),
        ("ブロック <@U2|bob> 全体 期限 2027-01-01 理由：多すぎる", {"act": "block", "member": "U2", "everywhere": True,
                                                                   "until": "2027-01-01", "reason": "多すぎる"}),
        ("grant <@U2> pro 14d a film", {"act": "grant", "member": "U2", "tier": "pro", "days": 14, "reason": "a film"}),
        ("grant <!subteam^S1|@film> plus", {"act": "grant", "group": "S1", "tier": "plus"}),
        ("grant <@U2> Pro for 2 weeks", {"act": "grant", "member": "U2", "tier": "Pro", "days": 14}),
        ("refund <@U2> for 3 days of trouble until now", {"act": "refund", "member": "U2",
                                                          "reason": "for 3 days of trouble until now"}),
        ("revoke U0123ABCD everywhere", {"act": "revoke", "member": "U0123ABCD", "everywhere": True}),
        ("refund `clip_0123456789abcdef` it was green", {"act": "refund", "clip": "clip_0123456789abcdef",
                                                         "reason": "it was green"}),
        ("unblock <@U2> by mistake", {"act": "unblock", "member": "U2", "reason": "by mistake"}),
        ("reset <@U2>", {"act": "reset", "member": "U2"}),
    ],
)  # fmt: skip
def test_what_is_typed_is_understood(text: str, said: dict[str, Any]) -> None:
    typed = read(text)
    assert typed is not None
    usual: dict[str, Any] = {"member": "", "group": "", "clip": "", "tier": "", "by": UsageBy.MEMBER, "month": "",
                             "until": "", "days": None, "everywhere": False, "reason": ""}  # fmt: skip
    assert {name: getattr(typed, name) for name in ("act", *usual)} == usual | said


@pytest.mark.parametrize("text", ["", "help", "govern <@U1>"])
def test_no_act_is_no_slip(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("block @ann spam", "allowed-admin-member"),  # the app sends no ids
        ("block <@U1> <@U2> spam", "allowed-admin-once"),
        ("grant <@U1> <!subteam^S1> plus", "allowed-admin-once"),
        ("block <@U1> spam everywhere", "allowed-admin-before-reason"),
        ("block <@U1> spam until 2027-01-01", "allowed-admin-before-reason"),
        ("block <@U1> spam --days 3", "allowed-admin-before-reason"),
        ("block <@U1> spam until friday", "allowed-admin-before-reason"),
        ("grant <@U1> pro for 2 hours", "allowed-admin-before-reason"),
        ("unblock <@U1> sorry, Everywhere", "allowed-admin-before-reason"),
        ("block <@U1> until", "allowed-until"),
        ("block <@U1> days soon", "allowed-whole"),
        ("usage by planet", "member, server, month, tier"),
        ("usage last month", "allowed-admin-usage"),
        ("audit <@U1> please", "allowed-admin-audit"),
        ("audit --month 2026-11", "--member"),
        ("reset <@U1> --everywhere", "--member, --reason"),
    ],
)
def test_a_slip_is_refused_and_never_lost_in_a_reason(text: str, allowed: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        read(text)
    assert refused.value.allowed == allowed
