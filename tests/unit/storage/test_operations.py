"""What operators look at and put right, on the rows."""

from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from inference.errors import AlreadyGivenBack, InvalidValue, NotFound
from inference.protocols import AdmissionLimits, Cancelled, Failed
from inference.types import (
    AuditQuery,
    GrantTier,
    Identity,
    JobFailure,
    JobId,
    JobStatus,
    Place,
    Refund,
    Requester,
    Signature,
    UsageBy,
    UsageQuery,
)
from storage import usage
from storage.books import check_books
from storage.database import open_database
from storage.figures import figures
from storage.joining import join
from storage.migrating import MIGRATIONS
from tests.unit.storage.conftest import PLACE, House, sqlite_only

ROOT = Signature(by=Identity("cli:local"), place=Place(platform="cli"), reason="asked for")
ANN = Identity("discord:ann")


async def refund(house: House, *jobs: JobId, members: tuple[Identity, ...] = (), place: Place | None = None) -> int:
    refund = Refund(jobs=jobs, members=members, reason="asked for")
    return (await house.operations.refund(refund, ROOT, place)).clips


async def joined(house: House, name: str, other: str) -> None:
    keep, gone = await house.member(name), await house.member(other)
    become_one = partial(join, keep=keep, gone=gone, now=house.clock.seconds, ranks=["free", "pro"])
    await house.database.writing(become_one)


# --- Giving back


async def test_a_returned_clip_may_be_made_again_and_once_only(house: House) -> None:
    limits = AdmissionLimits(clips_per_month=2, max_jobs=9)
    clip = await house.make(draft={"clips": 2})
    assert await refund(house, clip.id) == 2
    assert await house.used() == 0
    with pytest.raises(AlreadyGivenBack):
        await refund(house, clip.id)
    await house.admit(limits=limits)
    await house.admit(limits=limits)
    assert await house.used() == 2


async def test_a_return_goes_to_the_jobs_own_month(house: House) -> None:
    clip = await house.make()
    house.clock.seconds = datetime(2026, 12, 3, tzinfo=UTC).timestamp()
    await house.make()
    assert await refund(house, clip.id) == 1
    assert [await house.clips_in(month) for month in ("2026-11", "2026-12")] == [0, 1]


async def test_what_cost_nothing_is_not_given_back(house: House) -> None:
    waiting = await house.admit()
    running = await house.claim()
    free = await house.admit(clips=0)
    gone = await house.admit()
    await house.jobs.request_cancel(gone.id)
    for job in (waiting.id, free.id, gone.id):
        with pytest.raises(InvalidValue, match="made and charged"):
            await refund(house, job)
    await house.jobs.settle(running, Failed(failure=JobFailure(code="render_failed")))
    with pytest.raises(InvalidValue):
        await refund(house, running.job.id)
    with pytest.raises(NotFound):
        await refund(house, JobId("nothing"))
    assert (await house.operations.audit(AuditQuery())).entries == ()


async def test_all_or_nothing_is_given_back(house: House) -> None:
    good, other = await house.make(), await house.make()
    await refund(house, other.id)
    with pytest.raises(AlreadyGivenBack):
        await refund(house, good.id, other.id)
    assert await house.used() == 1
    assert len((await house.operations.audit(AuditQuery())).entries) == 1


async def test_a_members_month_is_given_back_but_for_what_was_before(house: House) -> None:
    first = await house.make()
    house.clock.seconds = datetime(2026, 12, 3, tzinfo=UTC).timestamp()
    second, third = await house.make(), await house.make()
    await house.make("bob")
    await house.admit()
    await refund(house, second.id)
    assert await refund(house, third.id, members=(ANN,)) == 1  # named twice is once
    assert await house.used() == 1  # what is on its way
    assert await house.used("bob") == 1
    assert await house.clips_in("2026-11") == 1
    assert await refund(house, first.id, members=(ANN,)) == 1
    with pytest.raises(NotFound):
        await refund(house, members=(Identity("discord:nobody"),))


