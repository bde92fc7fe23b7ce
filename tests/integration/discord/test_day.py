"""A member's day on a simulated Discord."""

from __future__ import annotations

import pytest

from bot.card import Card, Media
from bot.discord_app.chat import DiscordChat
from bot.platform import MessageRef
from inference.types import Generate, Remix
from tests.integration.discord.conftest import BALL, Server, buttons_of, said, text_of
from tests.support.studio import picture


async def test_a_command_is_answered_and_becomes_a_clip_in_one_message(server: Server) -> None:
    ann = await server.member()
    result = await ann.slash(server.channel, "generate", prompt=BALL, seconds=2)
    assert "this month" in said(result)
    working = await server.post_saying(BALL)
    assert [button.label for button in buttons_of(working)] == ["Cancel"]
    claim = await server.claimed()
    await server.studio.show(claim, 4)
    await server.post_saying("Painting 4 of 8")
    clip = await server.studio.succeed(claim)
    message = await server.clip_message(clip.id)
    assert message.id == working.id
    assert [button.label for button in buttons_of(message)] == ["Remix", "Again", "Info", "Delete"]
    assert message.attachments[0].description == f"Clip: {BALL}"
    assert len(server.posts()) == 1


async def test_replies_remix_three_deep_and_an_older_one_branches(server: Server) -> None:
    ann = await server.member()
    root, message = await server.made(ann)
    await ann.send(server.channel, "make it blue", reply_to=message)
    first = await server.finish()
    thread = await server.until(lambda: next(iter(server.channel.threads), None))
    first_message = await server.clip_message(first.id, thread)
    clips = [first]
    for words in ("and slower", "at night"):
        await ann.send(thread, words)
        clips.append(await server.finish())
        await server.clip_message(clips[-1].id, thread)
    await ann.send(thread, "make it green", reply_to=first_message)
    branch = await server.finish()
    assert [clip.parent for clip in (*clips, branch)] == [root.id, first.id, clips[1].id, first.id]
    assert {clip.root for clip in (*clips, branch)} == {root.id}


async def test_the_remix_button_asks_with_the_prompt_filled_in(server: Server) -> None:
    ann = await server.member()
    root, message = await server.made(ann)
    shown = await ann.click(message, label="Remix")
    assert shown.modal is not None
    fields = [part["component"] for part in shown.modal["components"]]
    assert fields[1]["value"] == BALL
    assert [option["label"] for option in fields[2]["options"]] == ["Subtle", "Mild", "Strong"]
    await ann.submit_modal(shown, {"text": "make it blue", "strength": ["0.9"]})
    child = await server.finish()
    job = await server.job(child.id)
    assert job.operation == Remix(parent=root.id, instruction="make it blue", strength=0.9)
    shown = await ann.click(message, label="Remix")
    await ann.submit_modal(shown, {"prompt": "a blue ball"})
    rewritten = await server.finish()
    assert rewritten.recipe.prompt == "a blue ball"
    assert "a blue ball" in text_of(await server.clip_message(rewritten.id, server.thread()))


async def test_a_limit_is_named_with_what_lifts_it_and_charges_nothing(server: Server) -> None:
    bob = await server.member("bob", "free")
    await bob.slash(server.channel, "generate", prompt=BALL)
    refused = said(await bob.slash(server.channel, "generate", prompt="another"))
    assert "one job at once" in refused
    assert "plus" in refused
    assert "1 of 10" in said(await bob.slash(server.channel, "info"))


async def test_cancel_gives_the_clip_back(server: Server) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    working = await server.post_saying(BALL)
    assert "Nothing was charged" in said(await ann.click(working, label="Cancel"))
    await server.post_saying("Cancelled.")
    assert "0 of 500" in said(await ann.slash(server.channel, "info"))


async def test_someone_elses_button_is_refused_and_their_remix_is_their_own(server: Server) -> None:
    ann, bob = await server.member(), await server.member("bob", "plus")
    await ann.slash(server.channel, "generate", prompt=BALL, size="480p")
    working = await server.post_saying(BALL)
    assert "Only its owner" in said(await bob.click(working, label="Cancel"))
    root = await server.finish()
    message = await server.clip_message(root.id)
    await bob.slash(server.channel, "remix", prompt="make it blue", clip=root.id)
    await ann.slash(server.channel, "remix", prompt="make it green", clip=root.id)
    clips = [await server.finish(), await server.finish()]
    assert {clip.parent for clip in clips} == {root.id}
    assert {clip.author for clip in clips} == {"ann", "bob"}
    for clip in clips:
        await server.clip_message(clip.id, server.thread())
    sure = await bob.click(message, label="Delete")
    assert sure.response is not None
    assert "Only its owner" in said(await bob.click(sure.response.message, label="Yes, Delete"))


