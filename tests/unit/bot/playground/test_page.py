"""The page's files: every word in both languages, every word that is used, nothing from elsewhere."""

from __future__ import annotations

import json
import re

import pytest

from bot.playground.app import PAGE
from bot.playground.guard import is_here
from bot.playground.people import CHANNELS

TEXTS = {language: json.loads((PAGE / "texts" / f"{language}.json").read_text()) for language in ("en", "ja")}
SCRIPTS = {path.name: path.read_text() for path in (PAGE / "js").glob("*.js")}
PLURAL = re.compile(r"\.(one|other)$")


def stems(language: str) -> set[str]:
    return {PLURAL.sub("", key) for key in TEXTS[language]}


def test_both_languages_say_the_same() -> None:
    assert stems("en") == stems("ja")


@pytest.mark.parametrize("key", sorted(stems("en")))
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    def values(language: str) -> set[str]:
        found = TEXTS[language].get(key) or TEXTS[language][f"{key}.other"]
        return set(re.findall(r"\{(\w+)\}", found))

    assert values("en") == values("ja")


def test_every_word_that_is_used_is_there_and_every_other_is_not() -> None:
    everything = "\n".join([*SCRIPTS.values(), (PAGE / "index.html").read_text()])
    used = set(re.findall(r'\bt\("([\w.-]+)"', everything)) | set(re.findall(r'data-text="([\w.-]+)"', everything))
    used |= {word for pair in re.findall(r't\([\w.]+ \? "([\w.-]+)" : "([\w.-]+)"', everything) for word in pair}
    used |= {f"topic.{channel}" for channel in CHANNELS} | {"generate-said"}
    used |= set(re.findall(r'"((?:example|composer)\.[\w.-]+)"', everything))
    assert used == stems("en")


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_no_script_makes_markup_of_text(name: str) -> None:
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(", SCRIPTS[name])


def test_nothing_is_loaded_from_elsewhere() -> None:
    for path in PAGE.rglob("*"):
        if path.suffix in {".js", ".css", ".html"}:
            addresses = re.findall(r"https?://[^\s\"')]+", path.read_text())
            assert set(addresses) <= {"http://www.w3.org/2000/svg"}, path


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080", "box.lan:8080"])
def test_loopback_and_allowed_names_are_here(host: str) -> None:
    assert is_here(host, ["box.lan"])


@pytest.mark.parametrize("host", ["", "example.com", "localhost.example.com", "10.0.0.1", "[fe80::1]", "0.0.0.0", "%"])
def test_other_names_are_not(host: str) -> None:
    assert not is_here(host, ["box.lan"])
