"""What can be asked: commands and their options, once for all faces.

Names are ASCII (Discord and Slack ask for it); aliases are typed ones, Japanese too. Descriptions stand in
`bot/texts/*.ftl` as `command-NAME` and `option-NAME`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.commands.zones import COMMON
from inference.types import Offer, OperationKind


class ValueKind(StrEnum):
    """How an option's value is read, and how a face should ask for it."""

    #: All words up to the next option.
    TEXT = "text"
    SECONDS = "seconds"
    SIZE = "size"
    ASPECT = "aspect"
    SEED = "seed"
    STRENGTH = "strength"
    CLIP = "clip"
    PRESET = "preset"
    LANGUAGE = "language"
    #: A moment, or again and again: words as well.
    WHEN = "when"
    TIMEZONE = "timezone"
    #: The id of a clip asked for in advance.
    SCHEDULE = "schedule"
    #: On by being named.
    SWITCH = "switch"
    #: Attached, never typed.
    IMAGE = "image"

    @property
    def takes_words(self) -> bool:
        """Whether its value goes on up to the next option."""
        return self in {ValueKind.TEXT, ValueKind.WHEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSpec:
    name: str
    kind: ValueKind
    aliases: tuple[str, ...] = ()
    required: bool = False
    #: What a model must be capable of for it to be offered.
    operation: OperationKind | None = None
    #: Common values, to complete and to choose from; others may be allowed too.
    choices: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    name: str
    aliases: tuple[str, ...] = ()
    options: tuple[OptionSpec, ...] = ()
    #: The option that bare words fill.
    words: str = ""
    #: What a model must be capable of for it to be offered.
    operation: OperationKind | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *self.aliases)

    def option(self, name: str) -> OptionSpec | None:
        """The option of this name or alias."""
        return next((option for option in self.options if name in option.names), None)


PROMPT = OptionSpec(name="prompt", kind=ValueKind.TEXT, aliases=("text", "プロンプト", "文", "指示"), required=True)
WORDS = OptionSpec(name="prompt", kind=ValueKind.TEXT, aliases=PROMPT.aliases)
IMAGE = OptionSpec(name="image", kind=ValueKind.IMAGE, aliases=("画像",), operation=OperationKind.ANIMATE)
NEEDED_IMAGE = OptionSpec(name="image", kind=ValueKind.IMAGE, aliases=("画像",), required=True)
SECONDS = OptionSpec(
    name="seconds",
    kind=ValueKind.SECONDS,
    aliases=("sec", "duration", "秒", "秒数", "長さ"),
    choices=("2", "5", "10", "20"),
)
SIZE = OptionSpec(
    name="size", kind=ValueKind.SIZE, aliases=("resolution", "サイズ", "解像度"), choices=("480p", "720p", "1080p")
)
ASPECT = OptionSpec(
    name="aspect_ratio",
    kind=ValueKind.ASPECT,
    aliases=("ar", "aspect", "aspect-ratio", "縦横比", "比率"),
    choices=("16:9", "9:16", "1:1"),
)
SEED = OptionSpec(name="seed", kind=ValueKind.SEED, aliases=("シード",))
NEGATIVE = OptionSpec(
    name="negative_prompt", kind=ValueKind.TEXT, aliases=("no", "negative", "negative-prompt", "除外", "なし")
)
STRENGTH = OptionSpec(name="strength", kind=ValueKind.STRENGTH, aliases=("強さ",), choices=("subtle", "mild", "strong"))
PRESET = OptionSpec(name="preset", kind=ValueKind.PRESET, aliases=("model", "プリセット", "モデル"))
PRIVATE = OptionSpec(name="private", kind=ValueKind.SWITCH, aliases=("非公開",))
CLIP = OptionSpec(name="clip", kind=ValueKind.CLIP, aliases=("id", "クリップ"))
NEEDED_CLIP = OptionSpec(name="clip", kind=ValueKind.CLIP, aliases=("id", "クリップ"), required=True)
SEARCH = OptionSpec(name="search", kind=ValueKind.TEXT, aliases=("検索",))
CODE = OptionSpec(name="code", kind=ValueKind.TEXT, aliases=("コード",))
IDENTITY = OptionSpec(name="identity", kind=ValueKind.TEXT, aliases=("account", "相手"))
WHEN = OptionSpec(
    name="when",
    kind=ValueKind.WHEN,
    aliases=("at", "time", "いつ", "日時", "時刻"),
    choices=("tomorrow 9:00", "in 2 hours", "every monday 9:00"),
)
SCHEDULED = OptionSpec(name="cancel", kind=ValueKind.SCHEDULE, aliases=("取消", "キャンセル"))
TIMEZONE = OptionSpec(
    name="timezone", kind=ValueKind.TIMEZONE, aliases=("tz", "zone", "タイムゾーン", "時間帯"), choices=COMMON
)
LANGUAGE = OptionSpec(name="language", kind=ValueKind.LANGUAGE, aliases=("lang", "言語"), choices=("en", "ja"))

