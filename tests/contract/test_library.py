"""What Library promises, whichever implementation serves it."""

import asyncio
import os
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from inference.errors import InvalidValue, NotAllowed, NotFound, NothingToUndo, RequestRejected
from inference.types import (
    AccountChange,
    Again,
    AspectRatio,
    AuditQuery,
    ChangeSettings,
    ClipQuery,
    Generate,
    GrantTier,
    Identity,
    JobId,
    JobQuery,
    JobStatus,
    MemberSettings,
    Remix,
    Shape,
    Size,
)
from tests.support.studio import PLACE, Studio, member, operator, picture

ANN, BOB = member("ann"), member("bob", "plus")
BALL = Generate(prompt="a red ball rising over the sea")
NOBODY = JobId("clip_none")


# --- Clips


async def test_clips_are_listed_newest_first_page_by_page(studio: Studio) -> None:
    made = [(await studio.make(replace(BALL, prompt=f"ball {n}"), ANN)).id for n in range(3)]
    page = await studio.face.clips(ClipQuery(limit=2), ANN)
    assert [clip.id for clip in page.clips] == made[:0:-1]
    assert page.has_more
    rest = await studio.face.clips(ClipQuery(limit=2, after=page.clips[-1].id), ANN)
    assert ([clip.id for clip in rest.clips], rest.has_more) == ([made[0]], False)
    oldest = await studio.face.clips(ClipQuery(ascending=True), ANN)
    assert [clip.id for clip in oldest.clips] == made


async def test_clips_are_searched_by_words_and_place(studio: Studio) -> None:
    ball = await studio.make(BALL, ANN)
    await studio.make(replace(BALL, prompt="a blue kite"), ANN)
    found = await studio.face.clips(ClipQuery(text="ball RED", mine=False, place=PLACE), BOB)
    assert [clip.id for clip in found.clips] == [ball.id]
    elsewhere = replace(PLACE, channel="random")
    assert (await studio.face.clips(ClipQuery(mine=False, place=elsewhere), BOB)).clips == ()


async def test_others_clips_are_listed_where_asked_and_private_ones_never(studio: Studio) -> None:
    open_one = await studio.make(BALL, ANN)
    secret = await studio.make(replace(BALL, private=True), ANN)
    assert (await studio.face.clips(ClipQuery(), BOB)).clips == ()
    assert [clip.id for clip in (await studio.face.clips(ClipQuery(mine=False), BOB)).clips] == [open_one.id]
    assert {clip.id for clip in (await studio.face.clips(ClipQuery(), ANN)).clips} == {open_one.id, secret.id}


async def test_a_family_shows_only_what_the_viewer_may_see(studio: Studio) -> None:
    parent = await studio.make(BALL, ANN)
    secret = await studio.make(Remix(parent=parent.id, instruction="at night", private=True), BOB)
    assert [clip.id for clip in (await studio.face.clip(parent.id, ANN)).members] == [parent.id]
    assert [clip.id for clip in (await studio.face.clip(parent.id, BOB)).members] == [parent.id, secret.id]
    assert len((await studio.operators.clip(parent.id, operator())).members) == 2


@pytest.mark.parametrize("limit", [0, -1, 101])
async def test_a_page_has_bounds(studio: Studio, limit: int) -> None:
    with pytest.raises(InvalidValue, match="limit"):
        await studio.face.clips(ClipQuery(limit=limit), ANN)
    with pytest.raises(InvalidValue, match="limit"):
        await studio.face.jobs(JobQuery(limit=limit), ANN)


async def test_jobs_of_every_status_are_listed(studio: Studio) -> None:
    done = await studio.make(BALL, BOB)
    failed = await studio.face.submit(BALL, BOB)
    await studio.fail(await studio.claim())
    queued = await studio.face.submit(BALL, BOB)
    page = await studio.face.jobs(JobQuery(), BOB)
    assert [(job.id, job.status) for job in page.jobs] == [
        (queued.id, JobStatus.QUEUED),
        (failed.id, JobStatus.FAILED),
        (done.id, JobStatus.SUCCEEDED),
    ]
    assert page.jobs[0].estimate is not None
    assert (await studio.face.jobs(JobQuery(), ANN)).jobs == ()


# --- Delete