async def test_a_month_that_began_anew_and_a_return_give_nothing_twice(house: House) -> None:
    clips = [await house.make() for _ in range(3)]
    await refund(house, clips[0].id)
    member = await house.member()
    await house.accounts.reset(member, ROOT)
    month = await house.accounts.month(member)
    assert (month.used, month.credit) == (2, 2)
    for clip in clips:
        with pytest.raises(AlreadyGivenBack):
            await refund(house, clip.id)
    newer = await house.make()
    assert await refund(house, newer.id) == 1
    await house.accounts.reset(member, ROOT)
    month = await house.accounts.month(member)
    assert (month.used, month.credit) == (2, 2)


async def test_a_place_narrows_what_is_given_back(house: House) -> None:
    here = await house.make()
    away = Requester(identity=ANN, place=Place(platform="discord", workspace="other"))
    there = await house.make(draft={"requester": away})
    with pytest.raises(NotFound):
        await refund(house, there.id, place=PLACE)
    assert await refund(house, members=(ANN,), place=PLACE) == 1
    with pytest.raises(AlreadyGivenBack):
        await refund(house, here.id, place=PLACE)
    assert await house.used() == 1


# --- The log


async def test_a_refund_stands_in_the_log_with_what_was_so_before(house: House) -> None:
    clip = await house.make()
    await refund(house, clip.id)
    (entry,) = (await house.operations.audit(AuditQuery())).entries
    assert (entry.act, entry.subject, entry.reason) == ("refund", clip.id, "asked for")
    assert (entry.by.identities, entry.whom and entry.whom.identities) == ((ROOT.by,), (ANN,))
    assert (entry.before, entry.after) == ({"month": "2026-11", "used": 1}, {"month": "2026-11", "used": 0})
    assert entry.at == datetime.fromtimestamp(house.clock.seconds, UTC)


async def test_an_act_and_its_entry_come_and_fail_together(house: House) -> None:
    member = await house.member()
    ended = datetime.fromtimestamp(house.clock.seconds, UTC)
    with pytest.raises(InvalidValue):
        await house.accounts.change(member, GrantTier(tier="pro", until=ended), ROOT)
    assert (await house.operations.audit(AuditQuery())).entries == ()
    later = ended + timedelta(days=1)
    await house.accounts.change(member, GrantTier(tier="pro", until=later), ROOT)
    (entry,) = (await house.operations.audit(AuditQuery())).entries
    assert entry.before == {"tier_grant": None, "tier_until": None}
    assert entry.after == {"tier_grant": "pro", "tier_until": later.isoformat()}


async def test_nobody_changes_the_log(house: House) -> None:
    await house.accounts.change(await house.member(), GrantTier(tier="pro"), ROOT)
    attempts = ["UPDATE audit_entries SET reason = 'other'", "DELETE FROM audit_entries"]
    if house.url.startswith("postgresql"):
        attempts.append("TRUNCATE audit_entries")
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="append-only"):
            async with house.database.write() as connection:
                await connection.execute(text(attempt))
    (entry,) = (await house.operations.audit(AuditQuery())).entries
    assert entry.reason == "asked for"


async def test_the_log_is_read_by_member_by_time_by_place_and_in_pages(house: House) -> None:
    for name in ("ann", "bob", "ann"):
        house.clock.pass_(60)
        await house.accounts.change(await house.member(name), GrantTier(tier="pro"), ROOT)
    everything = (await house.operations.audit(AuditQuery())).entries
    assert [entry.id for entry in everything] == [3, 2, 1]
    assert [e.id for e in (await house.operations.audit(AuditQuery(member=ANN))).entries] == [3, 1]
    assert len((await house.operations.audit(AuditQuery(member=ROOT.by))).entries) == 3
    assert (await house.operations.audit(AuditQuery(member=Identity("discord:eve")))).entries == ()
    late = datetime.fromtimestamp(house.clock.seconds - 60, UTC)
    assert [e.id for e in (await house.operations.audit(AuditQuery(after=late))).entries] == [3, 2]
    page = await house.operations.audit(AuditQuery(limit=2))
    assert ([e.id for e in page.entries], page.has_more) == ([3, 2], True)
    page = await house.operations.audit(AuditQuery(limit=2, behind=2))
    assert ([e.id for e in page.entries], page.has_more) == ([1], False)
    assert (await house.operations.audit(AuditQuery(), PLACE)).entries == ()


