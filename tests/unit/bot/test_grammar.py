import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import build
from bot.commands import values as read
from bot.commands.errors import OptionRepeated, UnknownCommand, UnknownOption
from bot.commands.parse import is_command, parse_command, parse_words
from bot.commands.table import BY_NAME, COMMANDS
from inference.errors import InvalidValue
from inference.types import AspectRatio, JobId, MemberSettings, Shape, Size

GENERATE, REMIX = BY_NAME["generate"], BY_NAME["remix"]


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("/generate a red ball", {"prompt": "a red ball"}),
        (
            "/generate a red ball --ar 9:16 --seconds 2 --seed 7 --no text --size 480p",
            {
                "prompt": "a red ball",
                "aspect_ratio": "9:16",
                "seconds": "2",
                "seed": "7",
                "negative_prompt": "text",
                "size": "480p",
            },
        ),
        ("/generate prompt:a red ball seconds:5", {"prompt": "a red ball", "seconds": "5"}),
        ("/generate prompt: a red ball seconds: 5", {"prompt": "a red ball", "seconds": "5"}),
        ("/generate --ar 1:1 a red ball", {"prompt": "a red ball", "aspect_ratio": "1:1"}),
        ("/generate --ar=1:1 a --seed=3 ball", {"prompt": "a ball", "aspect_ratio": "1:1", "seed": "3"}),
        ("/generate the dog's ball isn't red", {"prompt": "the dog's ball isn't red"}),
        ('/generate "a red ball" --seed 1', {"prompt": "a red ball", "seed": "1"}),
        ('/generate a sign that says "go" --seed 1', {"prompt": 'a sign that says "go"', "seed": "1"}),
        ('/generate --no "text, people" a ball', {"prompt": "a ball", "negative_prompt": "text, people"}),
        ("/generate a ball --no text --no people", {"prompt": "a ball", "negative_prompt": "text, people"}),
        ("/generate a ball — slowly — falls", {"prompt": "a ball — slowly — falls"}),
        ("/generate a ball —seed 4", {"prompt": "a ball", "seed": "4"}),
        ("/generate a —lonely ball", {"prompt": "a —lonely ball"}),
        ("/generate style:anime, see https://example.org/a", {"prompt": "style:anime, see https://example.org/a"}),
        ("/generate a ball --private", {"prompt": "a ball", "private": ""}),
        ("/generate --private a ball", {"prompt": "a ball", "private": ""}),
        ("/generate", {}),
        ("/GENERATE a ball --SEED 7", {"prompt": "a ball", "seed": "7"}),
        ("/生成 海の上を昇る赤い玉", {"prompt": "海の上を昇る赤い玉"}),
        ("／生成　赤い玉　秒：５", {"prompt": "赤い玉", "seconds": "５"}),
        (
            "/作って 赤い玉 --縦横比 ９：１６ --なし 文字",
            {"prompt": "赤い玉", "aspect_ratio": "９：１６", "negative_prompt": "文字"},
        ),
        ("/生成 「赤い玉」 ーーシード 7", {"prompt": "赤い玉", "seed": "7"}),
        ("/生成 赤い玉 －－秒数 3", {"prompt": "赤い玉", "seconds": "3"}),
        ("/imagine a ball\nover the sea", {"prompt": "a ball\nover the sea"}),
    ],
)
def test_typed_lines_become_values(line: str, values: dict[str, str]) -> None:
    invocation = parse_command(line)
    assert invocation.command is GENERATE
    assert invocation.values == values


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("make it blue", {"prompt": "make it blue"}),
        ("青くして", {"prompt": "青くして"}),
        ("「青くして」", {"prompt": "青くして"}),
        ("colour: like the sea", {"prompt": "colour: like the sea"}),
        ("seed: none, just bluer", {"prompt": "seed: none, just bluer"}),
        ("make it blue --strength 0.8 --seed 3", {"prompt": "make it blue", "strength": "0.8", "seed": "3"}),
        ("もっと青く --強さ 強", {"prompt": "もっと青く", "strength": "強"}),
    ],
)
def test_replies_are_plain_words_with_flags(words: str, values: dict[str, str]) -> None:
    assert parse_words(words, REMIX).values == values


@pytest.mark.parametrize(
    ("line", "option", "nearest"),
    [
        ("/generate x --secnds 5", "--secnds", "--seconds"),
        ("/generate x secnds:5", "secnds", "--seconds"),
        ("/generate x --motion high", "--motion", ""),
        ("/generate x --image a.png", "--image", ""),
        ("/remix x --size 480p", "--size", ""),
        ("/生成 赤い玉 --縦比 9:16", "--縦比", "--縦横比"),
    ],
)
def test_an_unknown_option_is_named_with_the_nearest(line: str, option: str, nearest: str) -> None:
    with pytest.raises(UnknownOption) as caught:
        parse_command(line)
    assert (caught.value.option, caught.value.nearest) == (option, nearest)
    assert "--seed" in caught.value.known


def test_an_unknown_command_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownCommand) as caught:
        parse_command("/genrate a ball")
    assert (caught.value.command, caught.value.nearest) == ("genrate", "generate")


