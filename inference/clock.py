"""The clock of a process: what is done every so often, by APScheduler.

It only ticks. What is due stands in our own rows, any number of processes may do a chore at once, and one that was cut
off is done again: so APScheduler keeps nothing, and a tick that was missed is made up for by the next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from inference.errors import ServiceUnavailable

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something that is done again and again. It must be harmless where others do it too, and when it is cut off."""

    name: str
    #: From one beginning to the next; while it runs it is not begun again.
    seconds: float
    act: Callable[[], Awaitable[object]]


@asynccontextmanager
async def ticking(chores: Sequence[Chore]) -> AsyncIterator[None]:
    """Do the chores in this block: at its beginning, and then every so often. What runs at its end is cut off.

    A chore that fails is logged, and done again when it is due.
    """
    # It tells every run of every chore, and each that it leaves out because the last still runs.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    scheduler = AsyncIOScheduler(timezone=UTC)
    running: set[asyncio.Task[None]] = set()

    async def run(chore: Chore) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await _calmly(chore)
        finally:
            running.discard(task)

    for chore in chores:
        scheduler.add_job(
            run,
            "interval",
            args=(chore,),
            id=chore.name,
            seconds=chore.seconds,
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.pause()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # it ends in a step of the loop's own


async def _calmly(chore: Chore) -> None:
    try:
        await chore.act()
    except (ServiceUnavailable, OSError) as error:
        _log.warning("chore failed", chore=chore.name, error=str(error))
    except Exception:  # noqa: BLE001  # no chore may end the others
        _log.exception("chore failed", chore=chore.name)
