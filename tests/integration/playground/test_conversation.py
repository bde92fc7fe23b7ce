"""What members say and press on the page, and what they see of it."""

from __future__ import annotations

import io
import uuid
from pathlib import Path

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from inference.protocols import Claim
from inference.types import Generate, Remix
from tests.integration.playground.conftest import House, Message, Page, open_house
from tests.support.studio import open_studio, picture

BALL = "a red ball rising over the sea"


async def make(house: House, page: Page, text: str, title: str, *, thread: str = "", reply_to: str = "") -> Message:
    """A finished clip."""
    await page.say(text, thread=thread, reply_to=reply_to)
    await house.studio.succeed(await claim(house, page, title))
    return await page.clip(title)


async def claim(house: House, page: Page, title: str) -> Claim:
    """Take the job as a worker, as soon as its message stands in the chat."""
    await page.until(lambda m: bool(m.get("card")) and m["card"]["title"] == title and m["card"]["tone"] == "working")
    return await house.studio.claim()


async def test_a_prompt_becomes_a_clip_that_everyone_sees(house: House) -> None:
    async with house.page("pro") as noor, house.page("free") as robin:
        await noor.say(f"/generate {BALL}")
        price = await noor.whisper("Uses 1 of 500")
        working = await robin.until(lambda m: bool(m.get("card")) and m["card"]["progress"] is not None)
        assert working["card"]["title"] == BALL
        claimed = await house.studio.claim()
        await house.studio.show(claimed, 4)
        await robin.until(
            lambda m: (
                bool(m.get("card")) and m["card"]["progress"] is not None and m["card"]["progress"]["fraction"] == 0.5
            )
        )
        await house.studio.succeed(claimed)
        clip = await robin.clip(BALL)
        assert clip["id"] == working["id"]
        assert clip["card"]["media"]["kind"] == "video"
        assert [button["emoji"] for button in clip["card"]["buttons"]] == ["🔀", "🎲", "📋", "🗑"]
        assert not any(message["ephemeral"] for message in robin.messages.values())
        await noor.until_gone(price["id"])


async def test_a_reply_remixes_the_newest_clip_and_a_reply_to_an_older_one_branches(house: House) -> None:
    async with house.page() as page:
        first = await make(house, page, f"/generate {BALL}", BALL)
        thread = first["id"]
        second = await make(house, page, "make it blue", "make it blue", thread=thread)
        third = await make(house, page, "and slower", "and slower", thread=thread)
        branch = await make(house, page, "at night", "at night", thread=thread, reply_to=second["id"])
    assert {second["thread"], third["thread"], branch["thread"]} == {thread}
    parents = []
    for message in (second, third, branch):
        job = await house.studio.jobs.get(message["job"])
        assert job is not None
        assert isinstance(job.operation, Remix)
        parents.append(job.operation.parent)
    assert parents == [first["job"], second["job"], second["job"]]


async def test_the_words_of_a_reply_stand_in_the_thread(house: House) -> None:
    async with house.page("pro") as noor, house.page("free") as robin:
        clip = await make(house, noor, f"/generate {BALL}", BALL)
        await noor.say("make it blue", thread=clip["id"])
        said = await robin.until(lambda m: m.get("text") == "make it blue" and not m["ephemeral"])
    assert said["author"]["name"] == "Noor"
    assert said["thread"] == clip["id"]


async def test_what_is_sent_twice_happens_once(house: House) -> None:
    async with house.page() as page:
        clip = await make(house, page, f"/generate {BALL}", BALL)
        nonce = str(uuid.uuid4())
        for _ in range(2):
            answer = await page.say("make it blue", nonce=nonce, thread=clip["id"])
            assert answer.status == 202
        await claim(house, page, "make it blue")
        assert [m["nonce"] for m in page.messages.values() if m.get("nonce")] == [nonce]
    assert (await house.studio.jobs.counts()).get("queued", 0) == 0


async def test_words_without_a_command_offer_to_make_a_clip_of_them(house: House) -> None:
    async with house.page() as page:
        await page.say("a yellow star -- drifting")
        hint = await page.whisper("Begin with /generate")
        assert not any(not message["ephemeral"] for message in page.messages.values())
        await page.press(hint, "generate")
        await page.until_gone(hint["id"])
        claimed = await claim(house, page, "a yellow star -- drifting")
    assert isinstance(claimed.job.operation, Generate)


