import io
import json
import zipfile

from bot.actions import Action, Verb
from bot.privacy import ME
from inference.types import ClipQuery
from storage.conversations import PostState
from tests.support.studio import member
from tests.unit.bot.conftest import Room

ANN = member("ann", "pro")
FORGET = str(Action(verb=Verb.FORGET, job=ME))


async def test_ones_data_come_as_a_file_with_what_the_chats_know(room: Room) -> None:
    job, message = await room.clip("a balloon over Kamakura")
    await room.conversations.append_message("reels", "", "ann", {"text": "hello"})
    await room.conversations.append_message("reels", "", "bob", {"text": "not hers"})
    answer = await room.core.command(room.at(who=ANN), "/マイデータ")
    (file,) = answer.files
    with zipfile.ZipFile(io.BytesIO(file.data)) as pack:
        names = pack.namelist()
        kept = json.loads(pack.read("conversations.json"))
    assert {"account.json", "rows/jobs.json", f"clips/{job}.mp4"} <= set(names)
    assert [(post["job"], post["message"]) for post in kept["posts"]] == [(job, message)]
    assert [said["body"]["text"] for said in kept["messages"]] == ["hello"]


async def test_nothing_is_forgotten_before_the_button_is_pressed(room: Room) -> None:
    job, _ = await room.clip()
    answer = await room.core.command(room.at(who=ANN), "/forgetme")
    assert answer.card is not None
    assert [button.action for button in answer.card.buttons] == [FORGET]
    assert [clip.id for clip in (await room.studio.face.clips(ClipQuery(), ANN)).clips] == [job]


async def test_who_is_forgotten_leaves_a_message_that_says_so_and_nothing_else(room: Room) -> None:
    job, message = await room.clip("a balloon over Kamakura")
    waiting = (await room.core.command(room.at(who=ANN), "/generate a kite over Kamakura")).job
    assert waiting is not None
    await room.conversations.begin_post(waiting, "playground", "general", "")
    await room.conversations.append_message("reels", "", "ann", {"text": "hello"})
    answer = await room.core.press(room.at(who=ANN), FORGET)
    assert "being deleted" in answer.text
    await room.deliver()
    told = room.chat.messages[message].card
    assert told.lines == ("This clip was deleted.",)
    assert "Kamakura" not in str(told)
    assert await room.conversations.said_by("ann") == []
    assert await room.conversations.posts_of([job, waiting]) == []
    await room.studio.service.forget_more()
    assert await room.studio.jobs.events(None) == []
    await room.deliver()  # and nothing is posted anew
    assert len(room.chat.messages) == 1


async def test_what_was_deleted_before_is_not_told_twice(room: Room) -> None:
    job, message = await room.clip()
    await room.core.press(room.at(who=ANN), str(Action(verb=Verb.DELETE, job=job)))
    await room.deliver()
    post = await room.conversations.post(job, "playground")
    assert post is not None
    assert post.state is PostState.REMOVED
    cards = len(room.chat.messages[message].cards)
    await room.core.press(room.at(who=ANN), FORGET)
    await room.deliver()
    assert await room.conversations.post(job, "playground") is None
    assert len(room.chat.messages[message].cards) == cards