async def test_delete_asks_first_and_the_message_says_so(server: Server) -> None:
    ann = await server.member()
    _, message = await server.made(ann)
    sure = await ann.click(message, label="Delete")
    assert sure.response is not None
    assert said(await ann.click(sure.response.message, label="Yes, Delete")) == "Deleted."
    gone = await server.post_saying("This clip was deleted.")
    assert gone.id == message.id
    assert not gone.attachments


async def test_what_failed_can_be_deleted_by_its_button(server: Server) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    await server.studio.fail(await server.claimed())
    failed = await server.post_saying("Nothing was charged")
    assert [button.label for button in buttons_of(failed)] == ["Delete"]
    sure = await ann.click(failed, label="Delete")
    assert sure.response is not None
    assert said(await ann.click(sure.response.message, label="Yes, Delete")) == "Deleted."
    assert (await server.post_saying("This clip was deleted.")).id == failed.id


async def test_a_clip_that_is_deleted_while_it_is_told_is_told_as_deleted(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = DiscordChat.deliver

    async def deleted_meanwhile(chat: DiscordChat, ref: MessageRef, card: Card, media: Media) -> MessageRef:
        await server.studio.face.delete(media.job, media.requester)
        return await tell(chat, ref, card, media)

    monkeypatch.setattr(DiscordChat, "deliver", deleted_meanwhile)
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt=BALL)
    working = await server.post_saying(BALL)
    await server.finish()
    gone = await server.post_saying("This clip was deleted.")
    assert (gone.id, buttons_of(gone)) == (working.id, [])


async def test_the_menus_on_a_message(server: Server) -> None:
    ann = await server.member()
    root, message = await server.made(ann)
    assert root.id in said(await ann.context_menu(server.channel, "Clip info", message))
    shown = await ann.context_menu(server.channel, "Remix this clip", message)
    await ann.submit_modal(shown, {"text": "make it blue"})
    assert (await server.finish()).parent == root.id
    chat = await ann.send(server.channel, "hello")
    assert "no clip of mine" in said(await ann.context_menu(server.channel, "Remix this clip", chat))
    assert "no image" in said(await ann.context_menu(server.channel, "Use as reference", chat))


async def test_a_picture_of_a_message_becomes_the_first_frame(server: Server) -> None:
    ann = await server.member()
    told = await ann.send(server.channel, "look", attachments=[("red.png", picture().data)])
    shown = await ann.context_menu(server.channel, "Use as reference", told)
    await ann.submit_modal(shown, {"text": "a square wakes up"})
    clip = await server.finish()
    operation = (await server.job(clip.id)).operation
    assert isinstance(operation, Generate)
    assert operation.image is not None
    await server.clip_message(clip.id)


async def test_an_image_in_a_command_and_in_a_reply_is_the_first_frame(server: Server) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "animate", image=("red.png", picture().data), prompt="it wakes up")
    clip = await server.finish()
    message = await server.clip_message(clip.id)
    await ann.send(server.channel, "a cat jumps", reply_to=message, attachments=[("red.png", picture().data)])
    second = (await server.job((await server.finish()).id)).operation
    assert isinstance(second, Generate)
    assert (second.prompt, second.image is not None) == ("a cat jumps", True)
    refused = said(await ann.slash(server.channel, "animate", image=("x.png", b"no image"), prompt="x"))
    assert "cannot be used" in refused


async def test_the_member_chooses_language_and_usual_shape(server: Server) -> None:
    ann = await server.member()
    saved = said(await ann.slash(server.channel, "settings", language="ja", aspect_ratio="9:16", seconds=2))
    assert saved.startswith("保存しました")
    assert "今月" in said(await ann.slash(server.channel, "generate", prompt=BALL))
    clip = await server.finish()
    assert (clip.size.width < clip.size.height, clip.seconds < 3) == (True, True)
    message = await server.clip_message(clip.id)
    assert [button.label for button in buttons_of(message)] == ["リミックス", "もう一度", "情報", "削除"]
    await ann.slash(server.channel, "settings", language="default", seconds=0, aspect_ratio="default")
    assert "as the tier has it" in said(await ann.slash(server.channel, "settings"))


