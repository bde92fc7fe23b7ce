"""What members ask and what they are told, before a real service on real rows."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.actions import Action, Verb
from bot.commands.errors import ButtonUnknown
from bot.session import ChatCore
from inference.client import Client
from inference.types import (
    Again,
    Ceiling,
    ChangePolicy,
    Generate,
    GrantTier,
    Identity,
    JobId,
    PolicyWish,
    Remix,
    Upload,
)
from tests.support.studio import member, operator, picture
from tests.unit.bot.conftest import Room


async def newest(room: Room) -> Generate | Remix | Again:
    return (await room.studio.claim()).job.operation


async def test_a_command_is_answered_with_its_price_and_its_place(room: Room) -> None:
    ann = await room.core.command(room.at(who=member("ann", "plus")), "/generate a red ball --seconds 2")
    ben = await room.core.command(room.at(who=member("ben", "pro")), "/generate a blue ball --seconds 2")
    assert ann.text.startswith("Uses 1 of 50 this month · about ")
    assert ann.text.endswith(" · you are next")
    assert ben.text.endswith(" · 1 ahead of you")
    assert not ann.is_problem


async def test_the_answer_is_in_the_members_language(room: Room) -> None:
    answer = await room.core.command(room.at(who=member("mika", "plus")), "/設定 --言語 日本語")
    assert answer.text == "保存しました。"
    answer = await room.core.command(room.at(who=member("mika", "plus")), "/生成 赤い玉 --秒 2")
    assert answer.text.startswith("今月50本のうち1本目です")


async def test_a_reply_in_the_thread_remixes_its_newest_clip(room: Room) -> None:
    root, thread = await room.clip()
    first = await room.core.reply(room.at(thread), "make it blue")
    assert first is not None
    assert first.job is not None
    claim = await room.studio.claim()
    assert claim.job.operation == Remix(parent=root, instruction="make it blue")
    await room.studio.succeed(claim)
    await room.deliver()
    await room.core.reply(room.at(thread), "青くして --強さ 弱")
    assert await newest(room) == Remix(parent=first.job, instruction="青くして", strength=0.9)


async def test_a_reply_to_an_older_clip_branches_from_it(room: Room) -> None:
    root, thread = await room.clip()
    await room.core.reply(room.at(thread), "make it blue")
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    await room.core.reply(room.at(thread, replies_to=thread), "make it green")
    assert await newest(room) == Remix(parent=root, instruction="make it green")


async def test_whoever_asks_pays_and_the_child_is_posted_in_the_thread(room: Room) -> None:
    _, thread = await room.clip()
    ben = member("ben", "pro")
    answer = await room.core.reply(room.at(thread, who=ben), "make it blue")
    assert answer is not None
    assert answer.job is not None
    assert await room.studio.used(ben) == 1
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    (message,) = room.chat.of_job(answer.job)
    assert message.ref.thread == thread


async def test_a_button_in_the_channel_answers_in_the_clips_thread(room: Room) -> None:
    root, thread = await room.clip()
    answer = await room.core.press(room.at(), f"v1:remix:{root}:0.9", {"text": "make it blue"})
    assert answer.job is not None
    claim = await room.studio.claim()
    assert claim.job.operation == Remix(parent=root, instruction="make it blue", strength=0.9)
    await room.studio.succeed(claim)
    await room.deliver()
    assert room.chat.of_job(answer.job)[0].ref.thread == thread


async def test_the_form_of_a_remix_chooses_the_strength(room: Room) -> None:
    root, _ = await room.clip()
    await room.core.press(room.at(), f"v1:remix:{root}", {"text": "blue", "strength": "0.97"})
    assert await newest(room) == Remix(parent=root, instruction="blue", strength=0.97)


async def test_again_takes_another_seed(room: Room) -> None:
    root, _ = await room.clip("a ball --seed 5")
    await room.core.press(room.at(), f"v1:again:{root}")
    claim = await room.studio.claim()
    assert claim.job.operation == Again(parent=root)
    assert claim.job.recipe.seed != 5


async def test_the_same_event_twice_is_one_request(room: Room) -> None:
    answers = [await room.core.command(room.at(event="e1"), "/generate a ball") for _ in range(2)]
    assert answers[0].job == answers[1].job
    assert await room.studio.used(member("ann", "pro")) == 1


@pytest.mark.parametrize("text", ["", "  \n "])
async def test_an_empty_reply_is_not_taken_and_gets_a_hint(room: Room, text: str) -> None:
    _, thread = await room.clip()
    answer = await room.core.reply(room.at(thread), text)
    assert answer is not None
    assert answer.job is None
    assert "make it dusk" in answer.text


async def test_what_is_said_elsewhere_is_no_business_of_ours(room: Room) -> None:
    await room.clip()
    assert await room.core.reply(room.at(), "hello everyone") is None
    assert await room.core.reply(room.at("999"), "hello everyone") is None


async def test_a_reply_before_the_clip_is_there_says_so(room: Room) -> None:
    answer = await room.core.command(room.at(), "/generate a ball")
    assert answer.job is not None
    job = await room.studio.face.get(answer.job, member("ann", "pro"))
    post = await room.conversations.begin_post(job.id, "playground", "general", "")
    await room.conversations.record_message(post.job, "playground", "general", "", "77")
    early = await room.core.reply(room.at("77"), "make it blue")
    assert early is not None
    assert early.is_problem
    assert "waiting" in early.text


async def test_an_image_alone_begins_anew_with_the_clips_words(room: Room) -> None:
    _, thread = await room.clip("a red ball --seconds 2")
    answer = await room.core.reply(room.at(thread), "", (picture(),))
    assert answer is not None
    operation = await newest(room)
    assert isinstance(operation, Generate)
    assert (operation.prompt, operation.shape.seconds) == ("a red ball", 2)
    assert operation.image is not None


async def test_an_image_with_words_begins_anew_with_both(room: Room) -> None:
    _, thread = await room.clip()
    await room.core.reply(room.at(thread), "a cat jumps --seed 4", (picture(),))
    operation = await newest(room)
    assert isinstance(operation, Generate)
    assert (operation.prompt, operation.seed) == ("a cat jumps", 4)


@pytest.mark.parametrize("words", ["", "a cat jumps"])
async def test_an_image_in_a_private_clips_thread_makes_a_private_clip_of_the_same_model(
    room: Room, words: str
) -> None:
    _, thread = await room.clip("a red ball --private --preset ltx-2b --seconds 2")
    await room.core.reply(room.at(thread), words, (picture(),))
    operation = await newest(room)
    assert isinstance(operation, Generate)
    assert (operation.private, operation.preset) == (True, "ltx-2b")


async def test_an_image_in_the_thread_of_a_private_job_that_failed_stays_private(room: Room) -> None:
    asked = await room.core.command(room.at(), "/generate a red ball --private")
    await room.studio.fail(await room.studio.claim())
    await room.deliver()
    (message,) = room.chat.of_job(JobId(str(asked.job)))
    await room.core.reply(room.at(message.ref.message), "a cat jumps", (picture(),))
    operation = await newest(room)
    assert isinstance(operation, Generate)
    assert operation.private


async def test_a_private_remix_in_a_public_thread_does_not_stand_in_others_way(room: Room) -> None:
    root, thread = await room.clip()
    await room.core.reply(room.at(thread), "make it blue --private")
    secret = await room.studio.claim()
    await room.studio.succeed(secret)
    await room.deliver()
    answer = await room.core.reply(room.at(thread, who=member("ben", "pro")), "make it green")
    assert answer is not None
    assert not answer.is_problem
    assert await newest(room) == Remix(parent=root, instruction="make it green")
    await room.core.reply(room.at(thread), "slower")
    own = await newest(room)
    assert isinstance(own, Remix)
    assert own.parent == secret.job.id


async def test_a_remix_takes_no_image_and_says_how_else(room: Room) -> None:
    clip, _ = await room.clip()
    answer = await room.core.command(room.at(), f"/remix {clip} make it blue", (picture(),))
    assert answer.is_problem
    assert "an image begins a new one, with /generate" in answer.text


async def test_what_failed_can_be_deleted_by_its_button(room: Room) -> None:
    asked = await room.core.command(room.at(), "/generate a red ball")
    await room.studio.fail(await room.studio.claim())
    await room.deliver()
    (message,) = room.chat.of_job(JobId(str(asked.job)))
    (button,) = message.card.buttons
    deleted = await room.core.press(room.at(), button.action)
    assert not deleted.is_problem
    await room.deliver()
    assert (message.card.lines, message.card.buttons) == (("This clip was deleted.",), ())
    assert (await room.core.command(room.at(), f"/info {asked.job}")).is_problem


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/generate", "Say what the clip should show"),
        ("/generate " + "a" * 10_000, "10,000 characters, at most 2,000"),
        ("/generate a --seconds 6", "pocket makes 1 to 5 seconds"),
        ("/generate a --preset ltx-2b --seconds 6", "at most 5 s; 6 s were asked for. The tier plus"),
        ("/generate a --size 1080p", "at most 480p; 1080p was asked for. The tier pro"),
        ("/generate a --preset nothing", "nothing"),
        ("/generate a --sedd 4", "--seed"),
        ("/generate a --seed x", "2147483647"),
        ("/genrate a", "/generate"),
        ("/remix make it blue", "which clip"),
        ("/remix clip_0123456789abcdef blue", "clip_0123456789abcdef"),
        ("/again", "which clip"),
        ("/again newest", "which clip"),
        ("/generate a --ar 4:3", "--ar cannot be"),
        ("/generate a --size 99999p", "--size cannot be “99999p”"),
        ("/generate a --seconds 0", "--seconds cannot be “0”. Possible: pocket makes 1 to 5 seconds"),
        ("/settings --seconds 0", "--seconds cannot be"),
        ("/remix a --no x", "--strength"),
        ("/foo", "/help lists them all"),
        ("/info clip_0123456789abcdef", "clip_0123456789abcdef"),
        ("/show ../../secret", "the id of a clip"),
        ("/cancel", "Nothing of yours"),
        ("/settings --size 854x480", "480p, 720p or 1080p"),
    ],
)
async def test_bad_input_is_a_sentence_and_costs_nothing(room: Room, line: str, says: str) -> None:
    answer = await room.core.command(room.at(who=member("free")), line)
    assert answer.is_problem
    assert says in answer.text
    assert await room.studio.untouched(member("free"))


@pytest.mark.parametrize(
    "upload", [Upload(data=b"hello", filename="a.png"), Upload(data=picture().data[:60], filename="cut.png")]
)
async def test_a_bad_image_is_a_sentence_and_costs_nothing(room: Room, upload: Upload) -> None:
    answer = await room.core.command(room.at(), "/generate a ball", (upload,))
    assert answer.is_problem
    assert "cannot be used" in answer.text
    assert await room.studio.untouched(member("ann", "pro"))


async def test_two_images_are_too_many(room: Room) -> None:
    answer = await room.core.command(room.at(), "/generate a ball", (picture(), picture()))
    assert answer.is_problem


async def test_a_limit_is_told_in_japanese_with_who_lifts_it(room: Room) -> None:
    await room.core.command(room.at(who=member("mika")), "/settings --language ja")
    answer = await room.core.command(room.at(who=member("mika")), "/generate a ball --size 720p")
    assert answer.text == "ティア free は480pまでです（指定は720p）。ティア plus ならできます。"


async def test_a_trials_end_is_told_with_the_month(room: Room) -> None:
    end = datetime(2128, 2, 29, 15, 30, tzinfo=UTC)
    await room.studio.operators.change_account(GrantTier(tier="pro", until=end), operator(), Identity("playground:ann"))
    shown = {}
    for language in ("en", "ja"):
        who = replace(member("ann"), locale=language)
        card = (await room.core.command(room.at(who=who), "/info")).card
        assert card is not None
        shown[language] = card.fields[0].value
    assert shown["en"] == "pro, until February 29, 2128, 3:30\N{NARROW NO-BREAK SPACE}PM (UTC)"
    assert shown["ja"] == "pro（2128年2月29日 15:30（UTC）まで）"


async def test_bounds_and_unfinished_jobs_are_told_in_japanese(room: Room) -> None:
    mika = room.at(who=member("mika", "pro"))
    await room.core.command(mika, "/settings --language ja")
    assert "20 秒まで" in (await room.core.command(mika, "/settings --seconds 99")).text
    assert "1080 まで" in (await room.core.command(mika, "/settings --size 2160p")).text
    asked = await room.core.command(mika, "/generate a ball")
    refused = await room.core.press(mika, f"v1:delete:{asked.job}")
    assert "先に取り消してください" in refused.text
    long = await room.core.command(mika, "/generate " + "phosphorescent " * 120)
    assert "トークンまで" in long.text


async def test_a_waiting_job_is_cancelled_by_its_owner_only(room: Room) -> None:
    answer = await room.core.command(room.at(), "/generate a ball")
    button = str(Action(verb=Verb.CANCEL, job=JobId(str(answer.job))))
    strangers = await room.core.press(room.at(who=member("ben")), button)
    assert strangers.is_problem
    owners = await room.core.press(room.at(), button)
    assert owners.text == "Cancelled. Nothing was charged."
    assert await room.studio.used(member("ann", "pro")) == 0


async def test_a_bare_cancel_stops_the_newest_and_a_late_one_says_so(room: Room) -> None:
    first = await room.core.command(room.at(), "/generate a ball")
    second = await room.core.command(room.at(), "/generate a cat")
    assert (await room.core.command(room.at(), "/cancel")).job == second.job
    await room.studio.succeed(await room.studio.claim())
    late = await room.core.command(room.at(), f"/cancel {first.job}")
    assert late.is_problem
    assert "already ended" in late.text


async def test_a_running_job_is_asked_to_stop(room: Room) -> None:
    answer = await room.core.command(room.at(), "/generate a ball")
    await room.studio.claim()
    assert (await room.core.command(room.at(), f"/cancel {answer.job}")).text.startswith("Stopping")


async def test_a_clip_is_deleted_by_its_owner_only_and_its_message_says_so(room: Room) -> None:
    clip, message = await room.clip()
    refused = await room.core.press(room.at(who=member("ben")), f"v1:delete:{clip}")
    assert refused.is_problem
    assert "its owner" in refused.text
    assert room.chat.messages[message].card.media is not None
    deleted = await room.core.press(room.at(), f"v1:delete:{clip}")
    assert not deleted.is_problem
    await room.deliver()
    assert room.chat.messages[message].card.lines == ("This clip was deleted.",)
    assert room.chat.messages[message].card.buttons == ()
    reply = await room.core.reply(room.at(message), "make it blue")
    assert reply is not None
    assert reply.is_problem


async def test_questions_are_answered_with_cards(room: Room) -> None:
    clip, thread = await room.clip("a red ball --seed 7 --seconds 2")
    waiting = await room.core.command(room.at(), "/generate a cat")
    info = await room.core.command(room.at(thread), "/info")
    assert info.card is not None
    fields = {field.name: field.value for field in info.card.fields}
    assert (fields["The newest clip here"], fields["Seed"], fields["Whole prompt"]) == (clip, "7", "a red ball")
    assert fields["Clips this month"].startswith("2 of 500")
    named = await room.core.command(room.at(thread), f"/info {clip}")
    assert named.card is not None
    assert (named.card.fields[0].name, named.card.fields[0].value) == ("Id", clip)
    pressed = await room.core.press(room.at(), f"v1:info:{waiting.job}")
    assert pressed.card is not None
    assert any(field.value == "waiting" for field in pressed.card.fields)
    queue = await room.core.command(room.at(), "/queue")
    assert queue.card is not None
    assert [field.name for field in queue.card.fields] == ["a cat"]
    history = await room.core.command(room.at(), "/history ball")
    assert history.card is not None
    assert [field.name for field in history.card.fields] == [clip]
    shown = await room.core.command(room.at(), f"/show {clip}")
    assert shown.card is not None
    assert shown.card.media is not None
    settings = await room.core.command(room.at(), "/settings")
    assert settings.card is not None
    assert settings.card.fields[0].value == "pro"
    assert (
        "at most 5 s (the model makes no longer ones; the tier allows 20 s) and 1080p" in settings.card.fields[2].value
    )
    help_ = await room.core.command(room.at(), "/help")
    assert help_.card is not None
    assert any(field.name == "/remix" for field in help_.card.fields)


async def test_another_members_private_clip_is_not_there(room: Room) -> None:
    clip, _ = await room.clip("a secret --private")
    for line in (f"/info {clip}", f"/show {clip}", f"/remix {clip} make it blue", f"/again {clip}"):
        answer = await room.core.command(room.at(who=member("ben", "pro")), line)
        assert answer.is_problem, line
        assert clip in answer.text


@pytest.mark.parametrize("action", ["", "v0:remix:clip_1", "v1:dance:clip_1", "v1:remix:", "remix", "v1"])
async def test_a_button_of_another_version_says_so(room: Room, action: str) -> None:
    answer = await room.core.press(room.at(), action)
    assert answer.is_problem
    with pytest.raises(ButtonUnknown):
        Action.read(action)


def test_an_action_is_read_as_it_was_written() -> None:
    action = Action(verb=Verb.REMIX, job=JobId("clip_0123456789abcdef"), argument="0.9")
    assert str(action) == "v1:remix:clip_0123456789abcdef:0.9"
    assert Action.read(str(action)) == action
    assert len(str(action)) <= 100


async def test_newest_is_the_members_own_newest_clip_wherever_it_was_made(room: Room) -> None:
    clip, _ = await room.clip("a red ball")
    await room.core.command(room.at(who=member("ben", "pro")), "/generate a blue ball")
    await room.studio.succeed(await room.studio.claim())
    for line in ("/info newest", "/show 最新"):
        answer = await room.core.command(room.at(), line)
        assert answer.job == clip, answer.text
    assert (await room.core.command(room.at(), "/remix make it blue --clip newest")).job is not None
    assert await newest(room) == Remix(parent=clip, instruction="make it blue")


async def test_options_are_named_as_they_are_typed_in_the_members_language(room: Room) -> None:
    mika = room.at(who=member("mika", "pro"))
    await room.core.command(mika, "/settings --language ja")
    assert "--縦横比 に" in (await room.core.command(mika, "/generate a --ar 4:3")).text


async def test_a_button_that_acts_at_once_asks_nobody_before(room: Room) -> None:
    """A chat waits three seconds for its acknowledgement, and a service that is away may take longer to say so."""
    async with Client("http://127.0.0.1:1", "no key") as away:
        core = ChatCore(away, away, room.conversations)
        for verb in (Verb.AGAIN, Verb.INFO, Verb.CANCEL):
            assert await core.button(room.at(), str(Action(verb=verb, job=JobId("clip_1")))) is None


async def test_what_is_lower_in_a_server_is_told_as_that(room: Room) -> None:
    boss = replace(member("kei"), manages=True)
    await room.studio.face.govern(ChangePolicy(channel="", wish=PolicyWish(ceiling=Ceiling(max_seconds=2))), boss)
    mika = member("mika", "pro")
    refused = await room.core.command(room.at(who=mika), "/generate a ball --seconds 4")
    lower = "That is lower in this server than elsewhere."
    assert refused.text == f"The tier pro makes clips of at most 2 s; 4 s were asked for. {lower}"
    refused = await room.core.command(room.at(who=replace(mika, locale="ja")), "/生成 赤い玉 --秒 4")
    assert refused.text.endswith("このサーバーでは、ほかの場所より低くなっています。")
    card = (await room.core.command(room.at(who=mika), "/info")).card
    assert card is not None
    assert any("at most 2 s" in field.value and "lower in this server" in field.value for field in card.fields)
    assert any("files of at most 20 MB · 60 requests a minute" in field.value for field in card.fields)