async def test_a_deleted_clip_is_gone_with_all_its_bytes(studio: Studio) -> None:
    clip = await studio.make(BALL, ANN)
    async with studio.face.open_clip(clip.id, ANN, max_bytes=clip.video_bytes // 2):
        pass
    await studio.face.delete(clip.id, ANN)
    assert studio.stored(clip.id) == []
    assert (await studio.face.clips(ClipQuery(), ANN)).clips == ()
    for attempt in (
        studio.face.clip(clip.id, ANN),
        studio.face.delete(clip.id, ANN),
        studio.face.get(clip.id, ANN),
        studio.face.cancel(clip.id, ANN),
        studio.face.submit(Again(parent=clip.id), ANN),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await studio.used(ANN) == 1  # it was made


async def test_latents_stay_while_a_queued_remix_needs_them(studio: Studio) -> None:
    clip = await studio.make(BALL, BOB)
    await studio.face.submit(Remix(parent=clip.id, instruction="make it blue"), BOB)
    await studio.face.delete(clip.id, BOB)
    assert studio.stored(clip.id) == ["latents.safetensors"]


async def test_what_was_kept_for_a_queued_remix_goes_when_the_remix_has_ended(studio: Studio) -> None:
    clip = await studio.make(BALL, BOB)
    remix = await studio.face.submit(Remix(parent=clip.id, instruction="make it blue"), BOB)
    await studio.face.delete(clip.id, BOB)
    assert await studio.service.purge() == 0
    await studio.face.cancel(remix.id, BOB)
    assert await studio.service.purge() == 1
    assert studio.stored(clip.id) == []
    assert await studio.service.purge() == 0


@pytest.mark.parametrize("end", ["failed", "cancelled"])
async def test_a_job_that_came_to_nothing_is_deleted_with_its_upload(studio: Studio, end: str) -> None:
    job = await studio.face.submit(replace(BALL, image=picture()), BOB)
    assert studio.stored(job.id) == ["upload.png"]
    if end == "failed":
        await studio.fail(await studio.claim())
    else:
        await studio.face.cancel(job.id, BOB)
    await studio.face.delete(job.id, BOB)
    assert studio.stored(job.id) == []
    assert (await studio.face.jobs(JobQuery(), BOB)).jobs == ()
    with pytest.raises(NotFound):
        await studio.face.get(job.id, BOB)


async def test_only_the_owner_or_an_operator_deletes(studio: Studio) -> None:
    clip = await studio.make(BALL, ANN)
    with pytest.raises(NotAllowed):
        await studio.face.delete(clip.id, BOB)
    await studio.operators.delete(clip.id, operator())


async def test_an_unfinished_clip_is_cancelled_not_deleted(studio: Studio) -> None:
    job = await studio.face.submit(BALL, ANN)
    with pytest.raises(InvalidValue, match="cancel"):
        await studio.face.delete(job.id, ANN)
    with pytest.raises(NotFound):
        await studio.face.delete(NOBODY, ANN)


# --- Accounts


async def test_an_account_shows_tier_use_and_what_runs(studio: Studio) -> None:
    await studio.make(BALL, BOB)
    job = await studio.face.submit(BALL, BOB)
    account = await studio.face.account(BOB)
    assert (account.tier.name, account.used, account.identities) == ("plus", 2, (BOB.identity,))
    assert [running.id for running in account.running] == [job.id]
    assert (account.resets_at.day, account.resets_at.hour) == (1, 0)


async def test_operators_act_with_the_highest_tier(studio: Studio) -> None:
    assert (await studio.operators.account(operator())).tier.name == "pro"


async def test_a_members_own_defaults_shape_their_clips_within_their_tier(studio: Studio) -> None:
    wishes = MemberSettings(seconds=2, resolution=720, aspect_ratio=AspectRatio.PORTRAIT)
    account = await studio.face.change_account(ChangeSettings(settings=wishes), ANN)
    assert account.settings == wishes
    recipe = (await studio.face.submit(BALL, ANN)).recipe
    assert (recipe.size, recipe.seconds) == (Size(width=480, height=854), 2)
    asked = replace(BALL, shape=Shape(aspect_ratio=AspectRatio.SQUARE, seconds=1))
    recipe = (await studio.face.submit(asked, BOB)).recipe
    assert (recipe.size, recipe.seconds) == (Size(width=480, height=480), 1)


@pytest.mark.parametrize(
    "wishes",
    [
        MemberSettings(seconds=0),
        MemberSettings(seconds=21),
        MemberSettings(resolution=1081),
        MemberSettings(resolution=2160),
        MemberSettings(locale="no language"),
    ],
)
async def test_impossible_defaults_are_refused(studio: Studio, wishes: MemberSettings) -> None:
    with pytest.raises(InvalidValue):
        await studio.face.change_account(ChangeSettings(settings=wishes), ANN)
    assert (await studio.face.account(ANN)).settings == MemberSettings()


async def test_an_operators_grant_comes_before_roles_and_can_be_taken_back(studio: Studio) -> None:
    granted = await studio.operators.change_account(GrantTier(tier="pro"), operator(), ANN.identity)
    assert granted.tier.name == "pro"
    assert (await studio.face.account(ANN)).tier.name == "pro"
    await studio.operators.change_account(GrantTier(tier="free"), operator(), BOB.identity)
    assert (await studio.face.account(BOB)).tier.name == "free"
    await studio.operators.change_account(GrantTier(tier=None), operator(), BOB.identity)
    assert (await studio.face.account(BOB)).tier.name == "plus"


async def test_who_has_no_grant_is_not_said_to_have_lost_one(studio: Studio) -> None:
    revoke = GrantTier(tier=None, reason="over")
    with pytest.raises(NothingToUndo, match="grant"):
        await studio.operators.change_account(revoke, operator(), ANN.identity)
    await studio.operators.change_account(GrantTier(tier="pro"), operator(), ANN.identity)
    await studio.operators.change_account(revoke, operator(), ANN.identity)
    with pytest.raises(NothingToUndo, match=ANN.identity):
        await studio.operators.change_account(revoke, operator(), ANN.identity)
    entries = (await studio.operators.audit(AuditQuery(member=ANN.identity), operator())).entries
    assert [entry.after["tier_grant"] for entry in entries] == [None, "pro"]


async def test_a_grant_may_have_an_end(studio: Studio) -> None:
    end = datetime.now(UTC).replace(microsecond=250_000) + timedelta(days=7)
    granted = await studio.operators.change_account(GrantTier(tier="pro", until=end), operator(), ANN.identity)
    assert (granted.tier.name, granted.tier_until) == ("pro", end)
    assert (await studio.face.account(ANN)).tier_until == end
    await studio.operators.change_account(GrantTier(tier="pro"), operator(), ANN.identity)
    assert (await studio.face.account(ANN)).tier_until is None


async def test_accounts_are_their_members_business(studio: Studio) -> None:
    await studio.face.account(BOB)
    own = ChangeSettings(settings=MemberSettings(seconds=3))
    for attempt in (
        studio.face.account(ANN, BOB.identity),
        studio.face.change_account(own, ANN, BOB.identity),
        studio.face.change_account(GrantTier(tier="pro"), ANN),
        studio.face.change_account(GrantTier(tier="pro"), ANN, BOB.identity),
    ):
        with pytest.raises(NotAllowed):
            await attempt
    assert (await studio.face.account(ANN, ANN.identity)).tier.name == "free"
    assert (await studio.operators.account(operator(), BOB.identity)).identities == (BOB.identity,)


@pytest.mark.parametrize(
    ("change", "identity", "error"),
    [
        (GrantTier(tier="gold"), "discord:1", InvalidValue),
        (GrantTier(tier="pro"), "somebody", InvalidValue),
        (GrantTier(tier="pro", until=datetime(2026, 1, 1, tzinfo=UTC)), "discord:1", InvalidValue),
        (GrantTier(tier="pro", until=datetime(2999, 1, 1)), "discord:1", InvalidValue),  # noqa: DTZ001  # whose time?
        (GrantTier(tier=None, until=datetime(2999, 1, 1, tzinfo=UTC)), "discord:1", InvalidValue),
        (ChangeSettings(settings=MemberSettings()), "discord:404", NotFound),
    ],
)
async def test_an_operators_slip_is_named(
    studio: Studio, change: AccountChange, identity: str, error: type[RequestRejected]
) -> None:
    with pytest.raises(error):
        await studio.operators.change_account(change, operator(), Identity(identity))


async def test_a_grant_can_come_before_the_first_request(studio: Studio) -> None:
    await studio.operators.change_account(GrantTier(tier="pro"), operator(), Identity("playground:cy"))
    assert (await studio.face.account(member("cy"))).tier.name == "pro"


async def test_a_clip_opened_for_someone_who_left_meanwhile_is_closed(studio: Studio) -> None:
    """A pipe in its place opens only when there is a writer, as a slow disk opens late."""
    clip = await studio.make(BALL, ANN)
    video = await studio.clips.blob(clip.id, "video")
    assert video is not None
    path = studio.settings.blobs_dir / video.blob
    path.unlink()
    os.mkfifo(path)

    async def look() -> None:
        async with studio.face.open_clip(clip.id, ANN):
            pass

    looking = asyncio.create_task(look())
    async with asyncio.timeout(20):
        while (writing := writer(path)) is None:
            await asyncio.sleep(0.02)
        looking.cancel()  # the thread that opens has what it waited for, and nobody to give it to
        with suppress(asyncio.CancelledError):
            await looking
        with suppress(BrokenPipeError):
            while True:
                os.write(writing, b"x")
                await asyncio.sleep(0.02)
    os.close(writing)


def writer(pipe: Path) -> int | None:
    """The pipe's other end, as soon as someone waits for it."""
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None
