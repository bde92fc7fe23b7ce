"""Looks at running jobs, and the small pictures of a family: files of Slack's that stand in no conversation."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import pytest
from PIL import Image

from bot.slack_app.looks import A_MINUTE, Looks
from inference.protocols import Claim
from inference.types import JobId
from tests.integration.slack.conftest import BALL, Stage
from tests.support.slack_rules import pictures
from tests.support.slack_state import BOT_USER, CHANNEL, Payload, words_of
from tests.support.studio import webp


def shown_in(message: Payload) -> list[str]:
    """Names of the files that a message's blocks show."""
    return list(pictures(message.get("blocks")))


def names(stage: Stage, *, kept: bool = True) -> list[str]:
    """Of the pictures, those that Slack still keeps or those that were deleted."""
    files = [file for file in stage.server.world.files.values() if file["name"].startswith(("preview-", "poster-"))]
    return [file["name"] for file in files if bool(file.get("deleted")) != kept]


async def running(stage: Stage) -> tuple[Claim, str]:
    """A job that is being made, and the ts of its message."""
    ann = await stage.member()
    await ann.command("/generate", BALL)
    message = await stage.post_saying(BALL)
    return await stage.claimed(), message["ts"]


async def looked_at(stage: Stage, claim: Claim, ts: str, number: int) -> Payload:
    """The message once it shows this look; the job goes on meanwhile."""
    message = stage.server.world.conversations[CHANNEL].messages[ts]
    name = f"preview-{claim.job.id}-{number}.gif"
    async with asyncio.timeout(20):
        step = 0
        while name not in [stage.server.world.files[id_]["name"] for id_ in shown_in(message)]:
            step = step % 7 + 1
            await stage.studio.show(claim, step, preview=number)
            await asyncio.sleep(0.05)
    return message


async def test_a_running_job_shows_its_newest_look_and_nothing_of_it_stays(stage: Stage) -> None:
    claim, ts = await running(stage)
    for number in (1, 2):
        message = await looked_at(stage, claim, ts, number)
        (file,) = shown_in(message)
        with Image.open(io.BytesIO(stage.server.world.contents[file])) as picture:
            assert picture.format == "GIF"
        assert "█" in words_of(message)
    await stage.server.until(lambda: names(stage) == [f"preview-{claim.job.id}-2.gif"])
    clip = await stage.studio.succeed(claim)
    message = await stage.delivered(clip.id)
    assert shown_in(message) == []
    await stage.server.until(lambda: not names(stage))
    # The looks were in the message alone: in the channel stand the message and its clip.
    assert len(stage.posts()) == 2


@pytest.mark.parametrize("end", ["failed", "cancelled"])
async def test_a_look_goes_with_a_job_that_has_no_clip(stage: Stage, end: str) -> None:
    claim, ts = await running(stage)
    await looked_at(stage, claim, ts, 1)
    await (stage.studio.fail(claim) if end == "failed" else stage.studio.stop(claim))
    await stage.told(claim.job.id)
    await stage.server.until(lambda: not names(stage))
    assert shown_in(stage.parent(claim.job.id)) == []


async def test_a_look_that_slack_takes_in_no_message_leaves_the_progress(stage: Stage) -> None:
    claim, ts = await running(stage)
    await stage.studio.show(claim, 1, preview=1)
    await stage.server.until(lambda: [f for f in stage.server.world.files.values() if f["mimetype"] == "image/gif"])
    await asyncio.sleep(0.3)
    stage.server.refuse("chat.update", "invalid_blocks")
    for step in (2, 3):
        await stage.studio.show(claim, step, preview=step)
        assert shown_in(await stage.post_saying(f"Painting {step} of 8")) == []
    assert not stage.server.world.refusals["chat.update"]
    await stage.server.until(lambda: not names(stage))
    clip = await stage.studio.succeed(claim)
    assert (await stage.delivered(clip.id))["ts"] == ts
    assert names(stage, kept=False) == [f"preview-{clip.id}-1.gif"]


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("files.getUploadURLExternal", "file_uploads_disabled"),
        ("files.getUploadURLExternal", "ratelimited"),
        ("files.completeUploadExternal", "internal_error"),
    ],
)
async def test_where_pictures_are_not_taken_none_are_tried_for_a_while(stage: Stage, method: str, error: str) -> None:
    claim, _ = await running(stage)
    stage.server.refuse(method, error, **({"after": 60} if error == "ratelimited" else {}))
    await stage.studio.show(claim, 2, preview=1)
    await stage.server.until(lambda: not stage.server.world.refusals[method])
    for step in (3, 4, 5):
        await stage.studio.show(claim, step, preview=step)
        await stage.post_saying(f"Painting {step} of 8")
    assert len(stage.server.world.made("files.getUploadURLExternal")) == 1
    clip = await stage.studio.succeed(claim)
    await stage.delivered(clip.id)


