"""What is kept and what goes: on real rows and real blobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from inference.errors import LatentsGone, NotFound
from inference.service.upkeep import SUSPECT_SECONDS, Upkeep
from inference.tiers import TierTable, load_tiers
from inference.types import Again, Generate, JobStatus, Remix
from storage.retention import UPLOAD_SECONDS, SqlRetention
from tests.support.clock import Clock
from tests.support.studio import Studio, member, open_studio, picture

ANN = member("ann", "pro")
BALL = Generate(prompt="a red ball")
ANIMATED = Generate(prompt="it rolls", image=picture())


KEEPING = TierTable(
    tiers={
        name: replace(tier, keep_days=30 if name == "free" else 0, keep_latents_days=7 if name == "plus" else 0)
        for name, tier in load_tiers().tiers.items()
    }
)
"""Clips of free for a month, latents of plus for a week, all else for ever."""


@dataclass
class House:
    """A studio with its upkeep, and both of their clocks."""

    studio: Studio
    rows: Clock
    #: The process's own, in seconds.
    passed: float = 0.0
    upkeep: Upkeep = field(init=False)

    def __post_init__(self) -> None:
        self.upkeep = self.process()

    def process(self) -> Upkeep:
        """One that begins now."""
        return Upkeep(
            queue=self.studio.jobs,
            service=self.studio.service,
            retention=SqlRetention(self.studio.database),
            shelf=self.studio.clips,
            tiers=KEEPING,
            blobs=self.studio.blobs,
            clock=lambda: self.passed,
        )

    def stored(self) -> set[str]:
        return set(self.studio.blobs.names(""))

    async def gone(self) -> set[str]:
        """What goes when all is looked through, and once more when suspects are old enough."""
        before = self.stored()
        await self.upkeep.collect_orphans()
        assert self.stored() == before, "deleted at first sight"
        self.passed += SUSPECT_SECONDS
        await self.upkeep.collect_orphans()
        return before - self.stored()

    def leave(self, *names: str) -> set[str]:
        for name in names:
            self.studio.blobs.put(name, b"left behind")
        return set(names)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    clock = Clock()
    async with open_studio(tmp_path, clock=clock) as studio:
        yield House(studio=studio, rows=clock)


async def test_what_belongs_to_clips_stays(house: House) -> None:
    clip = await house.studio.make(ANIMATED, ANN)
    await house.studio.make(Remix(parent=clip.id, instruction="slower"), ANN)
    house.leave(f"{clip.id}/small/1048576.mp4")
    assert await house.gone() == set()


async def test_blobs_of_jobs_that_there_are_not_go(house: House) -> None:
    """An upload whose service died before its job was admitted, and what came for a job of another database."""
    left = house.leave("clip_0123456789abcdef/upload.png", "clip_0123456789abcdef/1/video.mp4")
    assert await house.gone() == left


async def test_what_lies_beside_the_jobs_is_none_of_ours(house: House) -> None:
    house.leave("README", "notes.txt")
    assert await house.gone() == set()


async def test_attempts_that_lost_their_fence_go_and_what_is_being_written_stays(house: House) -> None:
    job = await house.studio.face.submit(ANIMATED, ANN)
    stale = await house.studio.claim()
    left = house.leave(f"{job.id}/{stale.fence}/video.mp4", f"{job.id}/{stale.fence}/preview.webp")
    await house.studio.jobs.release("w1")
    claim = await house.studio.claim()
    assert claim.fence > stale.fence
    written = house.leave(f"{job.id}/{claim.fence}/video.mp4", f"{job.id}/{claim.fence}/latents.safetensors")

    assert await house.gone() == left
    assert written <= house.stored()


async def test_what_was_written_for_a_job_that_waits_again_goes(house: House) -> None:
    job = await house.studio.face.submit(ANIMATED, ANN)
    claim = await house.studio.claim()
    left = house.leave(f"{job.id}/{claim.fence}/video.mp4")
    await house.studio.jobs.release("w1")
    assert (await house.studio.face.get(job.id, ANN)).status is JobStatus.QUEUED
    assert await house.gone() == left
    assert f"{job.id}/upload.png" in house.stored()


async def test_what_a_crash_left_beside_a_clip_goes(house: House) -> None:
    clip = await house.studio.make(BALL, ANN)
    left = house.leave(f"{clip.id}/1/preview.webp", f"{clip.id}/0/video.mp4")
    assert await house.gone() == left


async def test_the_image_of_a_clip_that_never_came_to_be_goes_after_a_week(house: House) -> None:
    job = await house.studio.face.submit(ANIMATED, ANN)
    await house.studio.fail(await house.studio.claim())
    house.rows.pass_(UPLOAD_SECONDS - 1)
    assert await house.gone() == set()
    house.rows.pass_(2)
    assert await house.gone() == {f"{job.id}/upload.png"}


async def test_what_a_waiting_job_will_read_stays(house: House) -> None:
    """Its source was deleted meanwhile, and what is left of that waits for it."""
    clip = await house.studio.make(BALL, ANN)
    await house.studio.face.submit(Remix(parent=clip.id, instruction="slower"), ANN)
    await house.studio.face.delete(clip.id, ANN)
    kept = {f"{clip.id}/1/latents.safetensors"}
    assert kept <= house.stored()
    assert await house.gone() == set()

    await house.studio.succeed(await house.studio.claim())
    assert await house.studio.service.purge() == 1
    assert not kept & house.stored()


async def test_what_comes_after_everything_was_deleted_goes_too(house: House) -> None:
    """A smaller rendition that was being made while its clip was deleted."""
    clip = await house.studio.make(BALL, ANN)
    await house.studio.face.delete(clip.id, ANN)
    await house.studio.service.purge()
    left = house.leave(f"{clip.id}/small/1048576.mp4", f"{clip.id}/1/video.mp4")
    assert await house.gone() == left


async def test_a_suspect_that_is_cleared_is_suspected_anew(house: House) -> None:
    """What counts is how long a blob has been an orphan without a break."""
    await house.studio.face.submit(BALL, ANN)
    claim = await house.studio.claim()
    await house.studio.jobs.release("w1")
    left = house.leave(f"{claim.job.id}/{claim.fence + 1}/video.mp4")
    await house.upkeep.collect_orphans()
    await house.studio.claim()
    house.passed += SUSPECT_SECONDS
    await house.upkeep.collect_orphans()
    await house.studio.jobs.release("w1")
    assert await house.gone() == left


async def test_a_process_that_begins_suspects_nothing_yet_and_two_can_do_it_at_once(house: House) -> None:
    left = house.leave("clip_0123456789abcdef/1/video.mp4")
    await house.upkeep.collect_orphans()
    house.passed += SUSPECT_SECONDS
    other = house.process()
    assert await other.collect_orphans() == 0
    assert left <= house.stored()
    house.passed += SUSPECT_SECONDS
    assert await other.collect_orphans() == 1
    assert await house.upkeep.collect_orphans() == 0


MONTH = 30 * 86400


async def test_a_clip_goes_when_its_tier_keeps_it_no_longer_and_its_message_is_to_say_so(house: House) -> None:
    free, pro = member("bob"), ANN
    old, kept = await house.studio.make(BALL, free, "spot"), await house.studio.make(BALL, pro)
    house.rows.pass_(MONTH)
    assert await house.upkeep.expire() == 0
    house.rows.pass_(1)
    young = await house.studio.make(BALL, free)
    assert await house.upkeep.expire() == 1
    assert await house.upkeep.expire() == 0
    with pytest.raises(NotFound):
        await house.studio.face.clip(old.id, free)
    told = {event.job.id: event.job.removed for event in await house.studio.jobs.events(None)}
    assert told == {old.id: True}
    assert await house.studio.service.purge() == 1
    assert {name.split("/")[0] for name in house.stored()} == {kept.id, young.id}


async def test_what_a_waiting_remix_reads_outlives_its_clip(house: House) -> None:
    free = member("bob")
    old = await house.studio.make(BALL, free)
    house.rows.pass_(MONTH + 1)
    await house.studio.face.submit(Remix(parent=old.id, instruction="slower"), free)
    assert await house.upkeep.expire() == 1
    assert await house.studio.service.purge() == 0
    assert f"{old.id}/1/latents.safetensors" in house.stored()
    await house.studio.succeed(await house.studio.claim())
    assert await house.studio.service.purge() == 1


async def test_a_process_that_died_over_it_left_nothing_that_the_next_does_not_do(house: House) -> None:
    """Removed, and not yet purged: the bytes go all the same."""
    free = member("bob")
    clips = [await house.studio.make(BALL, free) for _ in range(2)]
    house.rows.pass_(MONTH + 1)
    await house.studio.clips.remove(clips[0].id)
    assert await house.process().expire() == 1
    assert await house.studio.service.purge() == 2
    assert house.stored() == set()


async def test_latents_go_before_their_clip_and_a_remix_says_so(house: House) -> None:
    mika = member("mika", "plus")
    clip = await house.studio.make(BALL, mika)
    house.rows.pass_(7 * 86400 + 1)
    assert await house.upkeep.expire() == 0
    assert await house.gone() == {f"{clip.id}/1/latents.safetensors"}
    with pytest.raises(LatentsGone, match=clip.id):
        await house.studio.face.submit(Remix(parent=clip.id, instruction="slower"), mika)
    assert (await house.studio.face.submit(Again(parent=clip.id), mika)).status is JobStatus.QUEUED
