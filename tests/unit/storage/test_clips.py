from dataclasses import replace
from typing import Any

import pytest

from inference.errors import NotFound
from inference.types import (
    ClipQuery,
    Condition,
    JobId,
    JobQuery,
    MediaRef,
    Place,
    Recipe,
    RenderPlan,
    Size,
    SourceRange,
    Start,
)
from tests.unit.storage.conftest import House


def reading(*, start: str = "", image: str = "", source: str = "") -> Recipe:
    plan = RenderPlan(
        preset="pocket",
        prompt="",
        size=Size(width=224, height=128),
        num_frames=25,
        fps=12,
        steps=8,
        guidance=1.0,
        seed=7,
        start=Start(media=MediaRef(blob=start), strength=0.5) if start else None,
        conditions=(Condition(media=MediaRef(blob=image), at_frame=0),) if image else (),
    )
    pieces = (plan, SourceRange(media=MediaRef(blob=source))) if source else (plan,)
    return Recipe(
        preset="pocket",
        pieces=pieces,
        size=plan.size,
        fps=12,
        num_frames=25,
        watermark=False,
        seed=7,
        prompt="",
    )


async def found(house: House, viewer: str | None = "ann", **query: Any) -> list[JobId]:
    page = await house.clips.search(ClipQuery(**query), await house.member(viewer) if viewer else None)
    return [clip.id for clip in page.clips]


async def test_own_clips_newest_first(house: House) -> None:
    first, second = await house.make("ann"), await house.make("ann")
    await house.make("bob")
    assert await found(house) == [second.id, first.id]
    assert await found(house, ascending=True) == [first.id, second.id]


async def test_a_private_clip_is_found_by_its_owner_only(house: House) -> None:
    secret, open_ = await house.make("ann", private=True), await house.make("ann")
    assert await found(house, "ann", mine=False) == [open_.id, secret.id]
    assert await found(house, "bob", mine=False) == [open_.id]
    assert await found(house, None, mine=False) == [open_.id]
    assert await found(house, None) == []


async def test_pages_follow_each_other(house: House) -> None:
    clips = [(await house.make()).id for _ in range(5)]
    member = await house.member()
    first = await house.clips.search(ClipQuery(limit=2), member)
    second = await house.clips.search(ClipQuery(limit=2, after=first.clips[-1].id), member)
    third = await house.clips.search(ClipQuery(limit=2, after=second.clips[-1].id), member)
    assert [clip.id for page in (first, second, third) for clip in page.clips] == clips[::-1]
    assert [page.has_more for page in (first, second, third)] == [True, True, False]


async def test_a_page_can_follow_a_removed_clip_but_not_an_unknown_one(house: House) -> None:
    older, newer = await house.make(), await house.make()
    await house.clips.remove(newer.id)
    assert await found(house, after=newer.id) == [older.id]
    with pytest.raises(NotFound):
        await found(house, after=JobId("none"))


@pytest.mark.parametrize(
    ("text", "hit"),
    [("BALL", True), ("sea red", True), ("red cube", False), ("100%", False), ("_", False), ("  ", True)],
)
async def test_every_word_must_occur_in_what_was_written_or_rendered(house: House, text: str, hit: bool) -> None:
    recipe = replace(reading(), prompt="a red ball over the sea")
    await house.make(text="make it red", recipe=recipe)
    assert bool(await found(house, text=text)) is hit


async def test_signs_of_the_pattern_language_mean_themselves(house: House) -> None:
    clip = await house.make(text="100% wool_hat")
    assert await found(house, text="100% l_h") == [clip.id]


async def test_a_place_holds_what_is_within_it(house: House) -> None:
    here = await house.make(place=Place(platform="discord", workspace="W", channel="C"))
    beside = await house.make(place=Place(platform="discord", workspace="W", channel="D"))
    await house.make(place=Place(platform="slack", workspace="W", channel="C"))
    assert await found(house, place=here.place) == [here.id]
    assert await found(house, place=Place(platform="discord", workspace="W")) == [beside.id, here.id]


async def test_a_family_is_listed_oldest_first(house: House) -> None:
    root = await house.make()
    child = await house.make(parent=root.id, root=root.id)
    grandchild = await house.make("bob", parent=child.id, root=root.id)
    await house.make()
    assert [clip.id for clip in await house.clips.family(root.id)] == [root.id, child.id, grandchild.id]
    assert (await house.get(grandchild.id)).clip == grandchild
    assert grandchild.parent == child.id
    await house.clips.remove(child.id)
    assert [clip.id for clip in await house.clips.family(root.id)] == [root.id, grandchild.id]


async def test_a_removed_clip_is_seen_nowhere_and_gives_back_its_blobs(house: House) -> None:
    clip = await house.make(draft={"recipe": reading(image="job0/upload.png")})
    assert await house.clips.remove(clip.id) == [
        f"{clip.id}/1/poster.webp",
        f"{clip.id}/1/video.mp4",
        f"{clip.id}/upload.png",
    ]
    assert await house.clips.get(clip.id) is None
    assert await house.clips.blob(clip.id, "video") is None
    assert await house.jobs.get(clip.id) is None
    assert await found(house) == []


async def test_an_uploads_blob_of_another_clip_is_not_given_back(house: House) -> None:
    clip = await house.make(draft={"recipe": reading(image="other/upload.png")})
    assert "other/upload.png" not in await house.clips.remove(clip.id)


async def test_a_job_without_a_clip_can_be_removed_too(house: House) -> None:
    job = await house.admit(recipe=reading(image="job0/upload.png"))
    await house.jobs.request_cancel(job.id)
    assert await house.clips.remove(job.id) == ["job0/upload.png"]
    assert await house.jobs.get(job.id) is None
    assert (await house.accounts.jobs(job.member, JobQuery())).jobs == ()


@pytest.mark.parametrize("piece", ["start", "image", "source"])
async def test_what_a_waiting_job_reads_is_given_back_only_later(house: House, piece: str) -> None:
    clip = await house.make()
    video = f"{clip.id}/1/video.mp4"
    job = await house.admit(recipe=reading(**{piece: video}))
    assert await house.clips.remove(clip.id) == [f"{clip.id}/1/poster.webp"]
    assert await house.clips.leftovers() == []
    await house.jobs.request_cancel(job.id)
    assert await house.clips.leftovers() == [clip.id]
    assert video in await house.clips.remove(clip.id)
    await house.clips.purged(clip.id)
    assert await house.clips.leftovers() == []


async def test_an_unknown_clip(house: House) -> None:
    assert await house.clips.get(JobId("none")) is None
    assert await house.clips.family(JobId("none")) == []
    with pytest.raises(NotFound):
        await house.clips.remove(JobId("none"))
