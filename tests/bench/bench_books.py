"""How admission and reports of use fare on both databases as the past grows, and what being told of changes saves.

Databases with a thousand, a hundred thousand and a million past jobs of a thousand members (each job with its ledger entries
and events) take admissions in turns, a few each, so that whatever else the machine does falls on all alike. Every commit waits for
the disk. An admission is `SqlJobs.admit`, as the service calls it; the job is cancelled afterwards, outside of the measured time. A report is `SqlOperations.usage` of the month
in which all of the past lies.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import text

from inference.codec import to_json
from inference.protocols import AdmissionLimits, JobDraft
from inference.types import Identity, MemberId, Recipe, UsageBy, UsageQuery
from inference.worker.loop import LISTENING_SECONDS
from storage.accounts import SqlAccounts
from storage.bell import open_bell
from storage.books import check_books
from storage.database import Database, open_database
from storage.jobs import SqlJobs
from storage.operations import SqlOperations
from tests.support.databases import KINDS, Databases, Server
from tests.support.drafts import draft, recipe

SIZES = (1_000, 100_000, 1_000_000)
LIMITS = AdmissionLimits(clips_per_month=500, max_jobs=4, requests_per_minute=60)
"""As the tier pro has them: each member asks seldom enough."""
MEMBERS = 1000
IN_TURN = 10
WARM_UP = 3
"""Turns that are not counted."""
RINGS = 200
REPORTS = 5

PAST = (
    (
        "INSERT INTO members (id, settings, virtual_time, created_at)"
        " SELECT 'm' || i, '{}', 0, 1 FROM numbers WHERE i < :members"
    ),
    "INSERT INTO identities SELECT 'cli:m' || i, 'm' || i, 1 FROM numbers WHERE i < :members",
    "INSERT INTO quota_months (member_id, month, used) SELECT 'm' || i, '2026-01', 0 FROM numbers WHERE i < :members",
    (
        "INSERT INTO jobs (id, member_id, requester, reply_to, operation, recipe, preset, tier, weight, device_seconds, private,"
        " clips, month, used_then, limit_then, status, attempt, fence, cancel_requested, failure, delivered, created_at,"
        " started_at, finished_at) SELECT 'past' || i, 'm' || (i % :members), '{}', '', '{}', :recipe, 'pocket', 'free', 1, 1,"
        " false, 1, '2026-01', 1, 50, 'failed', 1, 1, false, '{}', true, 1767225600 + i, 1767225600 + i, 1767225600 + i"
        " FROM numbers"
    ),
    (
        "INSERT INTO ledger_entries (job_id, member_id, month, kind, clips, created_at)"
        " SELECT 'past' || i, 'm' || (i % :members), '2026-01', 'reserve', 1, 1 FROM numbers"
    ),
    (
        "INSERT INTO ledger_entries (job_id, member_id, month, kind, clips, created_at)"
        " SELECT 'past' || i, 'm' || (i % :members), '2026-01', 'refund', 1, 1 FROM numbers"
    ),
    (
        "INSERT INTO outbox (job_id, status, created_at)"
        " SELECT 'past' || (i / 3), CASE i % 3 WHEN 0 THEN 'queued' WHEN 1 THEN 'running' ELSE 'failed' END, 1 FROM thrice"
    ),
)
NUMBERS = (
    "WITH RECURSIVE thrice(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM thrice WHERE i + 1 < 3 * :jobs),"
    " numbers(i) AS (SELECT i FROM thrice WHERE i < :jobs) "
)


@dataclass
class House:
    """A database, and how long each admission into it took."""

    kind: str
    past: int
    database: Database
    seconds: list[float] = field(default_factory=list)
    asked: int = 0

    def draft(self, member: int) -> JobDraft:
        wanted = draft(MemberId(f"m{member}"))
        return replace(wanted, requester=replace(wanted.requester, identity=Identity(f"cli:m{member}")))

    async def fill(self) -> None:
        values = {"jobs": self.past, "members": MEMBERS, "recipe": to_json(Recipe, recipe())}
        async with self.database.write() as connection:
            for statement in PAST:
                wanted = text(NUMBERS + statement)
                await connection.execute(wanted, {name: values[name] for name in wanted.compile().params})
        analysing = self.database.engine.execution_options(isolation_level="AUTOCOMMIT", writes=False)
        async with analysing.connect() as connection:
            await connection.execute(text("VACUUM ANALYZE" if self.kind == "postgresql" else "ANALYZE"))

    async def turn(self) -> list[float]:
        """Seconds of some admissions, one after the other."""
        jobs = SqlJobs(self.database)
        taken = []
        for _ in range(IN_TURN):
            wanted = self.draft(self.asked % MEMBERS)
            self.asked += 1
            begun = time.perf_counter()
            job = await jobs.admit(wanted, LIMITS)
            taken.append(time.perf_counter() - begun)
            await jobs.request_cancel(job.id)
        return taken

    def report(self) -> str:
        p99 = statistics.quantiles(self.seconds, n=100, method="inclusive")[-1]
        median = statistics.median(self.seconds)
        return (
            f"{self.kind:>10}, {self.past:>9,} past jobs: {1 / median:5.0f} a second one after the other"
            f" (p10 {self.undisturbed * 1000:.2f} ms, median {median * 1000:.2f} ms, p99 {p99 * 1000:.1f} ms,"
            f" n {len(self.seconds)})"
        )

    @property
    def undisturbed(self) -> float:
        """The tenth percentile: what one takes while the machine does nothing else."""
        return statistics.quantiles(self.seconds, n=10, method="inclusive")[0]


@contextmanager
def _databases(folder: Path) -> Iterator[Databases]:
    server = Server(folder / "pg")
    made = Databases(folder, server)
    try:
        yield made
    finally:
        made.drop()
        server.stop()


@asynccontextmanager
async def _houses(kind: str, made: Databases, folder: Path, sizes: tuple[int, ...]) -> AsyncIterator[list[House]]:
    async with AsyncExitStack() as stack:
        houses = []
        for past in sizes:
            place = folder / f"{kind}-{past}"
            place.mkdir()
            database = await stack.enter_async_context(open_database(made.make(kind, place)))
            house = House(kind=kind, past=past, database=database)
            begun = time.perf_counter()
            await house.fill()
            print(f"{kind}: {past:,} past jobs written in {time.perf_counter() - begun:.0f} s", flush=True)
            houses.append(house)
        yield houses


async def _growth(houses: list[House], turns: int) -> None:
    for number in range(turns + WARM_UP):
        for house in houses:
            taken = await house.turn()
            if number >= WARM_UP:
                house.seconds += taken
    for house in houses:
        growth = house.undisturbed / houses[0].undisturbed - 1
        print(f"{house.report()}, {growth:+.0%} to {houses[0].past:,}")


async def _reports(houses: list[House]) -> None:
    """Of everything, as the operator's page and `admin usage` ask for it."""
    for house in houses:
        operations, told = SqlOperations(house.database), []
        for by in (UsageBy.MEMBER, UsageBy.SERVER, UsageBy.TIER):
            taken = []
            for _ in range(REPORTS):
                begun = time.perf_counter()
                await operations.usage(UsageQuery(by=by, month="2026-01"))
                taken.append(time.perf_counter() - begun)
            told.append(f"by {by} {statistics.median(taken) * 1000:.0f} ms")
        print(f"{house.kind:>10}, {house.past:>9,} past jobs: use of a month {', '.join(told)} (medians of {REPORTS})")


