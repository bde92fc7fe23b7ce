"""Answers to the one who asked, and to nobody else."""

from __future__ import annotations

from dataclasses import replace

import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.models.blocks import Block
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.card import Media
from bot.platform import Answer
from bot.render.errors import error_text
from bot.render.job import linked_card
from bot.slack_app.asking import Asked
from bot.slack_app.blocks import NONE, Pictures, answer_blocks, answer_notice
from bot.slack_app.clients import Clients
from bot.slack_app.faults import TROUBLE, Fault, fault_of, translated
from bot.slack_app.places import where_of
from bot.slack_app.posters import Posters
from bot.slack_app.sending import Sending
from bot.slack_app.uploads import File, Uploads, upload
from bot.texts import Texts
from inference.errors import DeliveryError, ThreadreelError
from inference.protocols import PostingDoors
from inference.types import Variant

_log = structlog.get_logger(__name__)


class Replying:
    def __init__(self, clients: Clients, service: PostingDoors, posters: Posters, uploads: Uploads) -> None:
        self._clients = clients
        self._posters = posters
        self._uploads = uploads
        self._service = service
        self._sending = Sending(clients)

    async def say(self, asked: Asked, answer: Answer, texts: Texts) -> None:
        """Where they asked; where that cannot be, in their direct messages. What is lost is logged."""
        try:
            answer = await self.without_clip(asked, answer, texts)
            if asked.response_url and await self._by_url(asked, answer):
                return
            await self._in_place(asked, answer)
        except (DeliveryError, *TROUBLE) as error:
            _log.warning("answer lost", user=asked.user, reason=str(error))

    async def without_clip(self, asked: Asked, answer: Answer, texts: Texts) -> Answer:
        """The answer, and its clip or its file where only one member sees it."""
        if answer.files:
            return await self._sent_directly(asked, answer, texts)
        media = None if answer.card is None else answer.card.media
        if media is None or media.variant != Variant.VIDEO:
            return answer
        return await self._handed_over(asked, answer, media, texts)

    async def _by_url(self, asked: Asked, answer: Answer) -> bool:
        """The interaction's own way, which works also where we are no member. Whether it was taken."""
        pictures = {} if answer.card is None else await self._posters.of(asked.where.workspace, answer.card.gallery)
        hook = AsyncWebhookClient(asked.response_url, session=self._clients.session)
        try:
            if pictures and await _was_taken(hook, answer, pictures):
                return True
            return await _was_taken(hook, answer, {})
        except TROUBLE as error:  # said twice is better than not at all
            _log.info("response url not reached", reason=str(error))
            return False

    async def _in_place(self, asked: Asked, answer: Answer) -> None:
        if asked.where.is_direct:
            await self._directly(asked, answer, asked.where.channel, asked.where.thread)
            return
        client = (await self._clients.line(asked.where.workspace)).waiting
        try:
            await client.chat_postEphemeral(
                channel=asked.where.channel,
                user=asked.user,
                text=answer_notice(answer),
                blocks=_blocks(answer),
                thread_ts=asked.where.thread or None,
            )
        except TROUBLE as error:
            if fault_of(error) not in {Fault.PLACE, Fault.THREAD}:
                raise
            await self._directly(asked, answer, asked.user, "")

    async def _directly(self, asked: Asked, answer: Answer, channel: str, thread: str) -> None:
        client = (await self._clients.line(asked.where.workspace)).waiting
        await client.chat_postMessage(
            channel=channel,
            text=answer_notice(answer),
            blocks=_blocks(answer),
            thread_ts=thread or None,
            unfurl_links=False,
            unfurl_media=False,
        )

    async def _sent_directly(self, asked: Asked, answer: Answer, texts: Texts) -> Answer:
        """Files for them alone go to their direct messages, and the answer says so. Its card stays where it is."""
        try:
            await self._send_files(asked, answer)
        except (DeliveryError, *TROUBLE) as error:
            if answer.card is None:
                raise
            _log.warning("files not sent", user=asked.user, reason=str(error))
            return replace(answer, text=texts("slack-files-not-sent"), files=())
        text = texts("slack-sent-direct" if answer.card is None else "slack-files-direct")
        return replace(answer, text=text, files=())

    async def _send_files(self, asked: Asked, answer: Answer) -> None:
        client = (await self._clients.line(asked.where.workspace)).once
        said = await client.chat_postMessage(channel=asked.user, text=answer.text or answer_notice(answer))
        for file in answer.files:
            sent = File(name=file.name, data=file.data, title=file.name, alt=file.alt)
            await upload(client, sent, str(said["channel"]))

    async def _handed_over(self, asked: Asked, answer: Answer, media: Media, texts: Texts) -> Answer:
        """What is said of it where they asked, also where their direct messages take nothing."""
        try:
            async with translated():
                return await self._hand_over(asked, answer, media, texts)
        except ThreadreelError as error:
            _log.warning("not handed over", job=media.job, reason=str(error))
            return Answer(text=error_text(error, texts), is_problem=True, job=answer.job)

    async def _hand_over(self, asked: Asked, answer: Answer, media: Media, texts: Texts) -> Answer:
        """Files cannot be shown to one alone in a channel: the clip goes to their direct messages."""
        assert answer.card is not None
        card = replace(answer.card, asked_by=media.requester.identity, job=media.job)
        ref = await self._sending.directly(asked.where, card, media.job)
        there = where_of(ref.spot)
        try:
            await self._uploads.into(there, media, card.title, ref.message)
        except (DeliveryError, SlackClientError) as error:
            _log.warning("the clip cannot be sent", job=media.job, reason=str(error))
            link = await self._service.link(media.job, media.requester)
            await self._sending.edit(there, ref.message, linked_card(card, link, texts))
        return Answer(text=texts("slack-sent-direct"), job=answer.job)


async def _was_taken(hook: AsyncWebhookClient, answer: Answer, pictures: Pictures) -> bool:
    sent = await hook.send(
        text=answer_notice(answer),
        blocks=_blocks(answer, pictures),
        response_type="ephemeral",
        replace_original=False,
    )
    if sent.status_code != 200:
        _log.info("response url refused", status=sent.status_code, reason=sent.body[:100])
    return sent.status_code == 200


def _blocks(answer: Answer, pictures: Pictures = NONE) -> list[Block] | None:
    return answer_blocks(answer, pictures) or None
