"""Slack as a ChatPlatform: a parent message with progress, and the clip in it or right below.

What goes wrong is mended here where it can be (see `faults`); what cannot leaves as a DeliveryError.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import structlog
from slack_sdk.errors import SlackClientError

from bot.card import Card, Media
from bot.platform import MessageGone, MessageRef, Spot
from bot.slack_app.budget import Budget
from bot.slack_app.clients import Clients
from bot.slack_app.faults import REMOVED, TROUBLE, Fault, as_delivery_error, code_of, fault_of, retry_after, translated
from bot.slack_app.looks import Looks
from bot.slack_app.places import PLATFORM, Where, Workspace, user_of, where_of
from bot.slack_app.posters import Posters
from bot.slack_app.searching import Searching
from bot.slack_app.sending import Edited, Sending
from bot.slack_app.stills import Stills
from bot.slack_app.uploads import Shared, Uploads, bears
from inference.errors import DeliveryError
from inference.protocols import GenerationService
from inference.types import JobId

REMEMBERED = 1000
ELSEWHERE = frozenset({Fault.PLACE, Fault.THREAD})

_log = structlog.get_logger(__name__)


class SlackChat:
    """Implements ChatPlatform, FindsPosts and TakesTurns."""

    name = PLATFORM
    update_seconds = 3.0

    def __init__(self, clients: Clients, service: GenerationService) -> None:
        self._clients = clients
        self.uploads = Uploads(clients, service)
        self.stills = Stills(clients, service)
        self.posters = Posters(self.stills)
        self.looks = Looks(self.stills)
        self._sending = Sending(clients)
        self._searching = Searching(clients)
        self._budgets: defaultdict[str, Budget] = defaultdict(Budget)
        #: Told of each job that begins or ends, and whose it is.
        self.changed: Callable[[Workspace, str], None] = lambda _workspace, _user: None
        #: Jobs whose post may or may not have arrived.
        self._unsure: set[JobId] = set()
        #: Messages of this process in which a clip was never tried: there is none to look for.
        self._fresh: OrderedDict[str, None] = OrderedDict()
        #: Workspaces that attach no files to a message that stands already.
        self._attach_refused: set[str] = set()

    def budget(self, workspace: Workspace) -> Budget:
        return self._budgets[str(workspace)]

    async def post(self, spot: Spot, card: Card, job: JobId) -> MessageRef:
        if job in self._unsure:
            found = await self.find(spot, card, job)
            self._unsure.discard(job)
            if found is not None:
                return found
        async with translated(), self._watched(where_of(spot).workspace):
            try:
                ref = await self._sending.send(where_of(spot), card, job)
            except TROUBLE as error:
                if fault_of(error) == Fault.BUSY and retry_after(error) is None:
                    self._unsure.add(job)
                raise
            self._is_fresh(ref)
            self._has_changed(where_of(spot), card)
            return ref

    async def turn(self, ref: MessageRef) -> None:
        await self.budget(where_of(ref.spot).workspace).turn()

    async def update(self, ref: MessageRef, card: Card) -> None:
        where = where_of(ref.spot)
        if card.progress is not None:
            await self._show_progress(ref, where, card)
            return
        await self.budget(where.workspace).take()
        async with translated(), self._watched(where.workspace):
            try:
                if card.job is not None and card.media is None and not self._was_fresh(ref):
                    await self._take_away(where, ref.message, card.job)
                await self._sending.edit(where, ref.message, card)
            except SlackClientError as error:
                if fault_of(error) not in ELSEWHERE or card.asked_by is None or card.job is None:
                    raise
                await self._sending.directly(where, card, card.job)
            self.looks.ended(where.workspace, ref.message)
            self._has_changed(where, card)

    async def deliver(self, ref: MessageRef, card: Card, media: Media) -> MessageRef:
        where = where_of(ref.spot)
        async with translated(), self._watched(where.workspace):
            try:
                borne = await self._bear(ref, where, card, media)
                self.looks.ended(where.workspace, ref.message)
                self._has_changed(where, card)
                return borne
            except SlackClientError as error:
                if fault_of(error) not in ELSEWHERE:
                    raise
                _log.info("another place", job=media.job, reason=str(error))
            there = await self._sending.directly(where, card, media.job)
            return await self._bear(there, where_of(there.spot), card, media)

    async def find(self, spot: Spot, card: Card, job: JobId) -> MessageRef | None:
        """Read-only, and of no use where history cannot be read."""
        try:
            return await self._searching.post_of(where_of(spot), card, job)
        except TROUBLE as error:
            raise as_delivery_error(error) from error

    # --- Progress ---

    async def _show_progress(self, ref: MessageRef, where: Where, card: Card) -> None:
        """Where it comes too fast for Slack, all progress of the workspace rests as long as Slack asks.

        A message that takes no more changes is not replaced for it: each new look would be one more message.
        """
        async with translated(), self._watched(where.workspace):
            try:
                await self._edit_progress(where, ref.message, card)
            except SlackClientError as error:
                pause = retry_after(error)
                if pause is not None:
                    self.budget(where.workspace).pause(pause)
                if fault_of(error) == Fault.MESSAGE:
                    self.looks.ended(where.workspace, ref.message)
                if fault_of(error) == Fault.FROZEN:
                    raise DeliveryError(detail=code_of(error)) from error
                raise

    async def _edit_progress(self, where: Where, message: str, card: Card) -> None:
        """With the newest look, where Slack takes pictures."""
        look = self.looks.newest(where.workspace, message, card.media)
        try:
            await self._sending.edit(where, message, card, picture=look, is_progress=True)
        except SlackClientError as error:
            if look is None or fault_of(error) != Fault.REFUSED:
                raise
            _log.info("no pictures in messages", reason=str(error))
            self.looks.refused(where.workspace, message)
            await self._sending.edit(where, message, card, is_progress=True)
        self.looks.showed(where.workspace, message)

    # --- The clip ---

    async def _bear(self, ref: MessageRef, where: Where, card: Card, media: Media) -> MessageRef:
        """The message shows the clip, or leads to the one right below it."""
        there = None if self._was_fresh(ref) else await self._standing(where, ref.message, media.job)
        if there is not None:
            _log.info("the clip stands there already", job=media.job, message=ref.message)
        elif str(where.workspace) not in self._attach_refused:
            attached = await self._attach(ref, where, card, media)
            if attached is not None:
                return replace(ref, shown_at=attached.at)
        there = there or await self.uploads.into(where, media, card.title, where.thread or ref.message)
        await self.budget(where.workspace).take()
        try:
            edited = await self._sending.edit(where, ref.message, card, link=there.link)
        except SlackClientError as error:
            if fault_of(error) in {Fault.MESSAGE, Fault.FROZEN}:  # it stands below nothing: a new message gets its own
                await self._discard(where, there.id)
            raise
        return replace(ref, shown_at=there.at or edited.at)

    async def _standing(self, where: Where, message: str, job: JobId) -> Shared | None:
        """The clip, if it is there from before and can be seen. Raises MessageGone where the message is not."""
        try:
            return await self._searching.clip_of(where, message, job)
        except SlackClientError as error:
            if fault_of(error) == Fault.THREAD:
                raise MessageGone(detail=message) from error
            if fault_of(error) != Fault.SCOPE:
                raise
            _log.info("not looked through", job=job, reason=str(error))
            return None

    async def _attach(self, ref: MessageRef, where: Where, card: Card, media: Media) -> Edited | None:
        """The clip in the message itself; None where Slack attaches no files to one that stands already."""
        file = await self.uploads.nowhere(where.workspace, media, card.title)
        await self.budget(where.workspace).take()
        try:
            shown = await self._sending.edit(where, ref.message, card, file=file)
        except SlackClientError as error:
            await self._discard(where, file)
            if fault_of(error) != Fault.REFUSED:
                raise
            _log.info("no file in a standing message", reason=str(error))
        else:
            if bears(shown.message, media.job):
                return shown
            await self._discard(where, file)
        self._attach_refused.add(str(where.workspace))
        return None

    async def _discard(self, where: Where, file: str) -> None:
        """A file that stands nowhere."""
        with suppress(*TROUBLE):
            await (await self._clients.line(where.workspace)).once.files_delete(file=file)

    async def _take_away(self, where: Where, message: str, job: JobId) -> None:
        """A clip that was deleted, from Slack too; where Slack keeps it, its message says so all the same."""
        self.posters.forget(job)
        there = await self._standing(where, message, job)
        if there is None:
            return
        try:
            await (await self._clients.line(where.workspace)).patient.files_delete(file=there.id)
        except SlackClientError as error:
            if fault_of(error) in {Fault.BUSY, Fault.TOKEN}:
                raise
            _log.warning("a deleted clip stays with Slack", job=job, file=there.id, reason=str(error))

    def _has_changed(self, where: Where, card: Card) -> None:
        if card.asked_by is not None:
            self.changed(where.workspace, user_of(card.asked_by))

    # --- What is remembered ---

    def _is_fresh(self, ref: MessageRef) -> None:
        self._fresh[ref.message] = None
        if len(self._fresh) > REMEMBERED:
            self._fresh.popitem(last=False)

    def _was_fresh(self, ref: MessageRef) -> bool:
        """Once true: from the first try on nobody knows what stands there."""
        was = ref.message in self._fresh
        self._fresh.pop(ref.message, None)
        return was

    def _watched(self, workspace: Workspace) -> _Watched:
        return _Watched(self._clients, workspace)


class _Watched:
    """Notices that the app was removed from the workspace."""

    def __init__(self, clients: Clients, workspace: Workspace) -> None:
        self._clients = clients
        self._workspace = workspace

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, SlackClientError) and code_of(error) in REMOVED:
            await self._clients.forget(self._workspace)
