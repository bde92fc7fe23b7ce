"""Limits of tiers through the service's door: refused by name, at no cost, with what lifts them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inference.errors import PromptEmpty, RateExceeded, UploadBytesExceeded
from inference.types import Generate, Job, Requester, Upload
from tests.support.clock import Clock
from tests.support.studio import Studio, member, open_studio, picture

ANN, BOB = member("ann"), member("bob", "plus")
IMAGE = picture()
BALL = Generate(prompt="a red ball")
TIER = """
clips_per_month = 50
max_seconds = 5
max_resolution = 480
watermark = true
max_jobs = 50
weight = 1
"""
TIERS = f"""
[free]
operations = ["generate", "animate"]
max_upload_bytes = {len(IMAGE.data) - 1}
max_references = 1
requests_per_minute = 3
{TIER}
[plus]
operations = ["generate", "animate", "remix"]
max_upload_bytes = {len(IMAGE.data)}
requests_per_minute = 4
{TIER}
[pro]
operations = ["generate", "animate", "remix"]
{TIER}
"""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def studio(tmp_path: Path, clock: Clock) -> AsyncIterator[Studio]:
    (tmp_path / "tiers.toml").write_text(TIERS)
    async with open_studio(tmp_path, tiers_file=tmp_path / "tiers.toml", clock=clock) as studio:
        yield studio


async def ask(studio: Studio, who: Requester, times: int) -> list[Job]:
    return [await studio.face.submit(BALL, who) for _ in range(times)]


async def test_a_file_larger_than_the_tier_takes_is_refused_before_it_is_decoded(studio: Studio) -> None:
    not_an_image = Upload(data=b"x" * len(IMAGE.data))
    with pytest.raises(UploadBytesExceeded) as refused:
        await studio.face.submit(Generate(prompt="a", image=not_an_image), ANN)
    assert refused.value.values() == {
        "tier": "free",
        "lifted_by": "plus",
        "in_server": False,
        "limit": len(IMAGE.data) - 1,
        "asked": len(IMAGE.data),
    }
    assert await studio.untouched(ANN)
    assert (await studio.face.submit(Generate(prompt="a", image=IMAGE), BOB)).charge.clips == 1


async def test_requests_a_minute_hold_for_what_is_admitted(studio: Studio, clock: Clock) -> None:
    await ask(studio, ANN, 3)
    with pytest.raises(RateExceeded) as refused:
        await studio.face.submit(BALL, ANN)
    assert (refused.value.limit, refused.value.retry_after, refused.value.lifted_by) == (3, 60, "plus")
    assert await studio.used(ANN) == 3
    clock.pass_(60)
    await ask(studio, ANN, 3)
    await ask(studio, BOB, 4)
    with pytest.raises(RateExceeded) as refused:
        await studio.face.submit(BALL, BOB)
    assert refused.value.lifted_by == "pro"  # which sets no such limit


async def test_requests_that_are_refused_are_counted_for_themselves(studio: Studio) -> None:
    click = await studio.face.submit(BALL, ANN, idempotency_key="click")
    for _ in range(3):
        with pytest.raises(PromptEmpty):
            await studio.face.submit(Generate(prompt=" "), ANN)
    with pytest.raises(RateExceeded):
        await studio.face.submit(BALL, ANN)
    assert (await studio.face.submit(BALL, ANN, idempotency_key="click")).id == click.id
    await ask(studio, BOB, 1)
