"""What breaks on Slack, and how it is mended. Each test fails without its mend."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.slack_app import ThreadreelApp
from bot.slack_app.uploads import SMALLEST
from inference.types import JobStatus
from tests.integration.slack.conftest import BALL, Stage
from tests.support.slack_member import Member
from tests.support.slack_state import BOT_USER, CHANNEL, FOREIGN, PRIVATE, SHARED, labels_of, words_of
from tests.support.studio import picture


async def test_a_channel_without_us_is_said_before_anything_is_charged(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/generate", BALL, FOREIGN)
    assert "/invite" in await ann.hears("not in this channel")
    assert await stage.jobs() == {}
    stage.server.world.conversations[FOREIGN].members.add(BOT_USER)
    await ann.command("/generate", BALL, FOREIGN)
    await ann.hears("this month")
    clip = await stage.finish()
    await stage.delivered(clip.id, FOREIGN)


async def test_between_two_people_the_clip_goes_to_the_one_who_asked(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/generate", BALL, "DXX")
    await ann.hears("this month")
    clip = await stage.finish()
    await stage.delivered(clip.id, "D1")
    assert stage.posts("DXX") == []


async def test_a_private_channel_is_a_channel_like_others(stage: Stage) -> None:
    ann = await stage.member()
    root, message = await stage.made(ann, channel=PRIVATE)
    await ann.write("make it blue", message, channel=PRIVATE)
    child = await stage.finish()
    assert (child.parent, (await stage.delivered(child.id, PRIVATE))["thread_ts"]) == (root.id, message["ts"])


async def test_a_member_of_another_company_remixes_in_a_shared_channel_on_their_own_account(stage: Stage) -> None:
    ann = await stage.member()
    root, message = await stage.made(ann, f"{BALL} --size 480p --seconds 2", channel=SHARED)
    guest = Member(stage.server, "W9", team="T9")
    await guest.write("make it blue", message, channel=SHARED)
    child = await stage.finish()
    job = await stage.job(child.id)
    assert (job.requester.identity, child.parent) == ("slack:T9:W9", root.id)
    await stage.delivered(child.id, SHARED)


@pytest.mark.parametrize("attaching", [True, False], ids=["attaching", "below"])
async def test_a_channel_that_was_archived_meanwhile_gives_the_clip_to_its_member(
    stage: Stage, *, attaching: bool
) -> None:
    stage.server.world.attaches = attaching
    ann = await stage.member()
    await ann.command("/generate", BALL)
    await stage.post_saying(BALL)
    stage.server.world.conversations[CHANNEL].is_archived = True
    clip = await stage.finish()
    message = await stage.delivered(clip.id, "D1")
    assert "Remix" in labels_of(message)


async def test_a_job_that_fails_in_a_channel_that_was_archived_meanwhile_is_told_directly(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/generate", BALL)
    await stage.post_saying(BALL)
    claim = await stage.claimed()
    stage.server.world.conversations[CHANNEL].is_archived = True
    await stage.studio.fail(claim)
    await stage.post_saying("Nothing was charged", "D1")


@pytest.mark.parametrize(
    "error", ["file_uploads_disabled", "file_type_not_allowed", "slack_connect_file_upload_sharing_blocked"]
)
async def test_where_uploads_are_off_the_message_says_where_the_clip_is_kept(stage: Stage, error: str) -> None:
    stage.server.refuse("files.getUploadURLExternal", error, times=5)
    ann = await stage.member()
    await ann.command("/generate", BALL)
    clip = await stage.finish()
    message = await stage.post_saying("could not be posted")
    assert f"/threadreel show {clip.id}" in words_of(message)
    await stage.told(clip.id)
    await ann.command("/threadreel", "history")
    await ann.hears(clip.id)
    stage.server.world.refusals.clear()
    stage.server.refuse("files.getUploadURLExternal", error)
    await ann.command("/threadreel", f"show {clip.id}")
    await ann.hears("direct messages")
    await stage.post_saying("fits into nothing", "D1")


async def test_a_file_that_is_too_large_is_made_smaller(stage: Stage) -> None:
    stage.server.world.file_limit = SMALLEST * 3
    clip, _ = await stage.made(await stage.member())
    (sent,) = [f for f in stage.server.world.files.values() if f["name"] == f"{clip.id}.mp4" and not f.get("deleted")]
    lengths = [int(call.args["length"]) for call in stage.server.world.made("files.getUploadURLExternal")]
    assert max(lengths) > SMALLEST * 3 >= sent["size"]


async def test_the_same_event_three_times_is_one_request(stage: Stage) -> None:
    ann = await stage.member()
    _, message = await stage.made(ann)
    said = stage.server.world.post(CHANNEL, user=ann.id, text="make it blue", thread_ts=message["ts"])
    event = ann.event({**said, "channel": CHANNEL, "channel_type": "channel", "team": "T1"})
    for attempt in range(3):
        assert await stage.server.deliver("events_api", event, attempt=attempt) is not None
    child = await stage.finish()
    await stage.delivered(child.id)
    assert await stage.jobs() == {"succeeded": 2}
    assert len([said for said in ann.told() if "2 of 500" in said]) == 1


async def test_an_event_that_is_heard_again_after_a_restart_is_known(bare: Stage) -> None:
    async with bare.bot():
        ann = await bare.member()
        payload = await ann.command("/generate", BALL)
        await ann.hears("this month")
    async with bare.bot():
        await bare.server.deliver("slash_commands", payload)
        clip = await bare.finish()
        await bare.delivered(clip.id)
    assert await bare.jobs() == {"succeeded": 1}


async def test_nothing_of_bots_and_nothing_that_only_tells_of_a_change_is_a_request(stage: Stage) -> None:
    ann = await stage.member()
    root, message = await stage.made(ann)
    odd: tuple[dict[str, Any], ...] = ({"bot_id": "B9"}, {"subtype": "message_changed"}, {"subtype": "channel_join"})
    for more in odd:
        await ann.write("make it red", message, **more)
    await ann.write("make it blue", message, subtype="thread_broadcast")
    child = await stage.finish()
    assert (child.text, child.parent) == ("make it blue", root.id)
    assert await stage.jobs() == {"succeeded": 2}


async def test_a_parent_whose_upload_failed_gets_its_clip_at_the_next_try(stage: Stage) -> None:
    stage.server.refuse("files.completeUploadExternal", "internal_error")
    clip, message = await stage.made(await stage.member())
    assert stage.files_in() == [f"{clip.id}.mp4"]
    assert words_of(message).count("in the thread") >= 1


async def test_an_upload_whose_answer_was_lost_is_not_sent_twice(stage: Stage) -> None:
    stage.server.world.attaches = False
    first, _ = await stage.made(await stage.member())
    stage.server.refuse("files.completeUploadExternal", drops=True)
    clip, _ = await stage.made(await stage.member())
    assert stage.files_in() == [f"{first.id}.mp4", f"{clip.id}.mp4"]


async def test_a_post_whose_answer_was_lost_is_not_sent_twice(stage: Stage) -> None:
    stage.server.refuse("chat.postMessage", drops=True)
    clip, _ = await stage.made(await stage.member())
    assert len([m for m in stage.posts() if (m.get("metadata") or {})]) == 1
    assert stage.files_in() == [f"{clip.id}.mp4"]


async def test_a_removed_app_stops_and_the_result_is_kept(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/generate", BALL)
    await stage.post_saying(BALL)
    for method in ("chat.update", "files.getUploadURLExternal"):
        stage.server.refuse(method, "account_inactive", times=3)
    clip = await stage.finish()
    await stage.told(clip.id)
    asked = len(stage.server.world.made("chat.update"))
    assert await stage.studio.clips.get(clip.id) is not None
    assert len(stage.server.world.made("chat.update")) == asked


async def test_what_members_write_pings_nobody_and_marks_nothing_up(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/generate", "<!channel> a *ball* &amp; a <https://evil.example|ball> @here")
    clip = await stage.finish()
    message = await stage.delivered(clip.id)
    assert clip.text == "@channel a *ball* & a ball @here"
    assert "<!" not in message["text"]
    await ann.command("/generate", "tom & <jerry>")
    second = await stage.post_saying("jerry")
    assert "tom &amp; &lt;jerry&gt;" in second["text"] or "tom &amp; jerry" in second["text"]
    kinds = {
        part["type"]
        for block in message["blocks"]
        if block["type"] == "rich_text"
        for part in block["elements"][0]["elements"]
    }
    assert kinds == {"text"}


@pytest.mark.parametrize("attaching", [True, False], ids=["attaching", "below"])
async def test_a_deleted_message_comes_back(stage: Stage, *, attaching: bool) -> None:
    stage.server.world.attaches = attaching
    ann = await stage.member()
    await stage.made(ann, "another")
    await ann.command("/generate", BALL)
    working = await stage.post_saying(BALL)
    claim = await stage.claimed()
    del stage.server.world.conversations[CHANNEL].messages[working["ts"]]
    clip = await stage.studio.succeed(claim)
    message = await stage.delivered(clip.id)
    assert message["ts"] != working["ts"]
    assert stage.files_in().count(f"{clip.id}.mp4") == 1


async def test_a_message_that_was_deleted_while_the_bot_was_off_comes_back(bare: Stage) -> None:
    async with bare.bot():
        ann = await bare.member()
        await ann.command("/generate", BALL)
        working = await bare.post_saying(BALL)
        claim = await bare.claimed()
    del bare.server.world.conversations[CHANNEL].messages[working["ts"]]
    clip = await bare.studio.succeed(claim)
    async with bare.bot():
        message = await bare.delivered(clip.id)
        assert message["ts"] != working["ts"]
        assert bare.posts("D1") == []


@pytest.mark.parametrize("method", ["chat.postMessage", "users.info", "files.completeUploadExternal", "chat.update"])
async def test_a_pace_that_is_too_fast_is_waited_for(stage: Stage, method: str) -> None:
    stage.server.refuse(method, "ratelimited", after=1)
    ann = await stage.member()
    await ann.command("/generate", BALL)
    await stage.post_saying(BALL)
    claim = await stage.claimed()
    await stage.studio.show(claim, 2)
    await stage.post_saying("Painting 2 of 8")
    clip = await stage.studio.succeed(claim)
    await stage.delivered(clip.id)
    assert len([m for m in stage.posts() if m.get("metadata")]) == 1


async def test_a_press_that_came_too_late_is_said_and_can_be_repeated(stage: Stage) -> None:
    ann = await stage.member()
    root, message = await stage.made(ann)
    await ann.press(message, "Remix", trigger_id=stage.server.trigger(age=4.0))
    said = await ann.hears_with_buttons("too long")
    await ann.press(said, "Open the form")
    await ann.submit(await ann.modal("What should change?"), text="make it blue")
    assert (await stage.finish()).parent == root.id
    await ann.command("/generate", trigger_id=stage.server.trigger(age=4.0))
    await stage.server.until(lambda: len([s for s in ann.told() if "too long" in s]) == 2)
    await ann.press(stage.server.world.ephemerals[-1], "Open the form")
    await ann.modal("What the clip should show")


@pytest.mark.parametrize(
    ("menu", "shows"),
    [("threadreel_remix", "What should change?"), ("threadreel_reference", "What should happen")],
)
async def test_a_menu_that_came_too_late_is_said_and_offered_as_a_button(stage: Stage, menu: str, shows: str) -> None:
    ann = await stage.member()
    _, message = await stage.made(ann)
    await ann.menu(menu, message, trigger_id=stage.server.trigger(age=4.0))
    said = await ann.hears_with_buttons("too long")
    await ann.press(said, "Open the form")
    await ann.modal(shows)


async def test_a_new_socket_takes_over_when_slack_asks_or_the_old_one_breaks(bare: Stage) -> None:
    async with bare.bot():
        ann = await bare.member()
        await bare.server.disconnect()
        await bare.server.until(lambda: bare.server.connections == 2)
        clip, message = await bare.made(ann)
        await bare.server.drop()
        await bare.server.until(lambda: bare.server.connections == 3, patience=40)
        await ann.write("make it blue", message)
        assert (await bare.finish()).parent == clip.id


async def test_a_socket_whose_address_has_run_out_is_opened_at_another(
    bare: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ThreadreelApp, "address_seconds", 0.5)
    bare.server.void_tickets = 1
    async with asyncio.timeout(60), bare.bot():
        await bare.made(await bare.member())
    assert len(bare.server.tickets) == 2


async def test_a_used_up_response_url_is_replaced_by_a_word_in_the_channel(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/generate", BALL, response_url=f"{stage.server.url}/respond/gone")
    await ann.hears("this month")
    assert stage.server.world.made("chat.postEphemeral")
    await ann.command("/threadreel", "info", response_url="http://127.0.0.1:9/nobody")
    await ann.hears("1 of 500")


async def test_without_the_optional_scopes_everything_works_in_english(stage: Stage) -> None:
    stage.server.world.scopes -= {"users:read", "usergroups:read"}
    kei = await stage.member("kei")
    await kei.command("/generate", BALL)
    await kei.hears("this month")
    clip = await stage.finish()
    await stage.delivered(clip.id)
    assert clip.author == "u3"


@pytest.mark.parametrize("url", ["https://evil.example/red.png", "http://files.slack.com/red.png"])
async def test_files_are_not_taken_from_a_login_page_nor_from_elsewhere(stage: Stage, url: str) -> None:
    ann = await stage.member()
    _, message = await stage.made(ann)
    elsewhere = {**ann.file(picture().data), "url_private_download": url}
    await ann.write("a cat", message, files=(elsewhere,))
    await ann.hears("files:read")
    stage.server.world.scopes.discard("files:read")
    await ann.write("a dog", message, files=(ann.file(picture().data),))
    await stage.server.until(lambda: len([said for said in ann.told() if "files:read" in said]) == 2)
    assert await stage.jobs() == {"succeeded": 1}


async def test_a_file_that_leads_elsewhere_is_not_followed(stage: Stage) -> None:
    ann = await stage.member()
    _, message = await stage.made(ann)
    asked: list[str] = []

    async def lead(request: web.Request) -> web.Response:
        asked.append(request.path)
        raise web.HTTPFound("/there")

    app = web.Application()
    app.add_routes([web.get("/here", lead), web.get("/there", lead)])
    async with TestServer(app) as other:
        leading = {**ann.file(picture().data), "url_private_download": str(other.make_url("/here"))}
        await ann.write("a cat", message, files=(leading,))
        await ann.hears("files:read")
    assert asked == ["/here"]


async def test_a_crash_before_the_message_was_written_down_posts_once(bare: Stage) -> None:
    async with bare.bot():
        ann = await bare.member()
        await ann.command("/generate", BALL)
        await bare.post_saying(BALL)
        claim = await bare.claimed()
    await bare.forget_message(claim.job.id)
    async with bare.bot():
        clip = await bare.studio.succeed(claim)
        await bare.delivered(clip.id)
    assert (await bare.job(clip.id)).status == JobStatus.SUCCEEDED


@pytest.mark.parametrize("place", ["a private clip", "a lost channel"])
async def test_a_crash_before_a_direct_message_was_written_down_posts_once(bare: Stage, place: str) -> None:
    async with bare.bot():
        ann = await bare.member()
        if place == "a lost channel":
            bare.server.refuse("chat.postMessage", "is_archived")
        await ann.command("/generate", BALL if place == "a lost channel" else f"{BALL} --private")
        await bare.post_saying(BALL, "D1")
        claim = await bare.claimed()
    await bare.forget_message(claim.job.id)
    async with bare.bot():
        clip = await bare.studio.succeed(claim)
        await bare.delivered(clip.id, "D1")
    assert len([m for m in bare.posts("D1") if m.get("metadata")]) == 1


async def test_where_direct_messages_cannot_be_looked_through_a_private_clip_comes_once_more(bare: Stage) -> None:
    bare.server.world.scopes.discard("im:write")
    async with bare.bot():
        ann = await bare.member()
        await ann.command("/generate", f"{BALL} --private")
        await bare.post_saying(BALL, "D1")
        claim = await bare.claimed()
    await bare.forget_message(claim.job.id)
    for _ in range(2):
        async with bare.bot():
            await bare.server.until(lambda: len([m for m in bare.posts("D1") if m.get("metadata")]) == 2)
    async with bare.bot():
        clip = await bare.studio.succeed(claim)
        await bare.server.until(lambda: f"{clip.id}.mp4" in bare.files_in("D1"))
        await bare.told(clip.id)
    assert bare.files_in("D1") == [f"{clip.id}.mp4"]


async def test_a_crash_after_the_upload_shows_the_clip_once(bare: Stage) -> None:
    async with bare.bot():
        ann = await bare.member()
        first, _ = await bare.made(ann)
        await ann.command("/generate", "another")
        await bare.post_saying("another")
        bare.server.refuse("chat.update", "internal_error", times=100)
        clip = await bare.finish()
        await bare.server.until(lambda: f"{clip.id}.mp4" in bare.files_in())
    bare.server.world.refusals.clear()
    async with bare.bot():
        await bare.delivered(clip.id)
        assert bare.files_in() == [f"{first.id}.mp4", f"{clip.id}.mp4"]
