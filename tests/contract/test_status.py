"""What an operator's word about a member does, whichever implementation serves it."""

from datetime import UTC, datetime, timedelta

import pytest

from inference.errors import InvalidValue, MemberBanned, MemberSuspended, NotAllowed, NothingToUndo
from inference.types import (
    OPERATORS,
    Again,
    AuditQuery,
    ChangeSettings,
    Generate,
    Identity,
    JobStatus,
    MemberSettings,
    MemberState,
    MemberStatus,
    SetStatus,
)
from tests.support.studio import Studio, member, operator

ANN = member("ann")
BALL = Generate(prompt="a red ball rising over the sea")
TOMORROW = datetime.now(UTC) + timedelta(days=1)
SUSPENDED = MemberStatus(state=MemberState.SUSPENDED, until=TOMORROW, reason="too many reports")
BANNED = MemberStatus(state=MemberState.BANNED, reason="spam")


async def say(studio: Studio, status: MemberStatus) -> None:
    account = await studio.operators.change_account(SetStatus(status=status), operator(), ANN.identity)
    assert account.status == status


async def test_who_is_suspended_is_told_why_and_until_when_and_charged_nothing(studio: Studio) -> None:
    await say(studio, SUSPENDED)
    with pytest.raises(MemberSuspended) as refusal:
        await studio.face.submit(BALL, ANN)
    assert datetime.fromisoformat(refusal.value.until) == TOMORROW
    assert refusal.value.reason == "too many reports"
    assert await studio.untouched(ANN)
    assert (await studio.face.account(ANN)).status == SUSPENDED


async def test_who_is_banned_asks_for_nothing_until_it_is_taken_back(studio: Studio) -> None:
    await say(studio, BANNED)
    with pytest.raises(MemberBanned, match="spam"):
        await studio.face.submit(BALL, ANN)
    await say(studio, MemberStatus())
    assert (await studio.face.submit(BALL, ANN)).status is JobStatus.QUEUED


async def test_what_was_made_stays_theirs_to_see_to_change_and_to_delete(studio: Studio) -> None:
    clip = await studio.make(BALL, ANN)
    await say(studio, BANNED)
    assert (await studio.face.clip(clip.id, ANN)).clip.id == clip.id
    await studio.face.change_account(ChangeSettings(settings=MemberSettings(seconds=2)), ANN)
    with pytest.raises(MemberBanned):
        await studio.face.submit(Again(parent=clip.id), ANN)
    await studio.face.delete(clip.id, ANN)


async def test_what_waits_or_runs_is_cancelled_and_given_back(studio: Studio) -> None:
    pro = member("ann", "pro")
    await studio.face.submit(BALL, pro)
    running = await studio.claim()
    queued = await studio.face.submit(BALL, pro)
    await say(studio, SUSPENDED)
    assert (await studio.face.get(queued.id, pro)).status is JobStatus.CANCELLED
    assert (await studio.face.get(running.job.id, pro)).cancel_requested
    await studio.stop(running)
    assert await studio.used(pro) == 0


async def test_a_request_that_was_taken_before_is_still_known(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN, idempotency_key="k")
    await say(studio, BANNED)
    assert (await studio.face.submit(BALL, ANN, idempotency_key="k")).id == job.id


async def test_a_member_can_be_banned_before_their_first_request(studio: Studio) -> None:
    await say(studio, BANNED)
    with pytest.raises(MemberBanned):
        await studio.face.submit(BALL, ANN)


async def test_only_operators_say_so(studio: Studio) -> None:
    for whose in (None, ANN.identity, Identity("playground:bob")):
        with pytest.raises(NotAllowed):
            await studio.face.change_account(SetStatus(status=MemberStatus()), ANN, whose)


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (MemberStatus(state=MemberState.SUSPENDED, reason="x"), "until"),
        (MemberStatus(state=MemberState.SUSPENDED, reason="x", until=datetime(2020, 1, 1, tzinfo=UTC)), "until"),
        (MemberStatus(state=MemberState.SUSPENDED, reason="x", until=TOMORROW.replace(tzinfo=None)), "until"),
        (MemberStatus(state=MemberState.BANNED, reason="x", until=TOMORROW), "until"),
        (MemberStatus(until=TOMORROW), "until"),
        (MemberStatus(state=MemberState.BANNED), "reason"),
        (MemberStatus(state=MemberState.BANNED, reason=" "), "reason"),
        (MemberStatus(state=MemberState.BANNED, reason="x" * 201), "reason"),
    ],
)
async def test_a_slip_is_named(studio: Studio, status: MemberStatus, name: str) -> None:
    with pytest.raises(InvalidValue, match=name):
        await studio.operators.change_account(SetStatus(status=status), operator(), ANN.identity)
    assert (await studio.face.account(ANN)).status.is_active


async def test_who_is_not_blocked_is_not_said_to_be_unblocked(studio: Studio) -> None:
    forgiven = SetStatus(status=MemberStatus(reason="sorry"))
    with pytest.raises(NothingToUndo, match="block"):
        await studio.operators.change_account(forgiven, operator(), ANN.identity)
    assert (await studio.operators.audit(AuditQuery(member=ANN.identity), operator())).entries == ()


async def test_why_somebody_may_ask_again_stands_in_the_log_alone(studio: Studio) -> None:
    await say(studio, BANNED)
    forgiven = SetStatus(status=MemberStatus(reason="it was somebody else"))
    account = await studio.operators.change_account(forgiven, operator(), ANN.identity)
    assert account.status == MemberStatus()
    entry, *_ = (await studio.operators.audit(AuditQuery(member=ANN.identity), operator())).entries
    assert (entry.act, entry.reason) == ("status", "it was somebody else")
    with pytest.raises(InvalidValue, match="reason"):
        await say(studio, MemberStatus(reason="x" * 501))


async def test_operators_cannot_lock_themselves_out(studio: Studio) -> None:
    for identity in OPERATORS:
        with pytest.raises(InvalidValue, match="operator"):
            await studio.operators.change_account(SetStatus(status=BANNED), operator(), identity)
