import dataclasses
import re
from typing import Any

import pytest

import bot.platform
from bot.commands import errors as grammar_errors
from bot.commands.table import COMMANDS
from bot.commands.values import STRENGTHS
from bot.render.errors import error_text, failure_text
from bot.render.flags import flag
from bot.texts import FOLDER, LANGUAGES, Texts, texts_for
from inference.errors import (
    AttemptsExhausted,
    InvalidValue,
    LimitExceeded,
    PromptTooLong,
    QuotaExceeded,
    SecondsExceeded,
    ThreadreelError,
    TooManyJobs,
)
from inference.types import JobFailure, JobStatus, Stage

assert bot.platform
assert grammar_errors  # every error class must be known before the tree is walked

MESSAGE = re.compile(r"^(?P<key>[a-z][\w-]*) =(?P<body>.*\n(?:(?![a-z#]).*\n)*)", re.MULTILINE)
VARIABLE = re.compile(r"\$(\w+)")


def messages(language: str) -> dict[str, set[str]]:
    """Variables of each message."""
    source = (FOLDER / f"{language}.ftl").read_text(encoding="utf-8")
    return {match["key"]: set(VARIABLE.findall(match["body"])) for match in MESSAGE.finditer(source)}


def tree(root: type[ThreadreelError] = ThreadreelError) -> list[type[ThreadreelError]]:
    return [root, *(leaf for child in root.__subclasses__() for leaf in tree(child))]


def sample(error: type[ThreadreelError]) -> ThreadreelError:
    """The error with likely values in its fields."""
    kinds: dict[str, Any] = {"int": 3, "float": 2.5, "str": "some", "bool": False}
    moment = "2026-12-01T00:00:00+00:00"
    known = {"resets_at": moment, "until": moment, "status": "running", "nearest": ""}
    return error(**{f.name: known.get(f.name, kinds[str(f.type)]) for f in dataclasses.fields(error)})


def test_both_languages_say_the_same_things() -> None:
    english, japanese = messages("en"), messages("ja")
    assert len(english) > 200
    assert english.keys() == japanese.keys()
    for key, variables in english.items():
        assert japanese[key] <= variables, key


def test_no_message_is_defined_twice() -> None:
    for language in LANGUAGES:
        source = (FOLDER / f"{language}.ftl").read_text(encoding="utf-8")
        keys = [match["key"] for match in MESSAGE.finditer(source)]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("error", tree(), ids=lambda error: error.__name__)
def test_every_error_has_words(error: type[ThreadreelError], language: str) -> None:
    said = error_text(sample(error), texts_for(language))
    assert said
    assert "{" not in said
    assert "$" not in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_is_named_has_words(language: str) -> None:
    texts = texts_for(language)
    options = {option.name for command in COMMANDS for option in command.options}
    kinds = {option.kind for command in COMMANDS for option in command.options if option.kind != "image"}
    wanted = [
        *(f"command-{command.name}" for command in COMMANDS),
        *(f"option-{name}" for name in options),
        *(f"allowed-{kind}" for kind in kinds),
        *(f"status-{status}" for status in JobStatus),
        *(f"stage-{stage}" for stage in Stage),
        *(f"strength-{name}" for name in STRENGTHS),
    ]
    assert [key for key in wanted if key not in texts] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_option_is_taught_by_a_name_that_is_understood(language: str) -> None:
    for command in COMMANDS:
        for option in command.options:
            assert flag(option, texts_for(language)).removeprefix("--") in option.names


def test_a_missing_value_is_no_silent_hole() -> None:
    with pytest.raises(LookupError):
        Texts("en")("job-eta")


@pytest.mark.parametrize(
    ("locale", "language"), [("ja", "ja"), ("ja-JP", "ja"), ("JA_jp", "ja"), ("en-US", "en"), ("fr", "en"), ("", "en")]
)
def test_the_nearest_language_is_spoken(locale: str, language: str) -> None:
    assert texts_for(locale).language == language


def test_a_limit_names_itself_what_is_used_its_reset_and_who_lifts_it() -> None:
    error = QuotaExceeded(
        tier="free", limit=10, used=10, asked=1, resets_at="2026-12-01T00:00:00+00:00", lifted_by="plus"
    )
    english, japanese = (error_text(error, texts_for(language)) for language in LANGUAGES)
    assert english == (
        "The tier free has 10 clips a month, and 10 are used. It resets on December 1, 2026 (UTC). The tier plus allows it."
    )
    assert (
        japanese
        == "ティア free は月10本までで、10本使いました。2026年12月1日（UTC）に戻ります。ティア plus ならできます。"
    )


@pytest.mark.parametrize(
    ("error", "parts"),
    [
        (SecondsExceeded(tier="free", limit=5, asked=6, lifted_by="plus"), ("free", "5 s", "6 s", "plus")),
        (TooManyJobs(tier="plus", limit=2, running=2, lifted_by="pro"), ("plus", "2 jobs", "pro")),
        (PromptTooLong(length=10_000, limit=2000), ("10,000", "2,000")),
        (
            InvalidValue(name="seconds", value="90", allowed="the preset pocket makes 1 to 5 seconds"),
            ("90", "pocket", "1 to 5"),
        ),
        (InvalidValue(name="--seed", value="", allowed="allowed-seed"), ("--seed", "2147483647")),
        (InvalidValue(name="x", value="y" * 5000, allowed="nothing"), ("…",)),
    ],
)
def test_refusals_name_their_figures(error: ThreadreelError, parts: tuple[str, ...]) -> None:
    said = error_text(error, texts_for("en"))
    assert all(part in said for part in parts), said
    assert len(said) < 400


def test_a_failure_is_told_without_details_for_logs() -> None:
    failure = JobFailure(code="render_failed", fields={"detail": "CUDA error at 0xdeadbeef"})
    for language in LANGUAGES:
        assert "CUDA" not in failure_text(failure, texts_for(language))
    exhausted = AttemptsExhausted(attempts=3)
    assert "3" in failure_text(JobFailure(code=exhausted.code, fields=exhausted.values()), texts_for("ja"))
    assert issubclass(QuotaExceeded, LimitExceeded)


@pytest.mark.parametrize(
    ("language", "whose", "said"),
    [
        ("en", "model", "at most 5 s (the model makes no longer ones; the tier allows 10 s) and 480p"),
        ("en", "tier", "clips of at most 5 s and 480p"),
        ("ja", "model", "1本5秒（モデルの上限。ティアでは10秒まで）、480pまで"),
        ("ja", "tier", "1本5秒、480pまで"),
    ],
)
def test_a_limit_says_whether_it_is_the_models(language: str, whose: str, said: str) -> None:
    limits = texts_for(language)("settings-limits-value", seconds="5", whose=whose, most="10", resolution="480", jobs=1)
    assert said in limits