async def test_history_show_result_tree_queue_and_help(server: Server) -> None:
    ann = await server.member()
    assert "No clip of yours" in said(await ann.slash(server.channel, "result"))
    root, _ = await server.made(ann)
    assert root.id in said(await ann.slash(server.channel, "history"))
    for name, options in (("show", {"clip": root.id}), ("result", {})):
        shown = await ann.slash(server.channel, name, **options)
        assert BALL in said(shown)
        assert shown.response is not None
        assert [file.filename for file in shown.response.attachments] == [f"{root.id}.mp4"]
    await ann.slash(server.channel, "remix", prompt="make it blue", clip=root.id)
    assert "make it blue" in said(await ann.slash(server.channel, "queue"))
    child = await server.finish()
    tree = await ann.slash(server.channel, "tree", clip=root.id)
    assert [line[:3] for line in said(tree).splitlines() if BALL in line or "blue" in line] == ["👉 1", "└ 2"]
    assert tree.response is not None
    shown = await ann.click(tree.response.message, label="2. Branch: make it blue")
    await ann.submit_modal(shown, {"text": "at night"})
    assert (await server.finish()).parent == child.id
    assert "/remix" in said(await ann.slash(server.channel, "help"))


async def test_a_clip_that_went_while_it_was_brought_up_is_said_to_be_gone(server: Server) -> None:
    ann = await server.member()
    root, _ = await server.made(ann)
    for blob in server.studio.blobs.names(f"{root.id}/"):
        server.studio.blobs.delete(blob)
    assert root.id in said(await ann.slash(server.channel, "show", clip=root.id))


async def test_what_can_be_known_is_completed(server: Server) -> None:
    ann = await server.member()
    root, _ = await server.made(ann)
    clips = await ann.autocomplete(server.channel, "remix", "clip", "red", prompt="x")
    assert [choice["value"] for choice in clips] == [root.id]
    presets = await ann.autocomplete(server.channel, "generate", "preset", "poc", prompt="x")
    assert [choice["value"] for choice in presets] == ["pocket"]
    strengths = await ann.autocomplete(server.channel, "remix", "strength", "", prompt="x")
    assert [choice["name"] for choice in strengths] == ["Subtle", "Mild", "Strong"]


async def test_a_private_clip_goes_to_its_member_alone(server: Server) -> None:
    ann = await server.member()
    await ann.slash(server.channel, "generate", prompt="a secret", private=True)
    clip = await server.finish()
    direct = await server.clip_message(clip.id, ann.user.dm_channel)
    assert "a secret" in text_of(direct)
    assert server.posts() == []


async def test_what_a_member_asks_about_themselves_in_the_open_is_answered_to_them_alone(server: Server) -> None:
    """A command that is written by hand is no slash command: its answer cannot be hidden in the channel."""
    ann = await server.member()
    _, message = await server.made(ann)
    await ann.slash(server.channel, "generate", prompt="a secret ball", private=True)
    await server.finish()
    await ann.send(server.channel, "/history", reply_to=message)
    await server.until(lambda: [m for m in server.posts(ann.user.dm_channel) if "Your clips" in text_of(m)])
    assert not [m for m in server.posts() if "secret" in text_of(m)]


async def test_reactions_stop_send_and_keep(server: Server) -> None:
    ann, bob = await server.member(), await server.member("bob", "plus")
    root, message = await server.made(ann)
    await bob.react(message, "✉️")
    await server.until(lambda: [m for m in server.posts(bob.user.dm_channel) if m.attachments])
    await bob.react(message, "⭐")
    await server.post_saying(str(message.id), bob.user.dm_channel)
    await bob.react(message, "❌")
    await ann.slash(server.channel, "generate", prompt="another")
    working = await server.post_saying("another")
    await ann.react(working, "❌")
    await server.post_saying("Cancelled.")
    assert await server.studio.clips.get(root.id) is not None
