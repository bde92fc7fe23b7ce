"""Deleting a member, step by step: each is one transaction that finds what is left to do, so that any may be the last.

1. `begin`: nobody is that member any more, and what is under way is cancelled. From here on it cannot be undone.
2. `wipe`: of every job that has ended the words go, and the names; it and its clip are removed as by their own member,
   so that the chats say so and the blobs are purged.
3. `let_go`: where that was told, and to whom, goes when it has been told, or after `TELLING_SECONDS`.
4. `finish`: nothing is left but figures.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, Table, delete, func, insert, select, update
from sqlmodel import col

import storage.schedule_tables  # noqa: F401  # registers its tables, whose rows go too
from inference.codec import from_json, to_json
from inference.types import (
    Again,
    Generate,
    Identity,
    JobStatus,
    MemberStatus,
    Operation,
    Place,
    Recipe,
    Remix,
    RenderPlan,
    Requester,
)
from storage import ledger, purses
from storage.ledger import Month
from storage.member_tables import ForgettingRow, LinkTryRow
from storage.outbox import FINAL
from storage.remembering import Digests, Taken, recall, remember
from storage.rows import fetch
from storage.share import ACTIVE
from storage.status import status_columns, status_value
from storage.tables import (
    ClipRow,
    IdentityRow,
    JobRow,
    LeftoverRow,
    MemberRow,
    MonthPurseRow,
    QuotaMonthRow,
    Row,
    ServerBlockRow,
    ServerTierRow,
)
from storage.transitions import announce, move

AT_ONCE = 50
"""Jobs of one transaction: others wait for it."""
TELLING_SECONDS = 7 * 86400.0
"""How long a chat that cannot be reached keeps us from forgetting where its message stands."""
_STAY = (QuotaMonthRow, MonthPurseRow, JobRow, ClipRow, ForgettingRow)
"""Tables about members whose rows stay for the books, or are dealt with one by one."""
_OUTLAST = (ServerBlockRow.__tablename__, LinkTryRow.__tablename__)
"""Tables by identity whose rows are no way out: what managers decided, and wrong codes for as long as they count."""


def by_identity() -> list[Table]:
    """Tables whose rows go by an identity, whoever's it is by now."""
    named = (table for table in Row.metadata.sorted_tables if "identity" in table.c)
    return [table for table in named if table.name != IdentityRow.__tablename__]


# --- 1


def begin(connection: Connection, now: float, identity: Identity, digests: Digests) -> None:
    member = connection.scalar(select(col(IdentityRow.member_id)).where(col(IdentityRow.identity) == identity))
    if member is None:
        return
    _cancel(connection, member, now)
    mine = list(connection.scalars(select(col(IdentityRow.identity)).where(col(IdentityRow.member_id) == member)))
    for one in mine:  # who was only named or decided something since the last time took nothing along yet
        recall(connection, digests.of(one), member, now)
    (row,) = fetch(connection, MemberRow, select(MemberRow).where(col(MemberRow.id) == member))
    month = Month.at(now)
    used = _used(connection, member, month)
    taken = Taken(month=month, used=used, shared_with=_sharer(connection, member, month), status=status_value(row, now))
    remember(connection, member, [digests.of(one) for one in mine], taken)
    for table in by_identity():
        if table.name not in _OUTLAST:
            connection.execute(delete(table).where(table.c.identity.in_(mine)))
    connection.execute(delete(ServerTierRow).where(col(ServerTierRow.subject).in_(mine)))
    stay = {table.__tablename__ for table in _STAY}
    for table in reversed(Row.metadata.sorted_tables):
        for key in table.foreign_keys:
            if key.column is MemberRow.__table__.c.id and table.name not in stay:  # type: ignore[attr-defined]
                connection.execute(delete(table).where(key.parent == member))
    ungranted = {"tier_grant": None, "tier_until": None, "tier_identity": None}
    bare = {"settings": "{}", **ungranted, **status_columns(MemberStatus())}
    connection.execute(update(MemberRow).where(col(MemberRow.id) == member).values(bare))
    connection.execute(insert(ForgettingRow).values(member_id=member, begun_at=now))


def _cancel(connection: Connection, member: str, now: float) -> None:
    active = select(JobRow).where(col(JobRow.member_id) == member, col(JobRow.status).in_(ACTIVE))
    for job in fetch(connection, JobRow, active):
        if job.status == JobStatus.QUEUED:
            move(connection, job, JobStatus.CANCELLED, now, cancel_requested=True)
    flagged = update(JobRow).where(col(JobRow.member_id) == member, col(JobRow.status) == JobStatus.RUNNING)
    connection.execute(flagged.values(cancel_requested=True))


def _sharer(connection: Connection, member: str, month: Month) -> str | None:
    """Somebody who counts this month together with the member, and is there."""
    there = select(col(IdentityRow.member_id)).where(
        col(IdentityRow.member_id).in_(purses.others(connection, member, str(month)))
    )
    return connection.scalar(there.order_by(col(IdentityRow.member_id)).limit(1))


def _used(connection: Connection, member: str, month: Month) -> int:
    """Without what was given back, and without what runs: that ends as cancelled, and is refunded."""
    total = ledger.total(connection, member, month)
    running = select(func.coalesce(func.sum(col(JobRow.clips)), 0)).where(
        col(JobRow.member_id) == member, col(JobRow.status) == JobStatus.RUNNING, col(JobRow.month) == str(month)
    )
    return max(0, total.used - total.credit - int(connection.scalar(running) or 0))


# --- 2