async def test_who_was_forgotten_stays_in_the_log_without_a_name(house: House) -> None:
    member = await house.member()
    await house.accounts.change(member, GrantTier(tier="pro"), ROOT)
    async with house.database.write() as connection:
        await connection.execute(text("DELETE FROM identities WHERE identity = 'discord:ann'"))
    (entry,) = (await house.operations.audit(AuditQuery())).entries
    assert entry.whom is not None
    assert (entry.whom.member, entry.whom.identities) == (member, ())


async def test_who_was_joined_with_another_is_that_other_in_the_log(house: House) -> None:
    for name in ("ann", "bob", "cyd"):
        await house.accounts.change(await house.member(name), GrantTier(tier="pro"), ROOT)
    await joined(house, "bob", "cyd")
    await joined(house, "ann", "bob")
    ann = await house.member("ann")
    for name in ("ann", "bob", "cyd"):
        entries = (await house.operations.audit(AuditQuery(member=Identity(f"discord:{name}")))).entries
        assert len(entries) == 3
        assert {entry.whom and entry.whom.member for entry in entries} == {ann}
        assert {len(entry.whom.identities) for entry in entries if entry.whom} == {3}


async def test_what_was_given_back_stays_so_where_two_become_one(house: House) -> None:
    clips = [await house.make(name) for name in ("ann", "bob", "bob")]
    await house.accounts.reset(await house.member("bob"), ROOT)
    await refund(house, clips[0].id)
    await joined(house, "ann", "bob")
    keep = await house.member("ann")
    month = await house.accounts.month(keep)
    assert (month.used, month.credit) == (2, 2)
    for clip in clips:
        with pytest.raises(AlreadyGivenBack):
            await refund(house, clip.id)
    await house.accounts.reset(keep, ROOT)
    assert await house.accounts.month(keep) == month


# --- Use


async def admitted(house: House) -> None:
    """Ann: one made and given back, one made, one cancelled, one last month. Bob elsewhere: 3 clips on their way."""
    house.clock.seconds = datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC).timestamp()
    await house.make()
    house.clock.seconds = datetime(2026, 11, 15, tzinfo=UTC).timestamp()
    returned = await house.make()
    await refund(house, returned.id)
    await house.make()
    await house.jobs.request_cancel((await house.admit("ann", tier="plus")).id)
    away = Requester(identity=Identity("discord:bob"), place=Place(platform="discord"))
    await house.admit("bob", clips=3, tier="pro", requester=away)
    await house.member("idle")


async def test_use_by_member(house: House) -> None:
    await admitted(house)
    report = await house.operations.usage(UsageQuery())
    assert (report.by, report.month, report.server) == (UsageBy.MEMBER, "2026-11", "")
    bob, ann = report.rows
    assert (bob.identities, bob.tier, bob.clips, bob.jobs) == (("discord:bob",), "pro", 3, {JobStatus.QUEUED: 1})
    assert (ann.identities, ann.tier, ann.clips) == (("discord:ann",), "plus", 1)
    assert ann.jobs == {JobStatus.SUCCEEDED: 2, JobStatus.CANCELLED: 1}
    assert [row.clips for row in report.rows] == [await house.used("bob"), await house.used("ann")]
    assert [row.clips for row in (await house.operations.usage(UsageQuery(month="2026-10"))).rows] == [1]
    assert (await house.operations.usage(UsageQuery(month="2020-01"))).rows == ()


