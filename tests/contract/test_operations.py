"""What Operations promises, whichever implementation serves it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from inference.errors import (
    AlreadyGivenBack,
    InvalidValue,
    MemberBlocked,
    NotAllowed,
    NotFound,
    ServerNotTrusted,
)
from inference.scheduler import choose
from inference.types import (
    AuditQuery,
    BlockMember,
    ChangePolicy,
    ChangeSettings,
    Generate,
    GiveTier,
    GrantTier,
    Identity,
    JobId,
    JobStatus,
    MemberSettings,
    MemberState,
    MemberStatus,
    Place,
    PolicyWish,
    Refund,
    Requester,
    ResetMonth,
    SetStatus,
    Stage,
    UsageBy,
    UsageQuery,
    WorkerSeen,
    WorkerState,
)
from tests.support.api import serve
from tests.support.clock import Clock
from tests.support.databases import Databases
from tests.support.studio import Studio, open_studio, operator

BALL = Generate(prompt="a red ball")
HOME = Place(platform="discord", workspace="7", channel="70")
AWAY = Place(platform="discord", workspace="8", channel="80")
ROOT = operator()


def someone(name: str, place: Place = HOME, *, manages: bool = False) -> Requester:
    return Requester(identity=Identity(f"discord:{name}"), display_name=name, place=place, manages=manages)


ANN, BOB, BOSS, EVE = someone("1"), someone("2", AWAY), someone("3", manages=True), someone("9")
#: Named by the setting `operators`.
CHIEF = someone("5")


@pytest.fixture(params=[("service", "sqlite"), ("client", "sqlite"), ("service", "postgresql")], ids="-".join)
async def studio(request: pytest.FixtureRequest, databases: Databases, tmp_path: Path) -> AsyncIterator[Studio]:
    """The managers of server 7 may give up to plus; one member of Discord is an operator."""
    door, kind = request.param
    seen = [WorkerSeen(name=name, state=WorkerState.READY, device="cpu") for name in ("w1", "w2")]
    async with open_studio(
        tmp_path,
        tier_managers={"discord:7": "plus"},
        operators=["discord:5"],
        workers=lambda: seen,
        database_url=databases.make(kind, tmp_path),
    ) as studio:
        if door == "service":
            yield studio
            return
        async with serve(studio) as served:
            yield served.studio


# --- Who may


async def test_members_are_told_nothing_of_others(studio: Studio) -> None:
    for attempt in (
        studio.face.usage(UsageQuery(), ANN),
        studio.face.plot(UsageQuery(), ANN),
        studio.face.audit(AuditQuery(), ANN),
        studio.face.refund(Refund(members=(ANN.identity,), reason="please"), ANN),
        studio.face.overview(ANN),
        studio.face.overview(BOSS),
        studio.face.usage(UsageQuery(), replace(BOSS, place=Place(platform="discord"))),
    ):
        with pytest.raises(NotAllowed):
            await attempt


async def test_managers_are_told_of_their_server(studio: Studio) -> None:
    await studio.make(BALL, ANN)
    await studio.make(BALL, BOB)
    await studio.make(BALL, replace(ANN, place=AWAY))
    report = await studio.face.usage(UsageQuery(), BOSS)
    assert report.server == "discord:7"
    assert [(row.identities, row.clips) for row in report.rows] == [((ANN.identity,), 1)]
    by_server = await studio.face.usage(UsageQuery(by=UsageBy.SERVER), BOSS)
    assert [row.key for row in by_server.rows] == ["discord:7"]
    everything = await studio.operators.usage(UsageQuery(by=UsageBy.SERVER), ROOT)
    assert [(row.key, row.clips) for row in everything.rows] == [("discord:8", 2), ("discord:7", 1)]


async def test_operators_named_by_the_setting_administer_and_are_members_else(studio: Studio) -> None:
    secret = await studio.make(replace(BALL, private=True), ANN)
    assert (await studio.face.usage(UsageQuery(), CHIEF)).rows
    assert (await studio.face.overview(CHIEF)).waiting == 0
    await studio.face.change_account(GrantTier(tier="pro"), CHIEF, BOB.identity)
    await studio.face.govern(GiveTier(to="member", subject="discord:1", tier="pro"), replace(CHIEF, place=AWAY))
    assert (await studio.face.refund(Refund(jobs=(secret.id,), reason="gift"), CHIEF)).clips == 1
    assert (await studio.face.account(CHIEF)).tier.name == "free"
    with pytest.raises(NotFound):
        await studio.face.clip(secret.id, CHIEF)
    entries = (await studio.operators.audit(AuditQuery(), ROOT)).entries
    assert {entry.by.identities for entry in entries} == {(CHIEF.identity,)}


@pytest.mark.parametrize("name", ["playground:pro", "discord:ann", "discord", "api:x", "slack:U1", "discord:*", ""])
async def test_only_people_of_a_chat_can_be_operators(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is no person of a chat"):
        async with open_studio(tmp_path, operators=[name]):
            pass


# --- Use


async def test_operators_see_everyones_use(studio: Studio) -> None:
    await studio.make(BALL, BOB)
    await studio.make(BALL, BOB)
    await studio.make(BALL, ANN)
    report = await studio.operators.usage(UsageQuery(), ROOT)
    assert [(row.identities, row.clips, row.tier) for row in report.rows] == [
        ((BOB.identity,), 2, "free"),
        ((ANN.identity,), 1, "free"),
    ]
    assert (await studio.operators.usage(UsageQuery(month="2020-01"), ROOT)).rows == ()
    with pytest.raises(InvalidValue, match="month"):
        await studio.operators.usage(UsageQuery(month="soon"), ROOT)


@pytest.mark.parametrize("by", UsageBy)
async def test_a_plot_is_a_picture_of_the_report(studio: Studio, by: UsageBy) -> None:
    empty = await studio.operators.plot(UsageQuery(by=by), ROOT)
    for number in range(3):
        await studio.make(BALL, someone(f"{number}$_^{{"))
    full = await studio.operators.plot(UsageQuery(by=by), ROOT)
    for picture in (empty, full):
        with Image.open(BytesIO(picture)) as image:
            assert image.format == "PNG"
            assert image.width > 500
    assert empty != full
    with pytest.raises(InvalidValue, match="month"):
        await studio.operators.plot(UsageQuery(by=by, month="soon"), ROOT)


# --- Giving back


async def test_a_refund_opens_the_month_again(studio: Studio) -> None:
    clips = [await studio.make(BALL, ANN) for _ in range(10)]
    refunded = await studio.operators.refund(Refund(jobs=(clips[0].id, clips[1].id), reason="broken"), ROOT)
    assert (refunded.jobs, refunded.clips) == ((clips[0].id, clips[1].id), 2)
    assert await studio.used(ANN) == 8
    with pytest.raises(AlreadyGivenBack) as refused:
        await studio.operators.refund(Refund(jobs=(clips[0].id,), reason="again"), ROOT)
    assert refused.value.job == clips[0].id
    rest = await studio.operators.refund(Refund(members=(ANN.identity,), reason="all"), ROOT)
    assert (rest.clips, await studio.used(ANN)) == (8, 0)


@pytest.mark.parametrize(
    ("refund", "error"),
    [
        (Refund(jobs=(JobId("clip_none"),), reason="x"), NotFound),
        (Refund(members=(Identity("discord:404"),), reason="x"), NotFound),
        (Refund(jobs=(JobId("clip_none"),), reason=" "), InvalidValue),
        (Refund(jobs=(JobId("clip_none"),), reason="x" * 501), InvalidValue),
        (Refund(reason="x"), InvalidValue),
    ],
)
async def test_a_slip_of_a_refund_is_named(studio: Studio, refund: Refund, error: type[Exception]) -> None:
    with pytest.raises(error):
        await studio.operators.refund(refund, ROOT)


async def test_a_job_under_way_is_not_refunded_and_goes_on(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN)
    with pytest.raises(InvalidValue, match="made and charged"):
        await studio.operators.refund(Refund(jobs=(job.id,), reason="x"), ROOT)
    assert (await studio.face.get(job.id, ANN)).status is JobStatus.QUEUED


async def test_managers_refund_in_their_server_where_they_are_trusted(studio: Studio) -> None:
    here, there = await studio.make(BALL, ANN), await studio.make(BALL, BOB)
    assert (await studio.face.refund(Refund(jobs=(here.id,), reason="broken"), BOSS)).clips == 1
    with pytest.raises(NotFound):
        await studio.face.refund(Refund(jobs=(there.id,), reason="broken"), BOSS)
    with pytest.raises(ServerNotTrusted):
        await studio.face.refund(Refund(jobs=(there.id,), reason="broken"), replace(BOSS, place=AWAY))
    assert await studio.used(BOB) == 1


# --- The log


async def test_every_act_is_written_down(studio: Studio) -> None:
    until = datetime.now(UTC) + timedelta(days=3)
    await studio.face.govern(ChangePolicy(channel="70", wish=PolicyWish(usable=False)), BOSS)
    await studio.face.govern(ChangePolicy(channel="70", wish=PolicyWish(), reason="open again"), BOSS)
    await studio.face.govern(GiveTier(to="member", subject="discord:1", tier="plus", until=until, reason="fan"), BOSS)
    await studio.face.govern(GiveTier(to="role", subject="discord:555", tier="plus"), BOSS)
    await studio.face.govern(BlockMember(member=EVE.identity, blocked=True, reason="spam"), BOSS)
    clip = await studio.make(BALL, ANN)
    await studio.face.govern(ResetMonth(member=ANN.identity, reason="contest"), BOSS)
    other = await studio.make(BALL, ANN)
    await studio.operators.refund(Refund(jobs=(other.id,), reason="broken"), ROOT)
    await studio.operators.change_account(GrantTier(tier="pro", reason="friend"), ROOT, ANN.identity)
    ban = SetStatus(status=MemberStatus(state=MemberState.BANNED, reason="again spam"))
    await studio.operators.change_account(ban, ROOT, EVE.identity)
    entries = list(reversed((await studio.operators.audit(AuditQuery(), ROOT)).entries))
    month = entries[6].before["month"]
    told = [
        (entry.act, entry.by.identities[0], entry.place.workspace, entry.whom and entry.whom.identities[0],
         entry.subject, entry.reason, entry.before, entry.after)
        for entry in entries
    ]  # fmt: skip
    boss, ann, eve, root = BOSS.identity, ANN.identity, EVE.identity, ROOT.identity
    ends = until.isoformat()
    no_end: dict[str, object] = {"status_reason": "", "status": "active"}
    assert told[:9] == [
        ("policy", boss, "7", None, "70", "", {}, {"usable": False}),
        ("policy", boss, "7", None, "70", "open again", {"usable": False}, {}),
        ("tier", boss, "7", ann, "", "fan", {"tier": None}, {"tier": "plus", "until": ends}),
        ("tier", boss, "7", None, "discord:555", "", {"tier": None}, {"tier": "plus"}),
        ("block", boss, "7", eve, "", "spam", {"blocked": False}, {"blocked": True}),
        ("reset", boss, "7", ann, "", "contest", {"month": month, "credit": 0}, {"month": month, "credit": 1}),
        ("refund", root, "", ann, other.id, "broken", {"month": month, "used": 2}, {"month": month, "used": 1}),
        ("grant", root, "", ann, "", "friend", {"tier_grant": None}, {"tier_grant": "pro"}),
        ("status", root, "", eve, "", "again spam", no_end, {"status": "banned", "status_reason": "again spam"}),
    ]
    assert clip.id


async def test_what_was_refused_is_not_written_down(studio: Studio) -> None:
    for attempt in (
        studio.face.govern(GiveTier(to="member", subject="discord:1", tier="pro"), BOSS),
        studio.face.govern(BlockMember(member=EVE.identity, blocked=True), ANN),
        studio.face.govern(BlockMember(member=EVE.identity, blocked=True, reason="x" * 501), BOSS),
        studio.face.change_account(GrantTier(tier="pro"), ANN),
        studio.operators.change_account(GrantTier(tier="gold"), ROOT, ANN.identity),
    ):
        with pytest.raises((NotAllowed, InvalidValue)):
            await attempt
    assert (await studio.operators.audit(AuditQuery(), ROOT)).entries == ()


async def test_managers_read_the_log_of_their_server(studio: Studio) -> None:
    await studio.face.govern(BlockMember(member=EVE.identity, blocked=True), BOSS)
    await studio.face.govern(BlockMember(member=EVE.identity, blocked=True), replace(BOSS, place=AWAY))
    await studio.operators.change_account(GrantTier(tier="pro"), ROOT, EVE.identity)
    entries = (await studio.face.audit(AuditQuery(), BOSS)).entries
    assert [(entry.act, entry.place.workspace) for entry in entries] == [("block", "7")]
    assert len((await studio.operators.audit(AuditQuery(member=EVE.identity), ROOT)).entries) == 3


async def test_ones_own_choices_are_nobody_elses_business(studio: Studio) -> None:
    own = ChangeSettings(settings=MemberSettings(seconds=3))
    await studio.face.change_account(own, ANN)
    assert (await studio.operators.audit(AuditQuery(), ROOT)).entries == ()
    await studio.operators.change_account(own, ROOT, ANN.identity)
    (entry,) = (await studio.operators.audit(AuditQuery(), ROOT)).entries
    assert entry.act == "settings"


@pytest.mark.parametrize("query", [AuditQuery(limit=0), AuditQuery(limit=201), AuditQuery(after=datetime(2026, 1, 1))])  # noqa: DTZ001  # which is what is refused
async def test_a_slip_of_a_question_is_named(studio: Studio, query: AuditQuery) -> None:
    with pytest.raises(InvalidValue):
        await studio.operators.audit(query, ROOT)


# --- Ends


async def test_a_managers_word_ends_when_it_was_said_to(tmp_path: Path) -> None:
    clock = Clock()
    async with open_studio(tmp_path, clock=clock, tier_managers={"discord:7": "plus"}) as studio:
        until = datetime.fromtimestamp(clock.seconds, UTC) + timedelta(hours=1)
        await studio.face.govern(GiveTier(to="member", subject="discord:1", tier="plus", until=until), BOSS)
        await studio.face.govern(BlockMember(member=EVE.identity, blocked=True, until=until, reason="spam"), BOSS)
        assert (await studio.face.account(ANN)).tier.name == "plus"
        with pytest.raises(MemberBlocked) as refused:
            await studio.face.submit(BALL, EVE)
        assert (refused.value.reason, refused.value.until) == ("spam", until.isoformat())
        clock.pass_(3600)
        assert (await studio.face.account(ANN)).tier.name == "free"
        await studio.make(BALL, EVE)
        with pytest.raises(InvalidValue, match="still to come"):
            await studio.face.govern(BlockMember(member=EVE.identity, blocked=True, until=until), BOSS)
        with pytest.raises(InvalidValue, match="the end of what is given"):
            await studio.face.govern(BlockMember(member=EVE.identity, blocked=False, until=until), BOSS)


# --- The overview


async def test_an_overview_of_a_house_where_nothing_happens(studio: Studio) -> None:
    seen = await studio.operators.overview(ROOT)
    assert (seen.waiting, seen.queue, seen.presets, seen.tiers) == (0, (), (), ())
    assert [(worker.name, worker.state, worker.job) for worker in seen.workers] == [
        ("w1", WorkerState.READY, None),
        ("w2", WorkerState.READY, None),
    ]
    assert (len(seen.clips), sum(day.total for day in (*seen.clips, *seen.failures))) == (30, 0)
    assert seen.clips[-1].day == seen.at.date()


async def test_an_overview_shows_what_runs_what_waits_and_what_was(studio: Studio) -> None:
    await studio.make(BALL, ANN)
    await studio.face.submit(BALL, ANN)
    await studio.fail(await studio.claim())
    running = await studio.face.submit(BALL, ANN)
    claim = await studio.claim()
    await studio.show(claim, 4)
    waiting = await studio.face.submit(BALL, BOB)
    seen = await studio.operators.overview(ROOT)
    assert seen.waiting == 1
    (queued,) = seen.queue
    assert (queued.job, queued.name, queued.identity, queued.ahead) == (waiting.id, "2", BOB.identity, 0)
    busy, idle = seen.workers
    assert (busy.name, busy.state, busy.device, idle.state) == ("w1", WorkerState.BUSY, "cpu", WorkerState.READY)
    assert busy.job is not None
    assert (busy.job.job, busy.job.stage, busy.job.fraction) == (running.id, Stage.DENOISING, 0.5)
    assert (seen.clips[-1].counts, seen.failures[-1].counts) == ({"pocket": 1}, {"render_failed": 1})
    assert [(preset.preset, preset.clips, preset.median) for preset in seen.presets] == [("pocket", 1, 4.0)]
    assert [(tier.key, tier.clips, tier.members) for tier in seen.tiers] == [("free", 3, 2)]
    assert "a red ball" not in repr(seen)  # figures and names, no prompts


async def test_a_worker_of_another_machine_is_seen_while_it_works(studio: Studio) -> None:
    await studio.face.submit(BALL, ANN)
    claim = await studio.jobs.claim("far", choose, None, timedelta(seconds=30))
    assert claim is not None
    far = (await studio.operators.overview(ROOT)).workers[-1]
    assert (far.name, far.state) == ("far", WorkerState.BUSY)