async def test_a_second_job_of_a_free_member_is_refused_with_the_limit(house: House) -> None:
    async with house.page("free") as page:
        await page.say(f"/generate {BALL}")
        await page.whisper("Uses 1 of 10")
        await page.say("/generate another ball")
        refusal = await page.whisper("allows one job at once")
        assert refusal["problem"]
        account = (await page.get("/api/account")).json
    assert (account["used"], account["limit"], account["running"]) == (1, 10, 1)


async def test_cancel_gives_the_clip_back(house: House) -> None:
    async with house.page("free") as page:
        await page.say(f"/generate {BALL}")
        working = await page.until(lambda m: bool(m.get("card")) and m["card"]["progress"] is not None)
        await page.press(working, "cancel")
        await page.until(lambda m: bool(m.get("card")) and m["card"]["lines"] == ["Cancelled. Nothing was charged."])
        account = (await page.get("/api/account")).json
    assert account["used"] == 0


async def test_buttons_remix_inform_and_delete(house: House) -> None:
    async with house.page() as page:
        clip = await make(house, page, f"/generate {BALL}", BALL)
        answered = await page.press(clip, "remix", text="make it blue", strength="0.8")
        assert answered["thread"] == clip["id"]
        claimed = await claim(house, page, "make it blue")
        assert isinstance(claimed.job.operation, Remix)
        assert claimed.job.operation.strength == 0.8
        await page.press(clip, "info")
        info = await page.until(lambda m: m["ephemeral"] and bool(m["card"]) and m["card"]["title"] == "Info")
        assert ["Whole prompt", BALL] in info["card"]["fields"]
        await page.press(clip, "delete")
        await page.until(lambda m: m["id"] == clip["id"] and m["card"]["lines"] == ["This clip was deleted."])
        media = await page.get(clip["card"]["media"]["url"])
    assert media.status == 404


async def test_an_image_in_a_thread_is_shown_and_becomes_the_first_frame(house: House) -> None:
    async with house.page() as page:
        clip = await make(house, page, f"/generate {BALL}", BALL)
        await page.say("a red square waking up", thread=clip["id"], image=with_a_note(picture().data))
        claimed = await claim(house, page, "a red square waking up")
        said = await page.until(lambda m: bool(m.get("image")))
        shown = await page.get(said["image"])
        assert (shown.status, shown.type) == (200, "image/png")
        assert Image.open(io.BytesIO(shown.body)).getpixel((0, 0)) == (255, 0, 0)
        assert b"where it was taken" not in shown.body
        assert said["text"] == "a red square waking up"
    assert isinstance(claimed.job.operation, Generate)
    assert claimed.job.operation.image is not None


async def test_what_is_no_image_is_refused_and_never_served(house: House) -> None:
    async with house.page() as page:
        clip = await make(house, page, f"/generate {BALL}", BALL)
        await page.say("look", thread=clip["id"], image=b"<script>alert(1)</script>")
        refusal = await page.whisper("it is no image")
        assert refusal["problem"]
        assert not any(message.get("image") for message in page.messages.values())
    assert not [
        file
        for file in house.studio.settings.data_dir.rglob("*")
        if file.is_file() and b"<script>" in file.read_bytes()
    ]


async def test_an_image_alone_is_said_once_it_is_taken_and_never_where_it_is_refused(house: House) -> None:
    async with house.page() as page:
        clip = await make(house, page, f"/generate {BALL}", BALL)
        await page.say("", thread=clip["id"], image=picture().data[:60])
        await page.whisper("it is damaged")
        assert not [m for m in page.messages.values() if m["author"]["kind"] == "member"]
        await page.say("", thread=clip["id"], image=picture().data)
        said = await page.until(lambda m: bool(m.get("image")))
    assert (said["author"]["kind"], said["thread"]) == ("member", clip["id"])


def with_a_note(png: bytes) -> bytes:
    """The picture with words beside it, as cameras and phones write them."""
    noted, words = io.BytesIO(), PngInfo()
    words.add_text("Comment", "where it was taken")
    Image.open(io.BytesIO(png)).save(noted, "PNG", pnginfo=words)
    return noted.getvalue()


async def test_a_whisper_is_dismissed_by_its_member_alone(house: House) -> None:
    async with house.page("free") as robin, house.page("pro") as noor:
        await robin.say("/help")
        whisper = await robin.until(lambda m: m["ephemeral"])
        await noor.post("/api/dismiss", {"message": whisper["id"]})
        async with house.page("free") as other_tab:
            assert whisper["id"] in other_tab.messages
        await robin.post("/api/dismiss", {"message": whisper["id"]})
        await robin.until_gone(whisper["id"])