@pytest.mark.parametrize("line", ["/generate x --seed 1 --seed 2", "/generate x seed:1 --seed 2"])
def test_an_option_given_twice_is_refused(line: str) -> None:
    with pytest.raises(OptionRepeated):
        parse_command(line)


@pytest.mark.parametrize("line", ["/generate x --seed", "/generate x --seed --private", "/queue now", "/help me"])
def test_a_missing_or_needless_value_is_refused(line: str) -> None:
    with pytest.raises(InvalidValue):
        parse_command(line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("/generate x", True), ("／生成 x", True), ("//x", False), ("/", False), ("make it /2", False)],
)
def test_a_command_begins_with_a_slash_and_a_word(text: str, expected: bool) -> None:
    assert is_command(text) is expected


@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is written is read or refused, and words without dashes or colons are never lost."""
    try:
        values = parse_words(text, REMIX).values
    except (UnknownOption, OptionRepeated, InvalidValue):
        return
    if not any(mark in text for mark in "-—–－ー\"'“「『"):
        assert values.get("prompt", "") == text.strip()


# --- Values ---


@pytest.mark.parametrize(("text", "seconds"), [("5", 5), ("2.5s", 2.5), ("５秒", 5), ("10 seconds", 10), ("3秒間", 3)])
def test_seconds(text: str, seconds: float) -> None:
    assert read.seconds("--seconds", text) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("480p", 480),
        ("７２０ｐ", 720),
        ("1080", 1080),
        ("854x480", Size(width=854, height=480)),
        ("480×854", Size(width=480, height=854)),
    ],
)
def test_sizes(text: str, size: int | Size) -> None:
    assert read.size("--size", text) == size


@pytest.mark.parametrize(
    ("text", "aspect"),
    [("16:9", "16:9"), ("9x16", "9:16"), ("１：１", "1:1"), ("square", "1:1"), ("縦", "9:16"), ("横長", "16:9")],
)
def test_shapes(text: str, aspect: str) -> None:
    assert read.aspect("--ar", text) == AspectRatio(aspect)


@pytest.mark.parametrize(("text", "sigma"), [("0.8", 0.8), ("90%", 0.9), ("subtle", 0.9), ("強", 1), ("1", 1)])
def test_strengths(text: str, sigma: float) -> None:
    assert read.strength("--strength", text) == pytest.approx(sigma)


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        (read.seconds, "-1"),
        (read.seconds, "nan"),
        (read.seconds, "soon"),
        (read.size, "banana"),
        (read.size, "4k"),
        (read.aspect, "4:3"),
        (read.seed, "-5"),
        (read.seed, "2147483648"),
        (read.seed, "1.5"),
        (read.strength, "0"),
        (read.strength, "1.1"),
        (read.strength, "inf"),
        (read.language, "fr"),
        (read.switch, "maybe"),
        (read.clip, "two words"),
        (read.clip, "../../etc"),
    ],
)
def test_values_outside_what_can_be_are_refused(reader: object, text: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        reader("--it", text)  # type: ignore[operator]
    assert caught.value.value == text


# --- Operations ---


def test_a_line_becomes_an_operation() -> None:
    operation = build.generate(
        parse_command("/generate a ball --ar 9:16 --seconds 2 --size 480p --seed 7 --no text --private")
    )
    assert operation.prompt == "a ball"
    assert operation.negative_prompt == "text"
    assert operation.shape == Shape(seconds=2, resolution=480, aspect_ratio=AspectRatio.PORTRAIT)
    assert (operation.seed, operation.private) == (7, True)


def test_an_exact_size_excludes_a_shape() -> None:
    assert build.generate(parse_command("/generate a --size 854x480")).shape == Shape(size=Size(width=854, height=480))
    with pytest.raises(InvalidValue):
        build.generate(parse_command("/generate a --size 854x480 --ar 16:9"))


@pytest.mark.parametrize(
    "line", ["/remix clip_0123456789abcdef make it blue", "/remix make it blue --clip clip_0123456789abcdef"]
)
def test_a_remix_may_name_its_clip_first(line: str) -> None:
    invocation = build.with_leading_clip(parse_command(line))
    assert build.value_of(invocation, "clip") == "clip_0123456789abcdef"
    assert build.remix(invocation, JobId("clip_0123456789abcdef")).instruction == "make it blue"


def test_words_are_no_clip() -> None:
    invocation = parse_command("/remix clips should be blue")
    assert build.with_leading_clip(invocation) == invocation


def test_settings_are_changed_one_by_one_and_taken_back() -> None:
    now = MemberSettings(locale="ja", seconds=5)
    changed = build.settings(parse_command("/settings --size 720p --seconds default"), now)
    assert changed == MemberSettings(locale="ja", seconds=None, resolution=720)


def test_names_and_aliases_are_unambiguous() -> None:
    names = [name for command in COMMANDS for name in command.names]
    assert len(names) == len(set(names))
    for command in COMMANDS:
        options = [name for option in command.options for name in option.names]
        assert len(options) == len(set(options))
        assert not command.words or command.option(command.words) is not None
