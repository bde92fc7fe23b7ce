"""Cards for the managers of a server."""

from __future__ import annotations

from bot.card import Card, Field, Tone
from bot.ceilings import shown
from bot.render.lists import own_choices
from bot.texts import Texts
from inference.types import MemberStanding, Policy


def policy_card(policy: Policy, channel: str, texts: Texts) -> Card:
    """What holds in `channel`; empty: in the whole server. What it does not say itself is marked as inherited."""
    own = policy.channel if channel else policy.server
    yes_no = {True: texts("choice-yes"), False: texts("choice-no")}
    rows = [
        ("policy-usable", yes_no[policy.usable], own.usable is None),
        ("policy-spoiler", yes_no[policy.spoiler], own.spoiler is None),
        ("policy-threads", texts(f"threads-{policy.threads}"), own.threads is None),
    ]
    source = texts("policy-as-server" if channel else "policy-as-usual")
    fields = [
        Field(name=texts(key), value=f"{value} ({source})" if inherits else value) for key, value, inherits in rows
    ]
    lower = shown(own.ceiling, texts)
    above = shown(policy.server.ceiling, texts) if channel else ""
    limits = " · ".join(filter(None, (lower, f"{above} ({source})" if above else "")))
    fields.append(Field(name=texts("policy-limits"), value=limits or texts("policy-as-tiers")))
    if not channel:
        usual = texts("policy-as-usual")
        fields += [Field(name=texts(key), value=value) for key, value in own_choices(policy.defaults, usual, texts)]
    title = texts("policy-channel-title", channel=channel) if channel else texts("policy-server-title")
    return Card(tone=Tone.QUIET, language=texts.language, title=title, fields=tuple(fields))


def standing_card(standing: MemberStanding, name: str, texts: Texts) -> Card:
    """A member as managers see them."""
    used = texts("settings-used-value", used=standing.used, limit=standing.limit, resets=standing.resets_at)
    rows = [
        ("settings-tier", standing.tier),
        ("standing-given", standing.given or ""),
        ("settings-used", used),
        ("standing-under-way", str(standing.under_way)),
        ("standing-blocked", texts("choice-yes") if standing.is_blocked else ""),
    ]
    fields = tuple(Field(name=texts(key), value=value) for key, value in rows if value)
    return Card(tone=Tone.QUIET, language=texts.language, title=name, fields=fields)