async def test_history_outlives_the_bot_and_what_ended_meanwhile_is_told(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio:
        async with open_house(studio) as house, house.page() as page:
            clip = await make(house, page, f"/generate {BALL}", BALL)
            await page.say("make it blue", thread=clip["id"])
            claimed = await claim(house, page, "make it blue")
            seen = page.last_id
        await studio.succeed(claimed)
        async with open_house(studio) as house, house.page(last_id=seen) as page:
            child = await page.clip("make it blue")
            assert page.heard[0] == "snapshot"  # another run: everything is told anew
            assert page.messages[clip["id"]]["card"]["media"] == clip["card"]["media"]
            assert [m["thread"] for m in page.messages.values() if m.get("job")] == [None, child["thread"]]


async def test_a_page_that_was_away_hears_only_what_it_missed(house: House) -> None:
    async with house.page() as page:
        await make(house, page, f"/generate {BALL}", BALL)
        seen, known = page.last_id, set(page.messages)
    async with house.page("free") as robin:
        await robin.say(f"/generate {BALL} again")
        await robin.whisper("Uses 1 of 10")
        await claim(house, robin, f"{BALL} again")
    async with house.page(last_id=seen) as back:
        message = await back.until(lambda m: bool(m.get("card")) and m["card"]["title"] == f"{BALL} again")
        assert "snapshot" not in back.heard
        assert message["id"] not in known
        assert not any(m["ephemeral"] for m in back.messages.values())


async def test_a_private_clip_is_seen_by_its_member_alone(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio:
        async with open_house(studio) as house, house.page("pro") as noor, house.page("free") as robin:
            clip = await make(house, noor, f"/generate {BALL} --private", BALL)
            assert clip["private"]
            await make(house, noor, "make it blue", "make it blue", thread=clip["id"])
            assert (await robin.say("mine too", thread=clip["id"])).status == 400
            public = await make(house, robin, "/generate a star", "a star")
            assert [key for key, message in robin.messages.items() if not message["ephemeral"]] == [public["id"]]
            stolen = clip["card"]["media"]["url"].replace("as=pro", "as=free")
            assert (await robin.get(stolen)).status == 404
        async with open_house(studio) as house, house.page("free") as robin, house.page("pro") as noor:
            assert [key for key, message in robin.messages.items() if not message["ephemeral"]] == [public["id"]]
            assert clip["id"] in noor.messages


async def test_an_answer_stands_beside_the_card_whose_button_was_pressed(house: House) -> None:
    async with house.page("free") as page:
        older = await make(house, page, f"/generate {BALL}", BALL)
        newer = await make(house, page, "/generate a star", "a star")
        info = (await page.press(older, "info"))["answer"]
        shown = await page.until(lambda m: m["id"] == info)
        assert older["order"] < shown["order"] < newer["order"]
        await page.say("/generate a boat")
        await claim(house, page, "a boat")
        refusal = (await page.press(older, "again"))["answer"]
        shown_again = await page.until(lambda m: m["id"] == refusal)
        assert shown_again["problem"]
        assert shown["order"] < shown_again["order"] < newer["order"]


async def test_an_answer_to_a_command_says_what_was_asked(house: House) -> None:
    async with house.page() as page:
        await page.say("/queue")
        answer = await page.until(lambda m: m["ephemeral"])
    assert answer["asked"] == "/queue"


async def test_who_may_delete_or_cancel_stands_on_the_button(house: House) -> None:
    async with house.page("pro") as noor, house.page("free") as robin:
        await noor.say(f"/generate {BALL}")
        working = await robin.until(lambda m: bool(m.get("card")) and bool(m["card"]["progress"]))
        assert [button["only_for"] for button in working["card"]["buttons"]] == ["pro"]
        await house.studio.succeed(await house.studio.claim())
        clip = await robin.clip(BALL)
        assert [button["only_for"] for button in clip["card"]["buttons"]] == ["", "", "", "pro"]
        await robin.say(f"/show {clip['job']}")
        shown = await robin.until(lambda m: m["ephemeral"] and bool(m["card"]))
        assert [button["label"] for button in shown["card"]["buttons"]] == ["Remix", "Again", "Info"]
