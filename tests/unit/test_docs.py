"""What the pages for people say is what the program does."""

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel
from typer.core import TyperGroup

import bot.settings
import inference.settings
from bot.cli.app import app
from bot.commands.table import COMMANDS
from inference.presets import load_presets
from inference.tiers import load_tiers
from inference.types import OperationKind, Tier

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.ja.md")
GUIDES = (*READMES, "docs/guide.md", "docs/operating.md", "docs/api.md")
PAGES = (
    *GUIDES,
    "docs/discord.md",
    "docs/slack.md",
    "CHANGELOG.md",
    *(str(page.relative_to(ROOT)) for page in (ROOT / "docs").glob("architecture/*.md")),
)
PREFIX = "THREADREEL_"


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def table(page: str, first: str) -> list[list[str]]:
    """Rows of the table whose head or first row begins with this cell; cells without back ticks."""
    lines = text(page).splitlines()
    begin = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    rows = []
    for line in lines[begin:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "") for cell in line.strip("|").split("|")])
    return [row for row in rows if set(row[0]) != {"-"}]


def defaults(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every setting by its whole name, with its default as the page writes it."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from defaults(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name, written(field.get_default(call_default_factory=True))


def written(value: Any) -> str:
    match value:
        case None:
            return ""
        case StrEnum():
            return value.value
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case _:
            return str(value)


def settings() -> dict[str, str]:
    both = (bot.settings.Settings, inference.settings.Settings)
    return {name: default for model in both for name, default in defaults(model)}


def test_the_table_of_settings_names_each_with_its_default() -> None:
    rows = table("docs/operating.md", "setting")[1:]
    assert {row[0]: row[1] for row in rows} == settings()
    assert len(rows) == len(settings())
    assert all(row[2] for row in rows)


def test_bot_and_service_agree_on_what_both_read() -> None:
    ours, theirs = dict(defaults(bot.settings.Settings)), dict(defaults(inference.settings.Settings))
    shared = ours.keys() & theirs.keys()
    assert {"data_dir", "api.port", "default_preset"} <= shared
    assert {name: ours[name] for name in shared} == {name: theirs[name] for name in shared}


@pytest.mark.parametrize("page", [*GUIDES, "deploy/.env.example", "deploy/compose.yaml"])
def test_variables_of_the_environment_are_settings(page: str) -> None:
    named = set(re.findall(rf"\b{PREFIX}(\w+)", text(page)))
    assert {name.lower().replace("__", ".") for name in named} <= settings().keys()


@pytest.mark.parametrize("page", READMES)
def test_the_tiers_are_those_of_the_file(page: str) -> None:
    by_head = {row[0]: row[1:] for row in table(page, "| free")}
    tiers = list(load_tiers().tiers.values())
    names, clips, seconds, resolution, watermark, image, jobs = by_head.values()
    assert names == [tier.name for tier in tiers]
    assert clips == [str(tier.clips_per_month) for tier in tiers]
    assert [cell.split()[0] for cell in seconds] == [f"{tier.max_seconds:g}" for tier in tiers]
    assert resolution == [f"{tier.max_resolution}p" for tier in tiers]
    assert [cell in {"yes", "あり"} for cell in watermark] == [tier.watermark for tier in tiers]
    assert [cell in {"yes", "可"} for cell in image] == [OperationKind.ANIMATE in tier.operations for tier in tiers]
    assert jobs == [str(tier.max_jobs) for tier in tiers]


def test_operators_see_every_field_of_a_tier_with_its_figures() -> None:
    head, *rows = table("docs/operating.md", "field")
    tiers = load_tiers().tiers
    assert head[1:-1] == list(tiers)
    shown = {row[0]: row[1:-1] for row in rows}
    assert shown.keys() == {field.name for field in fields(Tier)} - {"name"}
    assert shown.pop("operations") == ["basic", "standard", "all"]
    assert shown == {name: [written(getattr(tier, name)) for tier in tiers.values()] for name in shown}
    assert all(row[-1] for row in rows)


def test_the_guide_lists_every_command_of_the_chat() -> None:
    listed = {row[0].removeprefix("/") for row in table("docs/guide.md", "`/generate`")}
    assert listed == {command.name for command in COMMANDS}


def test_the_guide_names_options_that_there_are() -> None:
    rows = table("docs/guide.md", "option")[1:]
    assert len(rows) > 5
    names = {name for command in COMMANDS for option in command.options for name in option.names}
    assert {row[0].removeprefix("--") for row in rows} <= names


def test_the_guide_knows_the_world_of_the_built_in_model() -> None:
    rows = {row[0]: row[1].split(", ") for row in table("docs/guide.md", "one subject")}
    known = json.loads(text("inference/pocket/model/vocabulary.json"))["world"]
    assert sorted(rows["one subject"]) == sorted(known["subject"])
    assert sorted(rows["its colour"]) == sorted(known["colour"])
    assert sorted(rows["where"]) == sorted(known["setting"])


@pytest.mark.parametrize("page", [*READMES, "docs/guide.md"])
def test_the_built_in_models_own_size_is_said(page: str) -> None:
    size = load_presets().get("pocket").native_sizes["16:9"]  # type: ignore[index]  # a StrEnum
    assert f"{size.width}×{size.height}" in text(page)


def test_every_model_is_listed_for_operators() -> None:
    assert [row[0] for row in table("docs/operating.md", "preset")[1:]] == list(load_presets().presets)


@pytest.mark.parametrize("page", GUIDES)
def test_commands_and_their_options_are_those_of_the_command_line(page: str) -> None:
    """`threadreel …` in code, as far as its words are names of commands."""
    group = typer.main.get_command(app)
    calls = re.findall(r"(?:\.venv/bin/|`)threadreel ([^\n`]*)", text(page))
    for call in calls:
        words = re.sub(r"\"[^\"]*\"", "WORDS", call.split(" #")[0]).split()
        command: Any = group
        while words and isinstance(command, TyperGroup) and not words[0].startswith("-"):
            assert words[0] in command.commands, f"threadreel {call}"
            command = command.commands[words.pop(0)]
        known = {"--help", *(name for parameter in command.params for name in parameter.opts)}
        assert {word for word in words if word.startswith("-")} <= known, f"threadreel {call}"


@pytest.mark.parametrize("page", GUIDES)
def test_targets_are_those_of_the_makefile(page: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    named = re.findall(r"\bmake ((?:(?:run|test|setup|check|bench|judge|clean)\b ?)+)", text(page))
    assert {target for run in named for target in run.split()} <= targets


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text(page)):
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), target


def anchors(markdown: str) -> set[str]:
    """What GitHub makes of headings."""
    headings = re.findall(r"^#+ (.+)$", markdown, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
