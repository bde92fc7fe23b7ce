"""Forms as modals. They remember all that they are about, so one that was open over a restart works."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    CheckboxesElement,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import FileInputElement
from slack_sdk.models.views import View

from bot.card import Choice, Form, FormField
from bot.commands.table import CommandSpec, OptionSpec, ValueKind
from bot.platform import Answer, Spot
from bot.render.words import number
from bot.slack_app.blocks import ACTION, answer_blocks, cut
from bot.slack_app.places import PLATFORM, Where, where_of
from bot.slack_app.words import OWN, spoken
from bot.texts import Texts
from inference.types import Offer

VALUE = "value"
"""Action id of every input: the block's id names the field."""
TITLE, BUTTON, LABEL, OPTION, PLACEHOLDER, LONGEST = 24, 24, 200, 75, 150, 3000
"""Characters that Slack allows."""
IMAGES = ["png", "jpg", "jpeg", "webp"]
PROBLEM = "problem"
KEPT = ("type", "callback_id", "private_metadata", "title", "submit", "close", "blocks")
"""Of a view as Slack sends it back: what may be sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memo:
    """What a modal remembers."""

    #: An action of `bot.actions`, or a word of the desk's.
    purpose: str
    channel: str
    thread: str = ""
    language: str
    #: The file or the clip that a new one begins with.
    picture: str = ""

    def where(self) -> Where:
        return where_of(Spot(platform=PLATFORM, channel=self.channel, thread=self.thread))

    def written(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Memo:
        return cls(**json.loads(text))


def form_view(form: Form, memo: Memo, texts: Texts) -> View:
    return form_of(form.title, form.submit, memo, [_field(field) for field in form.fields], texts)


def command_view(spec: CommandSpec, offer: Offer, memo: Memo, texts: Texts) -> View:
    """All options of a command."""
    blocks = [_option(option, offer, texts, required=option.required) for option in spec.options]
    is_clip = spec.operation is not None
    title = texts("generate-title") if spec.name == OWN else f"/threadreel {spec.name}"
    return form_of(title, texts("generate-submit" if is_clip else "command-submit"), memo, blocks, texts)


def wait_view(texts: Texts) -> View:
    """While the service is asked."""
    return _told([SectionBlock(text=PlainTextObject(text=texts("slack-wait")))], texts)


def told_view(answer: Answer, texts: Texts) -> View:
    return _told(answer_blocks(answer)[:100], texts)


def filled(view: Mapping[str, Any], problem: str) -> dict[str, Any]:
    """The modal once more as the member filled it in, saying what is wrong with it."""
    again = {name: view[name] for name in KEPT if view.get(name)}
    entered = view["state"]["values"]
    blocks = [_filled(block, entered) for block in view["blocks"] if block.get("block_id") != PROBLEM]
    notice = {
        "type": "section",
        "block_id": PROBLEM,
        "text": {"type": "plain_text", "text": f"⚠️ {cut(spoken(problem), LONGEST - 3)}", "emoji": True},
    }
    return again | {"blocks": [notice, *blocks]}


def values_of(view: Mapping[str, Any]) -> dict[str, str]:
    """What was filled in, by the fields' names."""
    entered = {name: _entered(block[VALUE]) for name, block in view["state"]["values"].items() if VALUE in block}
    return {name: value for name, value in entered.items() if value is not None}


