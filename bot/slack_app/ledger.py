"""What was used and what was decided, as managers look it up in modals of the home tab; and what they give back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from slack_sdk.models.blocks import Block, InputBlock, PlainTextInputElement, UserSelectElement
from slack_sdk.models.views import View

from bot.card import Choice
from bot.overseeing import Overseeing
from bot.platform import Answer, Context
from bot.slack_app.asking import Asked
from bot.slack_app.blocks import answer_blocks
from bot.slack_app.modals import VALUE, Memo, form_of, input_block, select, told_view
from bot.slack_app.people import People
from bot.texts import Texts
from inference.errors import InvalidValue
from inference.types import JobId, Requester, UsageBy

LOOKS = ("usage", "audit")
"""Forms that begin with what there is to see."""
MONTHS = 12
BY_MONTH = "month"
LONGEST_REASON = 500
"""Characters that the service takes."""
MOST_DAYS = 3650
ROOM = 95
"""Blocks for what is told; the fields below it need the rest of a modal's hundred."""


class Ledger:
    def __init__(self, *, overseeing: Overseeing, people: People) -> None:
        self._overseeing = overseeing
        self._people = people

    async def looked(self, form: str, memo: Memo, context: Context, texts: Texts) -> View:
        """Of this month, or of everybody; below it what else there is to see."""
        if form == "usage":
            answer = await self._overseeing.usage(context, with_files=False)
            below = _kinds(texts)
        else:
            answer = await self._overseeing.audit(context)
            below = [_someone(texts, required=False)]
        if answer.is_problem:
            return told_view(answer, texts)
        blocks: list[Block] = [*answer_blocks(answer)[:ROOM], *below]
        return form_of(texts(f"house-{form}"), texts("house-show"), memo, blocks, texts)

    async def submitted(
        self, form: str, asked: Asked, context: Context, values: dict[str, str], texts: Texts
    ) -> Answer:
        """Raises InvalidValue."""
        member = await self._member(asked, values)
        if form == "audit":
            return await self._overseeing.audit(context, member)
        if form == "usage":
            is_by_month = values["month"] == BY_MONTH
            by, month = (UsageBy.MONTH, None) if is_by_month else (UsageBy(values["by"]), values["month"])
            return await self._overseeing.usage(context, month, by, with_files="copies" in values)
        clip = values.get("clip", "").strip(" `")
        if (member is None) == (not clip):
            raise InvalidValue(name=texts("house-refund"), value=clip, allowed="allowed-house-refund")
        return await self._overseeing.refund(context, member or JobId(clip), values.get("reason", ""))

    async def _member(self, asked: Asked, values: dict[str, str]) -> Requester | None:
        chosen = values.get("member")
        return await self._people.requester(asked.where, chosen) if chosen else None

    def refund_blocks(self, texts: Texts) -> Sequence[Block]:
        """All that a member spent this month, or one clip; and why."""
        return [
            _someone(texts, required=False),
            input_block("clip", texts("house-clip"), _line(40), required=False),
            input_block("reason", texts("house-reason"), _line(LONGEST_REASON), required=True),
        ]


def ending(texts: Texts) -> Sequence[Block]:
    """When a block or a tier ends, and why there is one."""
    return [
        input_block("days", texts("house-days"), _line(len(str(MOST_DAYS))), required=False),
        input_block("reason", texts("house-reason"), _line(LONGEST_REASON), required=False),
    ]


def days_of(values: dict[str, str], texts: Texts) -> int | None:
    """None where none were said. Raises InvalidValue."""
    said = values.get("days", "").strip()
    if not said:
        return None
    if not said.isdecimal() or not 1 <= int(said) <= MOST_DAYS:
        raise InvalidValue(name=texts("house-days"), value=said, allowed=f"1 to {MOST_DAYS}")
    return int(said)


def _line(longest: int) -> PlainTextInputElement:
    return PlainTextInputElement(action_id=VALUE, max_length=longest)


def _someone(texts: Texts, *, required: bool) -> InputBlock:
    return input_block("member", texts("option-member"), UserSelectElement(action_id=VALUE), required=required)


def _kinds(texts: Texts) -> list[Block]:
    """The newest months, UTC, as the service counts them, and all of them beside each other; what is counted."""
    now = datetime.now(UTC)
    count = now.year * 12 + now.month - 1
    names = [f"{(count - ago) // 12:04}-{(count - ago) % 12 + 1:02}" for ago in range(MONTHS)]
    choices = [Choice(value=name, label=name) for name in names]
    choices.append(Choice(value=BY_MONTH, label=texts("house-by-month")))
    by = [Choice(value=by, label=texts(f"usage-by-{by}")) for by in UsageBy if by is not UsageBy.MONTH]
    files = [Choice(value="yes", label=texts("choice-yes"))]
    return [
        input_block("month", texts("house-month"), select(choices, names[0]), required=True),
        input_block("by", texts("house-by"), select(by, UsageBy.MEMBER), required=True),
        input_block("copies", texts("house-files"), select(files, ""), required=False),
    ]