COMMANDS = (
    CommandSpec(
        name="generate",
        aliases=("imagine", "生成", "作成", "作って"),
        options=(PROMPT, IMAGE, SECONDS, SIZE, ASPECT, SEED, NEGATIVE, PRESET, PRIVATE),
        words="prompt",
        operation=OperationKind.GENERATE,
    ),
    CommandSpec(
        name="animate",
        aliases=("動かす", "アニメ"),
        options=(NEEDED_IMAGE, WORDS, SECONDS, SIZE, ASPECT, SEED, NEGATIVE, PRESET, PRIVATE),
        words="prompt",
        operation=OperationKind.ANIMATE,
    ),
    CommandSpec(
        name="remix",
        aliases=("リミックス", "変更"),
        options=(PROMPT, CLIP, STRENGTH, SEED, PRIVATE),
        words="prompt",
        operation=OperationKind.REMIX,
    ),
    CommandSpec(
        name="again",
        aliases=("もう一度", "再生成"),
        options=(CLIP, SEED, PRIVATE),
        words="clip",
        operation=OperationKind.AGAIN,
    ),
    CommandSpec(
        name="schedule",
        aliases=("予約",),
        options=(WORDS, WHEN, SECONDS, SIZE, ASPECT, SEED, NEGATIVE, PRESET, PRIVATE, SCHEDULED),
        words="prompt",
        operation=OperationKind.GENERATE,
    ),
    CommandSpec(name="cancel", aliases=("キャンセル", "中止", "取消"), options=(CLIP,), words="clip"),
    CommandSpec(name="info", aliases=("情報", "詳細"), options=(CLIP,), words="clip"),
    CommandSpec(name="queue", aliases=("待ち", "順番")),
    CommandSpec(name="result", aliases=("結果",)),
    CommandSpec(name="history", aliases=("履歴",), options=(SEARCH,), words="search"),
    CommandSpec(name="tree", aliases=("家系", "系図"), options=(CLIP,), words="clip"),
    CommandSpec(name="show", aliases=("表示",), options=(NEEDED_CLIP,), words="clip"),
    CommandSpec(name="settings", aliases=("設定",), options=(SECONDS, SIZE, ASPECT, LANGUAGE, TIMEZONE)),
    CommandSpec(name="link", aliases=("連携",), options=(CODE,), words="code"),
    CommandSpec(name="unlink", aliases=("連携解除",), options=(IDENTITY,), words="identity"),
    CommandSpec(name="mydata", aliases=("マイデータ",)),
    CommandSpec(name="forgetme", aliases=("退会",)),
    CommandSpec(name="help", aliases=("ヘルプ", "使い方")),
)

BY_NAME = {name: command for command in COMMANDS for name in command.names}


def offered(offer: Offer) -> tuple[CommandSpec, ...]:
    """The commands and options that a model of this deployment can do; for menus, which show nothing in vain."""

    def fits(operation: OperationKind | None) -> bool:
        return operation is None or operation in offer.operations

    return tuple(
        replace(command, options=tuple(option for option in command.options if fits(option.operation)))
        for command in COMMANDS
        if fits(command.operation)
    )