async def test_use_by_server_month_and_tier(house: House) -> None:
    await admitted(house)

    async def rows(by: UsageBy, month: str | None = None, place: Place | None = None) -> list[tuple[str, int, int]]:
        report = await house.operations.usage(UsageQuery(by=by, month=month), place)
        return [(row.key, row.clips, row.members) for row in report.rows]

    assert await rows(UsageBy.SERVER) == [("discord:", 3, 1), ("discord:W", 1, 1)]
    assert await rows(UsageBy.TIER) == [("pro", 3, 1), ("free", 1, 1), ("plus", 0, 1)]
    assert await rows(UsageBy.MONTH) == [("2026-11", 4, 2), ("2026-10", 1, 1)]
    assert await rows(UsageBy.MONTH, "2026-10") == [("2026-10", 1, 1)]
    assert await rows(UsageBy.MONTH, place=PLACE) == [("2026-11", 1, 1), ("2026-10", 1, 1)]
    assert [key for key, _, _ in await rows(UsageBy.MEMBER, place=PLACE)] == [await house.member("ann")]


@pytest.mark.parametrize("month", ["", "2026", "2026-13", "11-2026", "last"])
async def test_use_asks_for_a_month(house: House, month: str) -> None:
    with pytest.raises(InvalidValue):
        await house.operations.usage(UsageQuery(month=month))


# --- Figures


async def test_figures_of_a_house_where_nothing_happened(house: House) -> None:
    figures = await house.operations.figures(3)
    assert (figures.waiting, dict(figures.held), figures.presets, figures.tiers) == (0, {}, [], ())
    assert [tally.day for tally in figures.clips] == [date(2026, 11, day) for day in (13, 14, 15)]
    assert [tally.total for tally in (*figures.clips, *figures.failures)] == [0] * 6


async def test_figures_tell_days_failures_and_seconds(house: House) -> None:
    house.clock.seconds = datetime(2026, 11, 13, 23, 59, 59, tzinfo=UTC).timestamp()
    await house.make(seconds_taken=1.0)
    house.clock.seconds = datetime(2026, 11, 15, 0, 0, 1, tzinfo=UTC).timestamp()
    for seconds in (2.0, 3.0, 9.0):
        await house.make(seconds_taken=seconds)
    for code in ("render_failed", "render_failed", "out_of_memory"):
        await house.admit()
        await house.jobs.settle(await house.claim(), Failed(failure=JobFailure(code=code)))
    await house.admit()
    await house.jobs.settle(await house.claim(), Cancelled())
    await house.admit()
    held = await house.claim("w7")
    await house.admit()
    figures = await house.operations.figures(3)
    assert [dict(tally.counts) for tally in figures.clips] == [{"pocket": 1}, {}, {"pocket": 3}]
    assert [dict(tally.counts) for tally in figures.failures] == [{}, {}, {"render_failed": 2, "out_of_memory": 1}]
    (preset,) = figures.presets
    assert (preset.preset, preset.clips, preset.median) == ("pocket", 4, 2.5)
    assert 3.0 < preset.ninth_decile <= 9.0
    assert (figures.waiting, dict(figures.held)) == (1, {held.job.id: "w7"})
    assert [(row.key, row.clips) for row in figures.tiers] == [("free", 6)]


@sqlite_only
async def test_reports_read_indexes_and_no_jobs_row(house: House) -> None:
    """Of 10⁵ jobs the rows, with their recipes, are some hundred megabytes."""
    statements: list[str] = []
    now = house.clock.seconds
    async with house.database.read() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.set_trace_callback(statements.append)
        for by in UsageBy:
            for place in (None, PLACE):
                await connection.run_sync(usage.report, UsageQuery(by=by), now, place)
        await connection.run_sync(figures, now, 30)
        await driver.set_trace_callback(None)
        selects = [statement for statement in statements if "FROM jobs" in statement or "JOIN" in statement]
        assert len(selects) > 15
        for select in selects:
            plan = [row[3] for row in await connection.execute(text(f"EXPLAIN QUERY PLAN {select}"))]
            steps = [step for step in plan if " jobs " in step or "ledger_entries" in step]
            assert steps
            # A job's own row is only looked up of the few that were given back, and of those that run.
            few = ("COVERING INDEX", "(id=?)", "given_back_once", "ix_jobs_failures")
            is_running = "jobs.status = 'running'" in select
            assert is_running or all(any(word in step for word in few) for step in steps), plan


