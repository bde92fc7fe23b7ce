"""Looking after a server from a chat: who may, and what they are told, in their language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bot.overseeing import Overseeing
from bot.platform import Context, Spot
from bot.session import ChatCore
from inference.types import Generate, Identity, Place, Requester
from storage.conversations import SqlConversations
from storage.database import open_database
from tests.support.studio import open_studio

PLACE = Place(platform="discord", workspace="1", channel="2")
BOSS, CHIEF, ANN = (
    Requester(identity=Identity(f"discord:{number}"), display_name=name, place=PLACE)
    for number, name in ((7, "boss"), (8, "chief"), (9, "ann"))
)


def at(who: Requester, *, manages: bool = False, locale: str = "en") -> Context:
    requester = replace(who, manages=manages, locale=locale)
    return Context(requester=requester, spot=Spot(platform="discord", channel="2"), event="")


@pytest.mark.parametrize(
    ("locale", "given", "said"), [("en", "One clip was given back.", "one clip"), ("ja", "1 本を返しました。", "1 本")]
)
async def test_operators_of_a_chat_look_after_servers_they_do_not_manage(
    tmp_path: Path, locale: str, given: str, said: str
) -> None:
    async with (
        open_studio(tmp_path, operators=[CHIEF.identity]) as studio,
        open_database(studio.settings.resolved_database_url) as database,
    ):
        core = ChatCore(studio.face, studio.face, SqlConversations(database))
        overseeing = Overseeing(core, studio.face)
        assert [await overseeing.may(at(who, manages=True)) for who in (BOSS, CHIEF, ANN)] == [False, True, False]

        clip = await studio.make(Generate(prompt="a red ball"), ANN)
        chief = at(CHIEF, locale=locale)
        answer = await overseeing.usage(chief)
        assert answer.card is not None
        assert [line.endswith(said) for line in answer.card.lines] == [True]
        assert (await overseeing.refund(chief, clip.id, "sorry")).text == given
        again = await overseeing.refund(chief, clip.id, "sorry")
        assert again.is_problem
        audit = await overseeing.audit(chief, ANN)
        assert audit.card is not None
        assert ["sorry" in line for line in audit.card.lines] == [True]
        refused = await overseeing.audit(at(ANN))
        assert refused.is_problem
        assert refused.card is None


async def test_managers_are_told_of_their_server_alone(tmp_path: Path) -> None:
    async with (
        open_studio(tmp_path) as studio,
        open_database(studio.settings.resolved_database_url) as database,
    ):
        core = ChatCore(studio.face, studio.face, SqlConversations(database))
        overseeing = Overseeing(core, studio.face)
        elsewhere = replace(ANN, place=replace(PLACE, workspace="5"))
        await studio.make(Generate(prompt="a red ball"), elsewhere)
        answer = await overseeing.usage(at(BOSS, manages=True))
        assert answer.card is not None
        assert answer.card.lines == ("Nobody used anything.",)
        wrong = await overseeing.usage(at(BOSS, manages=True), "november")
        assert wrong.is_problem