async def _together(house: House) -> None:
    """Of many members at once: what the single writer lets through."""
    jobs = SqlJobs(house.database)

    async def ask(member: int) -> None:
        for _ in range(10):
            job = await jobs.admit(house.draft(member), LIMITS)
            await jobs.request_cancel(job.id)

    begun = time.perf_counter()
    await asyncio.gather(*(ask(MEMBERS - 1 - number) for number in range(20)))
    rate = 2 * 10 * 20 / (time.perf_counter() - begun)
    print(f"{house.kind:>10}, {house.past:>9,} past jobs: {rate:.0f} admissions and cancels a second of 20 at once")


async def _waking(made: Databases, folder: Path) -> None:
    """From before an admission's commit until another connection was told of it."""
    url = made.make("postgresql", folder)
    heard: asyncio.Queue[float] = asyncio.Queue()
    async with open_database(url) as database, open_bell(url) as bell:
        bell.on_ring(lambda _status: heard.put_nowait(time.perf_counter()))
        await heard.get()
        member = await SqlAccounts(database).member(Identity("cli:local"))
        jobs, waits = SqlJobs(database), []
        unhurried = replace(LIMITS, requests_per_minute=None)
        for _ in range(RINGS):
            job = await jobs.admit(draft(member.id), unhurried)
            committed = time.perf_counter()
            waits.append(max(0.0, await heard.get() - committed))
            await jobs.request_cancel(job.id)
            await heard.get()
    p99 = statistics.quantiles(waits, n=100, method="inclusive")[-1]
    print(
        f"told of a committed job, after its answer: median {statistics.median(waits) * 1000:.2f} ms, p99 {p99 * 1000:.1f} ms, n {RINGS}"
    )
    print(
        f"an idle worker looks {60 / LISTENING_SECONDS:.0f} times a minute instead of 300, and a job waits for that ring"
        " instead of 100 ms on average, 200 ms at most"
    )


async def _measure(folder: Path, made: Databases, sizes: tuple[int, ...], turns: int, kinds: Sequence[str]) -> None:
    for kind in kinds:
        async with _houses(kind, made, folder, sizes) as houses:
            if kind == "postgresql":  # the tests' server does not sync
                made.server.execute("ALTER SYSTEM SET fsync = on")
                made.server.execute("SELECT pg_reload_conf()")
            await _growth(houses, turns)
            await _together(houses[-1])
            await _reports(houses)
            broken = await check_books(houses[0].database)
            if broken:
                raise SystemExit(f"the books are wrong: {broken[:3]}")
    await _waking(made, folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=SIZES[-1], help="past jobs of the largest database")
    parser.add_argument("--turns", type=int, default=30, help=f"of {IN_TURN} admissions into each database")
    parser.add_argument("--only", choices=KINDS, help="this database alone")
    asked = parser.parse_args()
    kinds = [kind for kind in KINDS if asked.only in {None, kind}]
    sizes = tuple(size for size in SIZES if size <= asked.most)
    with tempfile.TemporaryDirectory() as folder, _databases(Path(folder)) as made:
        asyncio.run(_measure(Path(folder), made, sizes, asked.turns, kinds))


if __name__ == "__main__":
    main()
