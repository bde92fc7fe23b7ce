"""What is told of a job's rest: learnt from others, the same everywhere, and never rising."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inference.protocols import Claim
from inference.service import outlook
from inference.timing import predicted_seconds
from inference.types import Generate, Job, Progress, Shape, Stage
from tests.support.studio import LEASE, Studio, member, open_studio

ANN = member("ann", "pro")


def ball(seconds: float) -> Generate:
    return Generate(prompt="a red ball", shape=Shape(seconds=seconds))


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read averages and queue anew each time."""
    monkeypatch.setattr(outlook, "MEASURED_FOR", 0.0)
    monkeypatch.setattr(outlook, "SECONDS_PER_WAITING_JOB", 0.0)


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    async with open_studio(tmp_path) as studio:
        yield studio


def rest_of(job: Job) -> float:
    """As a face shows it."""
    if job.estimate is not None:
        return job.estimate.wait_seconds + job.estimate.render_seconds
    assert job.progress is not None
    assert job.progress.eta_seconds is not None
    return job.progress.eta_seconds


async def show(studio: Studio, claim: Claim, fraction: float, eta: float | None, stage: Stage) -> float:
    progress = Progress(stage=stage, fraction=fraction, eta_seconds=eta)
    await studio.jobs.heartbeat(claim, LEASE, progress)
    return rest_of(await studio.face.get(claim.job.id, ANN))


async def test_a_shape_that_was_never_measured_is_told_at_the_pace_of_the_others(studio: Studio) -> None:
    first = await studio.face.submit(ball(1), ANN)
    slow = 7 * predicted_seconds(first.recipe, studio.presets.get("pocket"))
    await studio.succeed(await studio.claim(), device_seconds=slow)
    second = await studio.face.submit(ball(5), ANN)
    expected = 7 * predicted_seconds(second.recipe, studio.presets.get("pocket"))
    assert rest_of(second) == pytest.approx(expected, abs=0.2)


async def test_those_who_wait_are_told_what_is_ahead_as_it_is_known_now(studio: Studio) -> None:
    running = await studio.face.submit(ball(5), ANN)
    claim = await studio.claim()
    await studio.face.submit(ball(5), ANN)
    await studio.succeed(claim, device_seconds=1.0)
    third = await studio.face.submit(ball(5), ANN)
    assert rest_of(running) > 2
    assert third.estimate is not None
    assert (third.estimate.ahead, rest_of(third)) == (1, 2.0)  # none runs now: what is ahead, and itself


async def test_the_rest_never_rises_while_a_job_waits_and_runs(studio: Studio) -> None:
    job = await studio.face.submit(ball(5), ANN)
    told = [rest_of(job)]
    claim = await studio.claim()
    told.append(await show(studio, claim, 0.0, None, Stage.LOADING))
    for fraction, eta, stage in (
        (0.1, 500.0, Stage.DENOISING),
        (0.5, 6.0, Stage.DECODING),
        (0.6, 16.0, Stage.DECODING),
        (0.9, 2.0, Stage.PACKAGING),
        (0.9, 0.0, Stage.PACKAGING),
    ):
        told.append(await show(studio, claim, fraction, eta, stage))
    assert told == sorted(told, reverse=True)
    assert told[-4:] == [6.0, 6.0, 2.0, 0.0]


async def test_a_job_whose_worker_died_begins_anew(studio: Studio) -> None:
    before = rest_of(await studio.face.submit(ball(5), ANN))
    claim = await studio.claim()
    assert await show(studio, claim, 0.9, 1.0, Stage.PACKAGING) == 1.0
    await studio.jobs.release("w1")
    assert rest_of(await studio.face.get(claim.job.id, ANN)) == before


async def test_all_who_ask_are_told_the_same(studio: Studio) -> None:
    job = await studio.face.submit(ball(5), ANN)
    claim = await studio.claim()
    for step, eta in ((4, 9.0), (5, 30.0)):
        await studio.show(claim, step, eta=eta)
        (running,) = (await studio.face.account(ANN)).running
        assert rest_of(running) == rest_of(await studio.face.get(job.id, ANN)) == 9.0


async def test_while_no_worker_can_work_that_is_told(tmp_path: Path) -> None:
    ready: list[bool] = []
    async with open_studio(tmp_path, is_worker_ready=lambda: bool(ready)) as studio:
        job = await studio.face.submit(ball(5), ANN)
        assert job.estimate is not None
        assert job.estimate.is_worker_starting
        ready.append(True)
        later = await studio.face.get(job.id, ANN)
        assert later.estimate is not None
        assert not later.estimate.is_worker_starting
