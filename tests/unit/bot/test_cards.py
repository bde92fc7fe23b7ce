"""A job's card from waiting to its clip, made from real rows."""

from dataclasses import replace
from pathlib import Path

from bot.card import Tone
from bot.cli.make import _failure
from bot.render.answers import accepted_text
from bot.render.job import deleted_card, job_card
from bot.render.lists import queue_card
from bot.render.words import duration, number, short
from bot.texts import texts_for
from inference.errors import NotFound
from inference.types import Generate, Job, Variant
from tests.support.studio import member, open_studio
from tests.unit.bot.conftest import Room

ANN = member("ann", "pro")
EN, JA = texts_for("en"), texts_for("ja")


async def test_a_card_from_waiting_to_its_clip(room: Room) -> None:
    face = room.studio.face
    job = await face.submit(Generate(prompt="a red\nball"), ANN)
    waiting = job_card(await face.get(job.id, ANN), EN)
    assert (waiting.tone, waiting.title, waiting.author) == (Tone.WORKING, "a red\nball", "Ann")
    assert waiting.progress is not None
    assert (waiting.progress.fraction, waiting.progress.label) == (0, "Next in line")
    assert waiting.media is None

    claim = await room.studio.claim()
    await room.studio.show(claim, 2, eta=75)
    running = job_card(await face.get(job.id, ANN), JA)
    assert running.progress is not None
    assert (running.progress.fraction, running.progress.label, running.progress.eta) == (
        0.25,
        "描いています 2/8",
        f"残り約{round(rest_of(job))}秒",  # the model's own pace says 75, and more than was told before is not told
    )
    assert [button.label for button in running.buttons] == ["取り消す"]

    await face.cancel(job.id, ANN)
    stopping = job_card(await face.get(job.id, ANN), EN)
    assert stopping.progress is not None
    assert stopping.progress.label == "Stopping …"
    assert stopping.buttons == ()

    await room.studio.succeed(claim)
    cancelled = job_card(await face.get(job.id, ANN), EN)
    assert (cancelled.tone, cancelled.lines) == (Tone.QUIET, ("Cancelled. Nothing was charged.",))

    job = await face.submit(Generate(prompt="a red ball"), ANN)
    await room.studio.succeed(await room.studio.claim())
    done = job_card(await face.get(job.id, ANN), EN)
    assert done.tone == Tone.DONE
    assert done.progress is None
    assert done.media is not None
    assert (done.media.variant, done.media.requester) == (Variant.VIDEO, ANN)
    assert f"seed {job.recipe.seed}" in done.lines[0]


async def test_a_clip_that_was_deleted_meanwhile_is_a_refusal_on_the_command_line(room: Room) -> None:
    job = await room.studio.face.submit(Generate(prompt="a red ball"), ANN, "", "key")
    await room.studio.succeed(await room.studio.claim())
    await room.studio.face.delete(job.id, ANN)
    asked_again = await room.studio.face.submit(Generate(prompt="a red ball"), ANN, "", "key")
    assert isinstance(_failure(asked_again), NotFound)
    assert job_card(asked_again, EN) == replace(deleted_card(EN), job=job.id, asked_by=ANN.identity)


async def test_a_remix_names_its_parent_and_asks_how_much_may_change(room: Room) -> None:
    parent, _ = await room.clip("a red ball --seed 123456")
    await room.core.press(room.at(), f"v1:again:{parent}")
    await room.studio.succeed(await room.studio.claim())
    await room.deliver()
    child = next(message for message in room.chat.messages.values() if message.job != parent)
    assert child.card.title == "a red ball"
    assert child.card.lines[1] == "Another take of “a red ball”"
    remix = child.card.buttons[0]
    assert remix.form is not None
    text, prompt, strength = remix.form.fields
    assert (text.value, prompt.value) == ("", "a red ball")
    assert [choice.label for choice in strength.choices] == ["Subtle", "Mild", "Strong"]
    assert strength.value in {choice.value for choice in strength.choices}
    root = room.chat.of_job(parent)[0].card
    assert "seed 123456 " in root.lines[0]


async def test_a_card_says_that_the_worker_is_starting(tmp_path: Path) -> None:
    async with open_studio(tmp_path, is_worker_ready=lambda: False) as studio:
        job = await studio.face.submit(Generate(prompt="a red ball"), ANN)
    bar = job_card(job, EN).progress
    assert bar is not None
    assert (bar.label, bar.eta) == ("The worker is starting", f"then about {round(rest_of(job))} s")
    assert f"about {round(rest_of(job))} s once the worker has started" in accepted_text(job, EN)


async def test_the_queue_and_the_card_say_the_same(room: Room) -> None:
    face = room.studio.face
    job = await face.submit(Generate(prompt="a red ball"), ANN)
    for step, eta in ((4, 9.0), (7, 70.0), (8, 0.4)):
        queued = await face.get(job.id, ANN)
        bar, card = job_card(queued, EN).progress, queue_card([queued], EN)
        assert bar is not None
        assert card.fields[0].value.endswith(f" · {bar.eta}")
        if step == 4:
            claim = await room.studio.claim()
        await room.studio.show(claim, step, eta=eta)
    last = job_card(await face.get(job.id, ANN), EN).progress
    assert last is not None
    assert last.eta == "a moment left"


def rest_of(job: Job) -> float:
    assert job.estimate is not None
    return job.estimate.wait_seconds + job.estimate.render_seconds


def test_small_words() -> None:
    assert [duration(seconds, EN) for seconds in (0.2, 40, 89, 200, 3900)] == [
        "1 s",
        "40 s",
        "1 min 29 s",
        "3 min 20 s",
        "1 h 5 min",
    ]
    assert duration(200, JA) == "3分20秒"
    assert [number(value) for value in (2.0, 2.5, 25 / 12)] == ["2", "2.5", "2.1"]
    assert short("a  b\nc") == "a b c"
    assert len(short("x" * 500)) == 80


async def test_a_clip_of_words_that_the_small_model_does_not_know_says_so_and_what_would_help(tmp_path: Path) -> None:
    async with open_studio(tmp_path) as studio:
        for prompt, named in (("a dragon over the sea", "dragon"), ("a red ball", None)):
            job = await studio.face.submit(Generate(prompt=prompt, preset="pocket"), ANN)
            await studio.succeed(await studio.claim())
            done = await studio.face.get(job.id, ANN)
            for texts, words in ((EN, "small built-in model"), (JA, "内蔵の小さなモデル")):
                lines = [line for line in job_card(done, texts).lines if words in line]
                assert len(lines) == (0 if named is None else 1)
                assert named is None or (named in lines[0] and "threadreel models list" in lines[0])
