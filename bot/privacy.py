"""All that is stored of a member, for them: `/mydata` hands it over, `/forgetme` deletes it once they are sure."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from dataclasses import asdict

from bot.actions import Action, Verb
from bot.card import Button, ButtonStyle, Card, Tone
from bot.locales import Locales
from bot.platform import Answer, Attachment, Context
from bot.texts import Texts
from inference.protocols import AskingDoors
from inference.types import Identity, JobId
from storage.conversations import SqlConversations

MAX_BYTES = 8 * 1024 * 1024
"""What every chat takes as a file, and the bot's memory holds."""
ME = JobId("me")
"""In place of a job, for buttons that are about the member."""


class OwnData:
    def __init__(self, library: AskingDoors, conversations: SqlConversations, locales: Locales) -> None:
        self._library = library
        self._conversations = conversations
        self._locales = locales

    async def hand_over(self, context: Context, texts: Texts) -> Answer:
        async with self._library.own_data(context.requester, MAX_BYTES) as opened:
            data = await asyncio.to_thread(opened.stream.read)
            name = opened.filename
        jobs, identities = await asyncio.to_thread(_about, data)
        posts = await self._conversations.posts_of(jobs)
        said = [message for author in _authors(identities) for message in await self._conversations.said_by(author)]
        kept = {"posts": [asdict(post) for post in posts], "messages": [asdict(message) for message in said]}
        whole = await asyncio.to_thread(_with, data, "conversations.json", kept)
        return Answer(text=texts("mydata-here"), files=(Attachment(name=name, data=whole),))

    def ask(self, texts: Texts) -> Answer:
        """Nothing happens before the button is pressed."""
        button = Button(
            action=str(Action(verb=Verb.FORGET, job=ME)),
            label=texts("forgetme-sure"),
            emoji="🗑",
            style=ButtonStyle.DANGER,
        )
        lines = (texts("forgetme-what"), texts("forgetme-stays"))
        return Answer(
            text="", card=Card(tone=Tone.PROBLEM, title=texts("forgetme-title"), lines=lines, buttons=(button,))
        )

    async def forget(self, context: Context, texts: Texts) -> Answer:
        """What was said here goes first: whoever is cut off in between is still known, and can ask again."""
        identities = (await self._library.account(context.requester)).identities
        for author in _authors(identities):
            await self._conversations.forget_author(author)
        await self._library.forget(context.requester)
        for identity in identities:
            self._locales.forget_member(identity)
        return Answer(text=texts("forgetme-done"))


def _about(data: bytes) -> tuple[list[JobId], list[Identity]]:
    """Whose jobs and identities the zip is about."""
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        jobs = json.loads(pack.read("rows/jobs.json")) if "rows/jobs.json" in pack.namelist() else []
        account = json.loads(pack.read("account.json"))
    return [JobId(job["id"]) for job in jobs], [Identity(identity) for identity in account["identities"]]


def _with(data: bytes, name: str, value: object) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr(name, json.dumps(value, ensure_ascii=False, indent=1, default=str))
    return file.getvalue()


def _authors(identities: list[Identity] | tuple[Identity, ...]) -> list[str]:
    """As the local chat knows them: the only one whose words we keep."""
    return [identity.partition(":")[2] for identity in identities if identity.startswith("playground:")]
