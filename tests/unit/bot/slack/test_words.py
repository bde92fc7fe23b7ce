"""Slack's way of writing, and Block Kit within its limits."""

from __future__ import annotations

import pytest

from bot.card import Button, Card, Field, Link, ProgressBar, Tone
from bot.platform import Answer
from bot.render.lists import help_card
from bot.slack_app.blocks import answer_blocks, answer_notice, card_blocks, card_notice
from bot.slack_app.words import command_spoken, named_clip, plain, quoted, spoken, without_links
from bot.texts import LANGUAGES, texts_for
from inference.types import JobId
from tests.support.slack_rules import problems


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<@UBOT> a ball", "a ball"),
        ("a <@U2|bob> ball", "a @bob ball"),
        ("<!channel> a ball <!subteam^S1|@film>", "@channel a ball @film"),
        ("in <#C1|reels> at <https://a.example|a.example>", "in #reels at a.example"),
        ("tom &amp; jerry &lt;3", "tom & jerry <3"),
        ("&amp;lt; stays", "&lt; stays"),
        ("赤い玉　--秒 ５", "赤い玉　--秒 ５"),
    ],
)
def test_what_slack_sends_is_read_as_it_was_written(written: str, said: str) -> None:
    assert plain(written, "UBOT") == said


def test_a_quoted_message_is_known_by_its_link_or_by_being_shared() -> None:
    link = "https://acme.slack.com/archives/C1/p1700000000000123?thread_ts=1.2&cid=C1"
    assert quoted({"text": f"<{link}> bluer"}, "C1") == "1700000000.000123"
    assert quoted({"text": f"<{link}> bluer"}, "C2") == ""
    assert quoted({"text": "", "attachments": [{"ts": "17.1", "channel_id": "C1"}]}, "C1") == "17.1"
    assert without_links(f"{link} bluer") == "bluer"


def test_a_clip_that_is_named_is_taken_out_of_the_words() -> None:
    assert named_clip("`clip_0123456789abcdef`: make it blue") == (JobId("clip_0123456789abcdef"), "make it blue")
    assert named_clip("make it blue") == (None, "make it blue")


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_commands_are_said_as_slack_has_them(language: str) -> None:
    texts = texts_for(language)
    hint, kept = spoken(texts("hint-start")), spoken(texts("job-unavailable", id="clip_1"))
    assert "/threadreel help" in hint
    assert "/generate" in hint
    assert "/threadreel show clip_1" in kept
    assert command_spoken("/queue") == "/threadreel queue"


@pytest.mark.parametrize("words", ["a /queue of cats", "/help", "and/or https://a.example/help"])
def test_what_members_write_of_commands_stays_as_it_is(words: str) -> None:
    card = Card(tone=Tone.QUIET, title=words, lines=(words,), fields=(Field(name=words, value=words),))
    (block,) = (block.to_dict() for block in card_blocks(card))
    said = "".join(part["text"] for part in block["elements"][0]["elements"])
    assert "/threadreel" not in said
    assert said.count(words) == 4


def test_the_help_lists_commands_as_slack_has_them() -> None:
    (block,) = (block.to_dict() for block in card_blocks(help_card(texts_for("en"))))
    names = [part["text"].strip() for part in block["elements"][0]["elements"] if part.get("style")]
    assert {"/generate", "/threadreel remix", "/threadreel help"} <= set(names)
    assert "/remix" not in names


LONG = "<!channel> & " * 2000
BIG = Card(
    tone=Tone.WORKING,
    author=LONG,
    title=LONG,
    lines=(LONG,) * 40,
    fields=tuple(Field(name=LONG, value=LONG) for _ in range(5)),
    buttons=tuple(Button(action=f"v1:again:clip_{n}", label=LONG, confirm="" if n else LONG) for n in range(12)),
    link=Link(label=LONG, url="https://a.example"),
)


@pytest.mark.parametrize("bar", [None, ProgressBar(fraction=1.7, label=LONG, eta=LONG)])
def test_whatever_is_in_a_card_slack_takes_it_and_nobody_is_pinged(bar: ProgressBar | None) -> None:
    card = Card(**{name: getattr(BIG, name) for name in BIG.__slots__} | {"progress": bar})
    blocks = [block.to_dict() for block in card_blocks(card, link="https://a.example/f")]
    assert problems(blocks, surface="message") == []
    assert "<!" not in card_notice(card)
    assert len(card_notice(card)) < 40_000


def test_an_answer_is_words_then_a_card() -> None:
    answer = Answer(text=f"{texts_for('en')('error-no_result')} & <!here>", card=Card(tone=Tone.QUIET, title="Info"))
    first, second = (block.to_dict() for block in answer_blocks(answer))
    assert first["text"]["type"] == "plain_text"
    assert first["text"]["text"].endswith("/threadreel queue shows what is on its way. & <!here>")
    assert second["type"] == "rich_text"
    assert answer_notice(answer).endswith("&amp; &lt;!here&gt;")