def files_of(view: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was attached in the modal."""
    blocks = view["state"]["values"].values()
    return [file for block in blocks for file in block.get(VALUE, {}).get("files") or ()]


def form_of(title: str, submit: str, memo: Memo, blocks: Sequence[Block], texts: Texts) -> View:
    return View(
        type="modal",
        callback_id=f"{ACTION}form",
        private_metadata=memo.written(),
        title=PlainTextObject(text=cut(title, TITLE)),
        submit=PlainTextObject(text=cut(submit, BUTTON)),
        close=PlainTextObject(text=texts("slack-no")),
        blocks=list(blocks),
    )


def _told(blocks: Sequence[Any], texts: Texts) -> View:
    return View(
        type="modal",
        callback_id=f"{ACTION}told",
        title=PlainTextObject(text="threadreel"),
        close=PlainTextObject(text=texts("slack-close")),
        blocks=list(blocks),
    )


def _field(field: FormField) -> InputBlock:
    element: InputInteractiveElement
    if field.choices:
        element = select(field.choices, field.value)
    else:
        element = PlainTextInputElement(
            action_id=VALUE,
            multiline=True,
            initial_value=field.value[: min(field.max_length, LONGEST)] or None,
            placeholder=PlainTextObject(text=cut(field.placeholder, PLACEHOLDER)) if field.placeholder else None,
            max_length=min(field.max_length, LONGEST),
        )
    return input_block(field.name, field.label, element, required=field.required)


def _option(option: OptionSpec, offer: Offer, texts: Texts, *, required: bool) -> InputBlock:
    element = _element(option, offer, texts)
    return input_block(option.name, texts(f"option-{option.name}"), element, required=required)


def _element(option: OptionSpec, offer: Offer, texts: Texts) -> InputInteractiveElement:
    match option.kind:
        case ValueKind.IMAGE:
            return FileInputElement(action_id=VALUE, filetypes=IMAGES, max_files=1)
        case ValueKind.SWITCH:
            yes = Option(value="yes", text=PlainTextObject(text=texts("info-yes")))
            return CheckboxesElement(action_id=VALUE, options=[yes])
        case ValueKind.PRESET if offer.presets:
            return select([Choice(value=preset.name, label=preset.title) for preset in offer.presets], "")
        case ValueKind.SECONDS if offer.presets:
            longest = max(preset.max_seconds for preset in offer.presets)
            fitting = [value for value in option.choices if float(value) <= longest] or [number(longest)]
            return select([Choice(value=value, label=_seconds(value, texts)) for value in fitting], "")
        case _ if option.choices:
            return select([Choice(value=value, label=value) for value in option.choices], "")
        case _:
            return PlainTextInputElement(
                action_id=VALUE, multiline=option.kind == ValueKind.TEXT and option.required, max_length=LONGEST
            )


def _seconds(value: str, texts: Texts) -> str:
    return texts("duration-seconds", seconds=value)


def select(choices: Sequence[Choice], chosen: str) -> StaticSelectElement:
    options = [
        Option(
            value=choice.value,
            text=PlainTextObject(text=cut(choice.label, OPTION)),
            description=PlainTextObject(text=cut(choice.description, OPTION)) if choice.description else None,
        )
        for choice in choices
    ]
    initial = next((option for option in options if option.value == chosen), None)
    return StaticSelectElement(action_id=VALUE, options=options, initial_option=initial)


def input_block(name: str, label: str, element: InputInteractiveElement, *, required: bool) -> InputBlock:
    return InputBlock(
        block_id=name, label=PlainTextObject(text=cut(label, LABEL)), element=element, optional=not required
    )


def _entered(element: Mapping[str, Any]) -> str | None:
    match element.get("type"):
        case "checkboxes":
            return "yes" if element.get("selected_options") else None
        case "static_select":
            chosen = element.get("selected_option")
            return chosen["value"] if chosen else None
        case "users_select":
            return element.get("selected_user")
        case "conversations_select":
            return element.get("selected_conversation")
        case "file_input":
            return None
        case _:
            return element.get("value") or None


def _filled(block: Mapping[str, Any], entered: Mapping[str, Any]) -> dict[str, Any]:
    state = entered.get(block.get("block_id", ""), {}).get(VALUE)
    if block["type"] != "input" or state is None:
        return dict(block)
    element = {name: value for name, value in block["element"].items() if not name.startswith("initial_")}
    match state["type"]:
        case "plain_text_input" if state.get("value"):
            element["initial_value"] = state["value"]
        case "static_select" if state.get("selected_option"):
            element["initial_option"] = state["selected_option"]
        case "checkboxes" if state.get("selected_options"):
            element["initial_options"] = state["selected_options"]
        case "users_select" if state.get("selected_user"):
            element["initial_user"] = state["selected_user"]
        case "conversations_select" if state.get("selected_conversation"):
            element["initial_conversation"] = state["selected_conversation"]
    return dict(block) | {"element": element}
