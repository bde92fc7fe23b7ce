"""A member's day on a small Slack."""

from __future__ import annotations

import pytest

from inference.types import Generate, Remix
from tests.integration.slack.conftest import BALL, Stage
from tests.support.slack_state import buttons_of, labels_of, words_of
from tests.support.studio import picture


async def test_a_command_is_answered_and_becomes_a_clip_below_its_message(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/generate", f"{BALL} --seconds 2 --size 480p")
    assert "1 of 500" in await ann.hears("this month")
    working = await stage.post_saying(BALL)
    assert labels_of(working) == ["Cancel"]
    claim = await stage.claimed()
    await stage.studio.show(claim, 4)
    clip = await stage.studio.succeed(claim)
    message = await stage.delivered(clip.id)
    assert message["ts"] == working["ts"]
    assert labels_of(message) == ["Remix", "Again", "Info", "Favourite", "Delete"]
    assert "The clip is in the thread" in words_of(message)
    borne = next(m for m in stage.posts() if m.get("files"))
    assert (borne["thread_ts"], borne["files"][0]["name"]) == (message["ts"], f"{clip.id}.mp4")
    assert borne["files"][0]["alt_txt"] == f"Clip: {BALL}"


async def test_where_slack_attaches_files_the_clip_is_in_the_message_itself(stage: Stage) -> None:
    stage.server.world.attaches = True
    clip, message = await stage.made(await stage.member())
    assert [file["name"] for file in message["files"]] == [f"{clip.id}.mp4"]
    assert len(stage.posts()) == 1
    assert buttons_of(message)


async def test_replies_remix_three_deep_and_older_ones_branch(stage: Stage) -> None:
    ann, bob = await stage.member(), await stage.member("bob", "plus")
    root, message = await stage.made(ann, f"{BALL} --size 480p --seconds 2")
    clips = [root]
    for who, words in ((ann, "make it blue"), (bob, "and slower"), (ann, "at night")):
        await who.write(words, message)
        clips.append(await stage.finish())
        child = await stage.delivered(clips[-1].id)
        assert child["thread_ts"] == message["ts"]
    await ann.write(f"{clips[1].id} make it green", message)
    named = await stage.finish()
    await stage.delivered(named.id)
    first = stage.parent(clips[1].id)
    link = f"https://acme.slack.com/archives/C1/p{first['ts'].replace('.', '')}?thread_ts={message['ts']}"
    await ann.write(f"<{link}> with snow", message)
    quoted = await stage.finish()
    await stage.delivered(quoted.id)
    assert [clip.parent for clip in (*clips, named, quoted)] == [
        None, clips[0].id, clips[1].id, clips[2].id, clips[1].id, clips[1].id,
    ]  # fmt: skip
    assert (quoted.text, quoted.author, clips[2].author) == ("with snow", "ann", "bob")


async def test_the_remix_button_asks_in_a_modal_with_the_prompt_filled_in(stage: Stage) -> None:
    ann = await stage.member()
    root, message = await stage.made(ann)
    await ann.press(message, "Remix")
    view = await ann.modal("What should change?")
    fields = {block["block_id"]: block["element"] for block in view["blocks"]}
    assert fields["prompt"]["initial_value"] == BALL
    assert [option["text"]["text"] for option in fields["strength"]["options"]] == ["Subtle", "Mild", "Strong"]
    await ann.submit(view, text="make it blue", strength="0.9")
    await ann.modal("this month")
    child = await stage.finish()
    job = await stage.job(child.id)
    assert job.operation == Remix(parent=root.id, instruction="make it blue", strength=0.9)
    assert (await stage.delivered(child.id))["thread_ts"] == message["ts"]


async def test_what_a_modal_cannot_do_is_said_in_the_modal(stage: Stage) -> None:
    bob = await stage.member("bob", "free")
    await bob.command("/generate")
    view = await bob.modal("What the clip should show")
    answer = await bob.submit(view, prompt=BALL, seed="tomorrow")
    assert answer is not None
    assert "a whole number" in answer["errors"]["seed"]
    await bob.submit(view, prompt=BALL, size="1080p")
    refused = await bob.modal("clips of at most")
    assert {block["block_id"] for block in refused["blocks"]} >= {"problem", "prompt"}
    prompt = next(block for block in refused["blocks"] if block["block_id"] == "prompt")
    assert prompt["element"]["initial_value"] == BALL
    await bob.submit(refused, prompt=BALL, size="480p")
    await bob.modal("1 of 10")
    clip = await stage.finish()
    await stage.delivered(clip.id)


async def test_a_limit_is_named_with_what_lifts_it_and_charges_nothing(stage: Stage) -> None:
    bob = await stage.member("bob", "free")
    await bob.command("/generate", BALL)
    await bob.hears("1 of 10")
    await bob.command("/generate", "another")
    refused = await bob.hears("one job at once")
    assert "plus" in refused
    await bob.command("/threadreel", "info")
    await bob.hears("1 of 10")
    await bob.command("/generate", f"{BALL} --sed 7")
    assert "--seed" in await bob.hears("There is no option")


async def test_cancel_gives_the_clip_back_and_only_its_owner_may(stage: Stage) -> None:
    ann, bob = await stage.member(), await stage.member("bob", "plus")
    await ann.command("/generate", BALL)
    working = await stage.post_saying(BALL)
    await bob.press(working, "Cancel")
    await bob.hears("Only its owner")
    await ann.press(working, "Cancel")
    await ann.hears("Nothing was charged")
    cancelled = await stage.post_saying("Cancelled.")
    assert (cancelled["ts"], labels_of(cancelled)) == (working["ts"], ["Delete"])
    await ann.command("/threadreel", "info")
    await ann.hears("0 of 500")


async def test_delete_asks_first_and_takes_the_file_away(stage: Stage) -> None:
    ann = await stage.member()
    _, message = await stage.made(ann)
    asks = next(button for button in buttons_of(message) if button["text"]["text"].endswith("Delete"))
    assert "for everyone" in asks["confirm"]["text"]["text"]
    await ann.press(message, "Delete")
    await ann.hears("Deleted.")
    gone = await stage.post_saying("This clip was deleted.")
    assert (gone["ts"], buttons_of(gone)) == (message["ts"], [])
    await stage.server.until(lambda: not stage.files_in())


async def test_the_menus_on_a_message(stage: Stage) -> None:
    ann = await stage.member()
    root, message = await stage.made(ann)
    borne = next(m for m in stage.posts() if m.get("files"))
    await ann.menu("threadreel_info", message)
    assert root.id in words_of(await ann.modal("Seed"))
    await ann.menu("threadreel_remix", borne)
    await ann.submit(await ann.modal("What should change?"), text="make it blue")
    assert (await stage.finish()).parent == root.id
    chat = await ann.write("hello")
    await ann.menu("threadreel_remix", chat)
    await ann.modal("no clip of mine")
    await ann.menu("threadreel_reference", chat)
    await ann.modal("no image")


@pytest.mark.parametrize(
    ("menu", "shows"),
    [
        ("threadreel_remix", "What should change?"),
        ("threadreel_reference", "What should happen"),
        ("threadreel_info", "Seed"),
    ],
)
async def test_a_menu_opens_its_view_before_anything_is_looked_up(bare: Stage, menu: str, shows: str) -> None:
    """Also in the first moment of a bot that knows nobody yet: a trigger lives three seconds."""
    async with bare.bot():
        ann = await bare.member()
        _, message = await bare.made(ann)
    async with bare.bot():
        before = len(bare.server.world.calls)
        await ann.menu(menu, message)
        await ann.modal(shows)
    asked = [call.method for call in bare.server.world.calls[before:]]
    asked = [method for method in asked if method not in {"auth.test", "apps.connections.open"}]
    assert asked[0] == "views.open"
    assert "users.info" in asked


async def test_a_picture_of_a_message_becomes_the_first_frame(stage: Stage) -> None:
    ann = await stage.member()
    told = await ann.write("look", files=(ann.file(picture().data),))
    await ann.menu("threadreel_reference", told)
    await ann.submit(await ann.modal("What should happen"), text="a square wakes up")
    clip = await stage.finish()
    operation = (await stage.job(clip.id)).operation
    assert isinstance(operation, Generate)
    assert (operation.prompt, operation.image is not None) == ("a square wakes up", True)


async def test_a_clips_poster_becomes_the_first_frame(stage: Stage) -> None:
    ann = await stage.member()
    root, message = await stage.made(ann)
    (poster,) = [name for name in stage.studio.blobs.names(f"{root.id}/") if name.endswith("poster.webp")]
    stage.studio.blobs.put(poster, picture().data)
    await ann.menu("threadreel_reference", message)
    await ann.submit(await ann.modal("What should happen"), text="it rolls away")
    operation = (await stage.job((await stage.finish()).id)).operation
    assert isinstance(operation, Generate)
    assert (operation.prompt, operation.image is not None) == ("it rolls away", True)


async def test_a_command_that_lacks_what_it_needs_asks_for_it_in_a_form(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/threadreel", "animate")
    view = await ann.modal("/threadreel animate")
    await ann.submit(view, files=({"id": ann.file(picture().data)["id"]},), prompt="a square wakes up", seconds="2")
    await ann.modal("this month")
    clip = await stage.finish()
    operation = (await stage.job(clip.id)).operation
    assert isinstance(operation, Generate)
    assert (operation.prompt, operation.image is not None) == ("a square wakes up", True)
    message = await stage.delivered(clip.id)
    await ann.command("/threadreel", "remix", trigger_id=stage.server.trigger(age=4.0))
    await ann.press(await ann.hears_with_buttons("too long"), "Open the form")
    await ann.submit(await ann.modal("/threadreel remix"), prompt="make it blue", clip=clip.id)
    child = await stage.finish()
    assert (child.parent, (await stage.delivered(child.id))["thread_ts"]) == (clip.id, message["ts"])
    stage.server.world.views.clear()
    await ann.command("/threadreel", "show")
    await ann.submit(await ann.modal("/threadreel show"), clip=clip.id)
    await ann.modal("direct messages")


async def test_an_image_in_a_reply_is_a_reference(stage: Stage) -> None:
    ann = await stage.member()
    _, message = await stage.made(ann)
    await ann.write("a cat jumps", message, files=(ann.file(picture().data),))
    operation = (await stage.job((await stage.finish()).id)).operation
    assert isinstance(operation, Generate)
    assert (operation.prompt, operation.image is not None) == ("a cat jumps", True)
    await ann.write("no picture", message, files=(ann.file(b"no image"),))
    await ann.hears("cannot be used")


async def test_a_mention_makes_a_clip_in_its_own_thread_and_replies_there_remix(stage: Stage) -> None:
    ann = await stage.member()
    mention = await ann.write(f"<@UBOT> {BALL}")
    clip = await stage.finish()
    message = await stage.delivered(clip.id)
    assert (clip.text, message["thread_ts"]) == (BALL, mention["ts"])
    await ann.write("<@UBOT> make it blue", mention)
    child = await stage.finish()
    await stage.delivered(child.id)
    assert (child.parent, child.text) == (clip.id, "make it blue")


async def test_a_mention_in_a_thread_of_others_makes_a_clip_there_and_replies_remix_it(stage: Stage) -> None:
    ann, bob = await stage.member(), await stage.member("bob", "plus")
    chat = await bob.write("what shall we show?")
    await bob.write("no idea", chat)
    assert await stage.jobs() == {}
    await ann.write(f"<@UBOT> {BALL} --size 480p", chat)
    clip = await stage.finish()
    assert (await stage.delivered(clip.id))["thread_ts"] == chat["ts"]
    await bob.write("make it blue", chat)
    child = await stage.finish()
    assert (child.parent, (await stage.delivered(child.id))["thread_ts"]) == (clip.id, chat["ts"])


async def test_a_direct_message_is_a_clip_and_its_thread_an_edit_session(stage: Stage) -> None:
    ann = await stage.member()
    stage.server.world.direct(ann.id)
    await ann.write(BALL, channel="D1")
    clip = await stage.finish()
    message = await stage.delivered(clip.id, "D1")
    await ann.write("make it blue", message, channel="D1")
    child = await stage.finish()
    assert (child.parent, (await stage.delivered(child.id, "D1"))["thread_ts"]) == (clip.id, message["ts"])


async def test_the_agents_conversation_stays_in_its_thread(stage: Stage) -> None:
    ann = await stage.member()
    stage.server.world.direct(ann.id)
    begun = stage.server.world.post("D1", user=ann.id, text="hello")
    await ann.write(BALL, begun, channel="D1")
    clip = await stage.finish()
    assert (await stage.delivered(clip.id, "D1"))["thread_ts"] == begun["ts"]
    (status,) = stage.server.world.made("assistant.threads.setStatus")
    assert status.args["thread_ts"] == begun["ts"]
    await ann.write("make it blue", begun, channel="D1")
    assert (await stage.finish()).parent == clip.id


async def test_a_command_that_is_written_to_us_is_a_command(stage: Stage) -> None:
    """As the agent's suggestions are."""
    ann = await stage.member()
    stage.server.world.direct(ann.id)
    await ann.write("/help", channel="D1")
    told = await stage.post_saying("/threadreel remix", "D1")
    assert "Slack knows no commands in threads" in words_of(told)
    assert await stage.jobs() == {}


async def test_user_groups_are_handed_over_as_roles(stage: Stage) -> None:
    stage.server.world.groups = [
        {"id": "S1", "handle": "film", "users": ["U1", "U2"]},
        {"id": "S2", "handle": "other", "users": ["U2"]},
    ]
    clip, _ = await stage.made(await stage.member())
    assert (await stage.job(clip.id)).requester.roles == ("slack:S1",)


async def test_the_member_is_spoken_to_in_the_language_of_their_slack(stage: Stage) -> None:
    kei = await stage.member("kei")
    await kei.command("/generate", "赤い玉")
    await kei.hears("今月")
    clip = await stage.finish()
    message = await stage.delivered(clip.id)
    assert labels_of(message) == ["リミックス", "もう一度", "情報", "お気に入り", "削除"]
    await kei.press(message, "リミックス")
    await kei.submit(await kei.modal("変え"), text="青くして")
    await kei.modal("今月")
    await kei.command("/threadreel", "settings --language en")
    await kei.hears("Saved.")


async def test_history_show_queue_help_and_favourites(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/threadreel", "result")
    await ann.hears("/threadreel queue")
    root, message = await stage.made(ann)
    await ann.command("/threadreel", "history")
    await ann.hears(root.id)
    await ann.command("/threadreel", f"show {root.id}")
    await ann.hears("direct messages")
    await stage.server.until(lambda: stage.files_in("D1"))
    await ann.command("/threadreel")
    await ann.hears("/threadreel remix")
    await ann.press(message, "Favourite")
    kept = await stage.post_saying("/archives/", "D1")
    assert message["ts"].replace(".", "") in kept["text"]
    await ann.command("/threadreel", f"tree {root.id}")
    family = await ann.hears_with_buttons("One clip in this family")
    await ann.press(family, f"1. Branch: {BALL}")
    await ann.submit(await ann.modal("What should change?"), text="at night")
    assert (await stage.finish()).parent == root.id


async def test_a_private_clip_goes_to_its_member_alone(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/generate", "a secret --private")
    clip = await stage.finish()
    message = await stage.delivered(clip.id, "D1")
    assert "a secret" in words_of(message)
    assert stage.posts() == []


async def test_what_failed_is_said_with_its_refund(stage: Stage) -> None:
    ann = await stage.member()
    await ann.command("/generate", BALL)
    await stage.studio.fail(await stage.claimed())
    failed = await stage.post_saying("Nothing was charged")
    assert labels_of(failed) == ["Delete"]