async def test_looks_of_all_jobs_share_what_slack_allows(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Looks, "pause", 0.0)
    ann, bob = await stage.member(), await stage.member("bob")
    claims = []
    for who, number in ((ann, 4), (bob, 3)):
        for one in range(number):
            await who.command("/generate", f"{who.id} {one}")
            claims.append(await stage.claimed())
    for number in range(1, 5):
        for claim in claims:
            await stage.studio.show(claim, number, preview=number)
        await asyncio.sleep(0.3)
    previews = [
        call
        for call in stage.server.world.made("files.getUploadURLExternal")
        if call.args["filename"].startswith("preview-")
    ]
    assert 0 < len(previews) <= A_MINUTE
    for claim in claims:
        await stage.studio.succeed(claim)
    for claim in claims:
        await stage.delivered(claim.job.id)
    await stage.server.until(lambda: not names(stage))


async def test_what_a_process_before_left_is_taken_away(bare: Stage) -> None:
    for id_, name, created in (
        ("F90", "preview-clip_1-3.gif", 10),
        ("F91", "poster-clip_2.jpg", 10),
        ("F92", "holiday.jpg", 10),
        ("F93", "preview-clip_4-1.gif", 1 << 40),
    ):
        bare.server.world.files[id_] = {
            "id": id_,
            "name": name,
            "user": BOT_USER,
            "mimetype": "image/gif",
            "created": created,
            "shares": {},
        }
    async with bare.bot():
        claim, ts = await running(bare)
        await looked_at(bare, claim, ts, 1)
        files = bare.server.world.files
        await bare.server.until(lambda: files["F90"].get("deleted") and files["F91"].get("deleted"))
        assert not files["F92"].get("deleted")
        assert not files["F93"].get("deleted")
        clip = await bare.studio.succeed(claim)
        await bare.delivered(clip.id)


# --- The family ---


def with_poster(stage: Stage, clip: JobId) -> None:
    (poster,) = [name for name in stage.studio.blobs.names(f"{clip}/") if name.endswith("poster.webp")]
    stage.studio.blobs.put(poster, webp())


async def family(stage: Stage) -> tuple[Any, list[JobId]]:
    ann = await stage.member()
    root, message = await stage.made(ann)
    with_poster(stage, root.id)
    await ann.write("make it blue", message)
    child = await stage.finish()
    with_poster(stage, child.id)
    await stage.delivered(child.id)
    return ann, [root.id, child.id]


async def test_a_family_is_drawn_with_pictures(stage: Stage) -> None:
    ann, clips = await family(stage)
    await ann.command("/threadreel", f"tree {clips[0]}")
    tree = await ann.hears_with_buttons("2 clips in this family")
    sections = [block for block in tree["blocks"] if block["type"] == "section" and block.get("accessory")]
    files = stage.server.world.files
    drawn = [files[block["accessory"]["slack_file"]["id"]]["name"] for block in sections]
    assert drawn == [f"poster-{clip}.jpg" for clip in clips]
    assert all(clip in block["text"]["text"] for clip, block in zip(clips, sections, strict=True))
    # Once more: nothing is uploaded anew.
    await ann.command("/threadreel", f"tree {clips[1]}")
    await stage.server.until(lambda: len([s for s in ann.told() if "2 clips in this family" in s]) == 2)
    assert len(names(stage)) == 2


async def test_a_family_without_pictures_is_drawn_all_the_same(stage: Stage) -> None:
    ann, clips = await family(stage)
    stage.server.refuse("files.getUploadURLExternal", "file_uploads_disabled", times=2)
    await ann.command("/threadreel", f"tree {clips[0]}")
    tree = await ann.hears_with_buttons("2 clips in this family")
    assert shown_in(tree) == []
    assert "make it blue" in words_of(tree)


async def test_the_poster_of_a_deleted_clip_goes_too(stage: Stage) -> None:
    ann, clips = await family(stage)
    await ann.command("/threadreel", f"tree {clips[0]}")
    await ann.hears("2 clips in this family")
    await ann.press(stage.parent(clips[1]), "Delete")
    await stage.server.until(lambda: names(stage) == [f"poster-{clips[0]}.jpg"])
