"""What those who manage the workspace decide, in modals of the home tab. The service checks it again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from slack_sdk.models.blocks import (
    Block,
    ConversationSelectElement,
    InputBlock,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.views import View

from bot.card import Choice
from bot.ceilings import CHOICES
from bot.commands.ends import end_of
from bot.commands.table import BY_NAME
from bot.managing import INHERIT, AskedPolicy, Managing, Named
from bot.overseeing import Overseeing
from bot.platform import Answer, Context
from bot.slack_app.asking import Asked
from bot.slack_app.forms import Forms, memo_of
from bot.slack_app.home_view import HOUSE
from bot.slack_app.ledger import LOOKS, Ledger, days_of, ending
from bot.slack_app.modals import VALUE, Memo, form_of, input_block, select
from bot.slack_app.people import People
from bot.slack_app.places import PLATFORM, Workspace
from bot.slack_app.words import channel_named
from bot.texts import Texts, texts_for
from inference.errors import InvalidValue
from inference.protocols import Catalogue
from inference.types import Offer

NONE = "none"
TIER = "tier:"
ELSEWHERE = ("policy-spoiler", "policy-threads")


class House:
    def __init__(
        self,
        *,
        forms: Forms,
        managing: Managing,
        overseeing: Overseeing,
        people: People,
        catalogue: Catalogue,
        changed: Callable[[Workspace, str], None],
    ) -> None:
        """`changed` is told whose tab shows what no longer holds."""
        self._forms = forms
        self._changed = changed
        self._managing = managing
        self._overseeing = overseeing
        self._ledger = Ledger(overseeing=overseeing, people=people)
        self._people = people
        self._catalogue = catalogue
        forms.takers[HOUSE] = self.submitted

    async def open(self, asked: Asked, form: str) -> None:
        async def made(context: Context, texts: Texts) -> View:
            memo = memo_of(f"{HOUSE}{form}", context, texts)
            if form in LOOKS:
                context = await self._people.as_manager(asked.where, asked.user, context)
                return await self._ledger.looked(form, memo, context, texts)
            blocks = await self._blocks(form, asked, context, texts)
            return form_of(texts(f"house-{form}"), texts("house-submit"), memo, blocks, texts)

        await self._forms.open(asked, made, _nothing, posts=False)

    async def submitted(self, asked: Asked, context: Context, memo: Memo, values: dict[str, str]) -> Answer:
        answer = await self._decided(asked, context, memo, values)
        self._changed(asked.where.workspace, asked.user)
        return answer

    async def _decided(self, asked: Asked, context: Context, memo: Memo, values: dict[str, str]) -> Answer:
        context = await self._people.as_manager(asked.where, asked.user, context)
        texts = texts_for(memo.language)
        match memo.purpose.removeprefix(HOUSE):
            case "server":
                return _told(await self._managing.policy(context, _policy(values)), texts)
            case "limits":
                place = values.get("channel", "")
                held = _told(await self._managing.policy(context, _limits(values), _channel_of(place)), texts)
                return held if held.card is None or not place else _titled(held, channel_named(place))
            case "channel":
                channel = values["channel"]
                named = Named(id=channel, name=channel)
                answer = _told(await self._managing.policy(context, _policy(values), named), texts)
                return answer if answer.card is None else _titled(answer, channel_named(channel))
            case "member":
                return await self._member(asked, context, values, texts)
            case "refund" | "usage" | "audit" as form:
                return await self._ledger.submitted(form, asked, context, values, texts)
            case _:
                id_ = values["group"]
                handle = (await self._people.groups(asked.where.workspace)).get(id_, id_)
                group = Named(id=f"{PLATFORM}:{id_}", name=f"@{handle}")
                tier, days = _tier(values["tier"]), days_of(values, texts)
                if days is not None and tier is None:
                    raise InvalidValue(name=texts("house-days"), value=values["days"], allowed="allowed-house-days")
                return await self._managing.role_tier(
                    context, group, tier, end_of(None, days), values.get("reason", "")
                )

    async def _member(self, asked: Asked, context: Context, values: dict[str, str], texts: Texts) -> Answer:
        """Raises InvalidValue for an end, or a reason, of what has none."""
        act, days, reason = values.get("act", "usage"), days_of(values, texts), values.get("reason", "")
        tier = _tier(act.removeprefix(TIER))
        gives = act.startswith(TIER) and tier is not None
        if days is not None and not (gives or act == "block"):
            raise InvalidValue(name=texts("house-days"), value=values["days"], allowed="allowed-house-days")
        if reason and not (act.startswith(TIER) or act in {"block", "unblock", "reset"}):
            raise InvalidValue(name=texts("house-reason"), value=reason[:40], allowed="allowed-house-reason")
        member, end = await self._people.requester(asked.where, values["member"]), end_of(None, days)
        match act:
            case "block" | "unblock":
                return await self._managing.block(context, member, blocked=act == "block", until=end, reason=reason)
            case "reset":
                return await self._managing.reset(context, member, reason)
            case _ if act.startswith(TIER):
                return await self._managing.member_tier(context, member, tier, end, reason)
            case _:
                return await self._managing.usage(context, member)

    # --- The forms ---

    async def _blocks(self, form: str, asked: Asked, context: Context, texts: Texts) -> list[Block]:
        offer = await self._catalogue.offer()
        match form:
            case "server":
                return [_use(texts), *_defaults(texts)]
            case "channel":
                return [_channel(texts), _use(texts)]
            case "limits":
                return [_channel(texts, required=False), *_lower(texts)]
            case "member":
                may_give = offer.managers_give_tiers or await self._overseeing.may(context)
                return [_user(texts), _acts(offer, texts, may_give=may_give), *ending(texts)]
            case "refund":
                return [*self._ledger.refund_blocks(texts)]
            case _:
                return await self._group(asked, offer, texts)

    async def _group(self, asked: Asked, offer: Offer, texts: Texts) -> list[Block]:
        """Raises InvalidValue where the workspace has no user groups, or we may not see them."""
        groups = await self._people.groups(asked.where.workspace)
        if not groups:
            raise InvalidValue(name=texts("house-group"), value="", allowed="allowed-user-groups")
        known = [Choice(value=id_, label=f"@{handle}") for id_, handle in list(groups.items())[:100]]
        tiers = [Choice(value=tier.name, label=tier.name) for tier in offer.tiers]
        taken = Choice(value=NONE, label=texts("choice-no-tier"))
        return [
            input_block("group", texts("option-group"), select(known, ""), required=True),
            input_block("tier", texts("option-tier"), select([*tiers, taken], ""), required=True),
            *ending(texts),
        ]


async def _nothing(_context: Context) -> str:
    """The tab is still there to press once more."""
    return ""


def _told(answer: Answer, texts: Texts) -> Answer:
    """Without what only other chats can do: Slack covers no clips, and its threads need no opening."""
    if answer.card is None:
        return answer
    elsewhere = {texts(key) for key in ELSEWHERE}
    fields = tuple(field for field in answer.card.fields if field.name not in elsewhere)
    return replace(answer, card=replace(answer.card, fields=fields))


def _titled(answer: Answer, title: str) -> Answer:
    assert answer.card is not None
    return replace(answer, card=replace(answer.card, title=title))


def _policy(values: dict[str, str]) -> AskedPolicy:
    names = {option.name for option in BY_NAME["settings"].options}
    defaults = {name: value for name, value in values.items() if name in names}
    return AskedPolicy(usable=values.get("use"), defaults=defaults)


def _tier(value: str) -> str | None:
    return None if value == NONE else value


def _use(texts: Texts) -> InputBlock:
    choices = [Choice(value=value, label=texts(f"choice-{value}")) for value in ("yes", "no", INHERIT)]
    return input_block("use", texts("option-use"), select(choices, ""), required=False)


def _defaults(texts: Texts) -> list[InputBlock]:
    labels = {name: name for name in ("seconds", "size", "language", "timezone")} | {"aspect_ratio": "aspect"}
    return [
        input_block(
            option.name, texts(f"option-default-{labels[option.name]}"), _choices(option.choices, texts), required=False
        )
        for option in BY_NAME["settings"].options
        if option.name in labels
    ]


def _choices(values: tuple[str, ...], texts: Texts) -> StaticSelectElement:
    usual = Choice(value="default", label=texts("choice-default"))
    words = {"yes": texts("choice-yes")}
    return select([*(Choice(value=value, label=words.get(value, value)) for value in values), usual], "")


def _channel(texts: Texts, *, required: bool = True) -> InputBlock:
    label = texts("option-channel" if required else "option-limits-channel")
    return input_block("channel", label, ConversationSelectElement(action_id=VALUE), required=required)


def _channel_of(id_: str) -> Named | None:
    return Named(id=id_, name=id_) if id_ else None


def _lower(texts: Texts) -> list[InputBlock]:
    return [
        input_block(name, texts(f"option-limit-{name}"), _choices(choices, texts), required=False)
        for name, choices in CHOICES.items()
    ]


def _limits(values: dict[str, str]) -> AskedPolicy:
    return AskedPolicy(limits={name: values[name] for name in CHOICES if name in values})


def _user(texts: Texts) -> InputBlock:
    return input_block("member", texts("option-member"), UserSelectElement(action_id=VALUE), required=True)


def _acts(offer: Offer, texts: Texts, *, may_give: bool) -> InputBlock:
    """What the operator lets no manager do is not shown."""
    acts = [Choice(value=act, label=texts(f"command-admin-{act}")) for act in ("usage", "block", "unblock")]
    if may_give:
        acts += [
            Choice(value=f"{TIER}{tier.name}", label=f"{texts('settings-tier')}: {tier.name}") for tier in offer.tiers
        ]
        acts.append(Choice(value=f"{TIER}{NONE}", label=f"{texts('settings-tier')}: {texts('choice-no-tier')}"))
        acts.append(Choice(value="reset", label=texts("command-admin-reset")))
    return input_block("act", texts("house-act"), select(acts, "usage"), required=True)