# --- From older databases


@sqlite_only
async def test_an_older_database_keeps_its_books(tmp_path: Path) -> None:
    """Of revision 0010: a month that began anew after job a, and what happened since."""
    file = tmp_path / "old.db"
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        migrate(connection, "0010")
        for statement in OLDER:
            connection.execute(text(statement))
    engine.dispose()
    async with open_database(f"sqlite+aiosqlite:///{file}") as database:
        assert await check_books(database) == []
        async with database.read() as read:
            jobs = (await read.execute(text("SELECT id, platform, workspace, failure_code FROM jobs"))).all()
            entered = (await read.execute(text("SELECT job_id, kind, clips FROM ledger_entries ORDER BY id"))).all()
    assert jobs == [("a", "slack", "T", None), ("b", "slack", "T", "render_failed"), ("c", "slack", "T", None)]
    assert entered[-1] == ("a", "credit", 2)
    assert len(entered) == 7


REQUESTER = '{"identity": "slack:T:U", "place": {"platform": "slack", "workspace": "T", "channel": "C"}}'
JOB = """INSERT INTO jobs (id, member_id, requester, reply_to, operation, recipe, preset, tier, weight, device_seconds,
    private, clips, month, used_then, limit_then, status, attempt, fence, cancel_requested, delivered, created_at,
    finished_at, failure) VALUES ('{id}', 'm', '{requester}', '', '{{}}', '{{}}', 'pocket', 'free', 1, 1, 0, {clips},
    '2026-11', 1, 10, '{status}', 1, 1, 0, 1, 0, 1, {failure})"""
BROKEN = """'{"code": "render_failed", "fields": {}}'"""
CLIP = """INSERT INTO clips (id, member_id, author, root_id, text, prompt, recipe, width, height, native_width,
    native_height, num_frames, fps, seed, preset, private, platform, workspace, channel, video_bytes, created_at,
    seconds_taken) VALUES ('{id}', 'm', 'U', '{id}', '', '', '{{}}', 1, 1, 1, 1, 1, 1, 1, 'pocket', 0, 'slack', 'T',
    'C', 1, 0, 1)"""
OLDER = [
    "INSERT INTO members (id, settings, virtual_time, created_at) VALUES ('m', '{}', 0, 0)",
    "INSERT INTO quota_months (member_id, month, used, credit) VALUES ('m', '2026-11', 3, 2)",
    *(
        JOB.format(id=id_, requester=REQUESTER, clips=clips, status=status, failure=failure)
        for id_, clips, status, failure in (
            ("a", 2, "succeeded", "NULL"),
            ("b", 1, "failed", BROKEN),
            ("c", 1, "succeeded", "NULL"),
        )
    ),
    *(
        "INSERT INTO ledger_entries (job_id, member_id, month, kind, clips, created_at)"
        f" VALUES ('{job}', 'm', '2026-11', '{kind}', {clips}, 0)"
        for job, kind, clips in (
            ("a", "reserve", 2),
            ("a", "commit", 2),
            ("b", "reserve", 1),
            ("b", "refund", 1),
            ("c", "reserve", 1),
            ("c", "commit", 1),
        )
    ),
    *(CLIP.format(id=id_) for id_ in ("a", "c")),
    *(f"INSERT INTO clip_blobs (clip_id, name, blob) VALUES ('{id_}', 'video', 'x')" for id_ in ("a", "c")),
    *(
        f"INSERT INTO outbox (job_id, status, created_at) VALUES ('{id_}', '{status}', 0)"
        for id_, status in (("a", "succeeded"), ("b", "failed"), ("c", "succeeded"))
    ),
]


def migrate(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
