"""Posts and changes, trying the next best place where the one that was meant takes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any

import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.models.metadata import Metadata

from bot.card import Card
from bot.platform import MessageRef
from bot.slack_app.blocks import card_blocks, card_notice
from bot.slack_app.clients import Clients
from bot.slack_app.faults import Fault, fault_of
from bot.slack_app.places import Where, user_of
from bot.slack_app.stills import Picture
from inference.types import JobId

EVENT = "threadreel_job"
"""Type of the metadata by which our messages are known again."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A message as Slack has it after a change."""

    message: Mapping[str, Any]
    #: Since when, by Slack's clock to the second below; None where Slack does not say.
    at: float | None


class Sending:
    """Raises what slack-sdk raises where no mend helps."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def send(self, where: Where, card: Card, job: JobId) -> MessageRef:
        """A new message: in the spot, else in the channel above, else to the member directly."""
        if card.only_for is not None:
            return await self.directly(where, card, job)
        try:
            return await self._post(where, card, job)
        except SlackClientError as error:
            fault = fault_of(error)
            if fault == Fault.THREAD and where.thread:
                return await self._post(replace(where, thread=""), card, job)
            if fault not in {Fault.PLACE, Fault.THREAD} or card.asked_by is None:
                raise
            _log.info("another place", job=job, reason=str(error))
        return await self.directly(where, card, job)

    async def directly(self, where: Where, card: Card, job: JobId) -> MessageRef:
        """To the one whose card it is, and to nobody else."""
        owner = card.only_for or card.asked_by
        assert owner is not None
        return await self._post(replace(where, channel=user_of(owner), thread=""), card, job)

    async def edit(
        self,
        where: Where,
        message: str,
        card: Card,
        *,
        link: str = "",
        file: str = "",
        picture: Picture | None = None,
        is_progress: bool = False,
    ) -> Edited:
        """The message looks like this now. Words are never sent alone: they drop the blocks."""
        line = await self._clients.line(where.workspace)
        client = line.once if is_progress else line.patient
        answer = await client.chat_update(
            channel=where.channel,
            ts=message,
            text=card_notice(card),
            blocks=card_blocks(card, link, {} if picture is None or card.job is None else {card.job: picture}),
            file_ids=[file] if file else None,
            parse="none",  # what is usual elsewhere, and not here
        )
        return Edited(message=answer.get("message") or {}, at=_moment(answer.headers))

    async def _post(self, where: Where, card: Card, job: JobId) -> MessageRef:
        client = (await self._clients.line(where.workspace)).once
        answer = await client.chat_postMessage(
            channel=where.channel,
            text=card_notice(card),
            blocks=card_blocks(card),
            thread_ts=where.thread or None,
            metadata=Metadata(event_type=EVENT, event_payload={"job": job}),
            unfurl_links=False,
            unfurl_media=False,
        )
        return replace(where, channel=str(answer["channel"])).ref(str(answer["ts"]))


def _moment(headers: Mapping[str, str]) -> float | None:
    date = {name.lower(): value for name, value in headers.items()}.get("date")
    return None if date is None else parsedate_to_datetime(str(date)).timestamp()