def wipe(connection: Connection, now: float) -> int:
    """Some jobs that have ended; how many."""
    forgotten = select(col(ForgettingRow.member_id))
    left = select(JobRow).where(
        col(JobRow.member_id).in_(forgotten), col(JobRow.forgotten_at).is_(None), col(JobRow.status).in_(FINAL)
    )
    jobs = fetch(connection, JobRow, left.limit(AT_ONCE))
    for job in jobs:
        _wipe(connection, job, now)
    _unname_unmade(connection, {job.id for job in jobs})
    return len(jobs)


def _wipe(connection: Connection, job: JobRow, now: float) -> None:
    requester = replace(from_json(Requester, job.requester), display_name="", roles=(), entitlements=())
    bare = {
        "requester": to_json(Requester, requester),
        "operation": to_json(Operation, _wordless(from_json(Operation, job.operation))),
        "recipe": _bare(job.recipe),
        "idempotency_key": None,
        "progress": None,
        "forgotten_at": now,
        "removed_at": now if job.removed_at is None else job.removed_at,
        "delivered": job.reply_to == "",
    }
    if job.removed_at is None:
        connection.execute(insert(LeftoverRow).values(job_id=job.id))
    # Also of one that was removed before: its chat is to forget where that was said.
    announce(connection, job.id, "removed", now)
    connection.execute(update(JobRow).where(col(JobRow.id) == job.id).values(bare))
    _unname(connection, job.id)
    clips = {"author": "", "text": "", "prompt": "", "recipe": _bare(job.recipe), "workspace": "", "channel": ""}
    gone = func.coalesce(col(ClipRow.removed_at), now)
    connection.execute(update(ClipRow).where(col(ClipRow.id) == job.id).values(removed_at=gone, **clips))


def _unname(connection: Connection, clip: str) -> None:
    """What others made of the clip is theirs, and does not say any more what it was called."""
    root = select(col(ClipRow.root_id)).where(col(ClipRow.id) == clip).scalar_subquery()
    children = select(col(ClipRow.id)).where(col(ClipRow.root_id) == root, col(ClipRow.parent_id) == clip)
    for table in (ClipRow, JobRow):
        theirs = select(col(table.id), col(table.recipe)).where(col(table.id).in_(children))
        for id_, recipe in connection.execute(theirs).all():
            nameless = to_json(Recipe, replace(from_json(Recipe, recipe), origin=""))
            connection.execute(update(table).where(col(table.id) == id_).values(recipe=nameless))


def _unname_unmade(connection: Connection, parents: set[str]) -> None:
    """The same for what others asked to be made of them, and what is no clip: not yet, or never."""
    asked = select(col(JobRow.id), col(JobRow.operation), col(JobRow.recipe)).where(
        col(JobRow.status).in_([status for status in JobStatus if status is not JobStatus.SUCCEEDED]),
        col(JobRow.operation).contains('"parent"'),
    )
    for id_, operation, recipe in connection.execute(asked).all() if parents else ():
        wanted = from_json(Operation, operation)
        if not isinstance(wanted, Generate) and wanted.parent in parents:
            nameless = to_json(Recipe, replace(from_json(Recipe, recipe), origin=""))
            connection.execute(update(JobRow).where(col(JobRow.id) == id_).values(recipe=nameless))


def _wordless(operation: Operation) -> Operation:
    match operation:
        case Generate():
            return Generate(prompt="", private=operation.private)
        case Remix():
            return Remix(parent=operation.parent, instruction="", private=operation.private)
        case Again():
            return Again(parent=operation.parent, private=operation.private)


def _bare(recipe: str) -> str:
    """The figures alone, named one by one: whatever else a recipe may come to hold is gone."""
    full: Recipe = from_json(Recipe, recipe)
    bare = Recipe(
        preset=full.preset,
        pieces=tuple(map(_bare_plan, (piece for piece in full.pieces if isinstance(piece, RenderPlan)))),
        size=full.size,
        fps=full.fps,
        num_frames=full.num_frames,
        watermark=full.watermark,
        seed=full.seed,
        prompt="",
    )
    return to_json(Recipe, bare)


def _bare_plan(plan: RenderPlan) -> RenderPlan:
    return RenderPlan(
        preset=plan.preset,
        prompt="",
        size=plan.size,
        num_frames=plan.num_frames,
        fps=plan.fps,
        steps=plan.steps,
        guidance=plan.guidance,
        seed=plan.seed,
    )


# --- 3


def let_go(connection: Connection, now: float) -> int:
    """Where some of the deletions were told; how many."""
    late = select(col(ForgettingRow.member_id)).where(col(ForgettingRow.begun_at) <= now - TELLING_SECONDS)
    forgotten = select(col(ForgettingRow.member_id))
    told = select(JobRow).where(
        col(JobRow.member_id).in_(forgotten),
        col(JobRow.forgotten_at).is_not(None),
        col(JobRow.requester) != _NOBODY,
        col(JobRow.delivered) | col(JobRow.member_id).in_(late),
    )
    jobs = [job.id for job in fetch(connection, JobRow, told.limit(AT_ONCE))]
    nowhere = {"requester": _NOBODY, "reply_to": "", "delivered": True}
    connection.execute(update(JobRow).where(col(JobRow.id).in_(jobs)).values(nowhere))
    return len(jobs)


_NOBODY = to_json(Requester, Requester(identity=Identity("forgotten:member"), place=Place(platform="forgotten")))
"""In place of whoever asked."""


# --- 4


def finish(connection: Connection) -> None:
    """Of whom nothing is left."""
    left = select(col(JobRow.id)).where(
        col(JobRow.member_id) == col(ForgettingRow.member_id), col(JobRow.requester) != _NOBODY
    )
    connection.execute(delete(ForgettingRow).where(~left.exists()))
