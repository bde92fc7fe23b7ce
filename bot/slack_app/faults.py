"""What Slack's errors mean to us, by its codes. Whoever asked Slack for something mends by the fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum, auto
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.platform import MessageGone
from inference.errors import DeliveryError


class Fault(StrEnum):
    #: The channel is gone or asleep, or we may not write there.
    PLACE = auto()
    #: The message to change is gone.
    MESSAGE = auto()
    #: It stands there and takes no more changes.
    FROZEN = auto()
    #: The thread to write into is gone.
    THREAD = auto()
    #: The token opens nothing: the app was removed, or may not come in as things are.
    TOKEN = auto()
    #: The workspace takes no files, or none of this kind.
    UPLOADS = auto()
    SIZE = auto()
    #: The press is more than three seconds old.
    TRIGGER = auto()
    #: Somebody changed the view meanwhile, or closed it.
    VIEW = auto()
    #: A scope is missing: for the operator.
    SCOPE = auto()
    #: Later it may work.
    BUSY = auto()
    REFUSED = auto()


_CODES = {
    Fault.PLACE: (
        "not_in_channel", "channel_not_found", "is_archived", "restricted_action", "ekm_access_denied",
        "restricted_action_read_only_channel", "restricted_action_thread_only_channel", "access_denied",
        "user_not_in_channel", "cannot_dm_bot", "user_disabled", "user_not_found", "messages_tab_disabled",
        "no_permission", "not_allowed_in_shared_channel", "cant_post_message", "is_inactive", "invalid_channel",
        "posting_to_channel_denied", "posting_to_general_channel_denied", "team_not_found",
    ),
    Fault.MESSAGE: ("message_not_found",),
    Fault.FROZEN: ("edit_window_closed", "cant_update_message"),
    Fault.THREAD: ("thread_not_found", "cannot_reply_to_message", "restricted_action_non_threadable_channel"),
    Fault.TOKEN: (
        "account_inactive", "token_revoked", "token_expired", "invalid_auth", "not_authed", "team_access_not_granted",
        "not_installed",
    ),
    Fault.UPLOADS: (
        "file_uploads_disabled", "file_type_not_allowed", "file_upload_blocked", "storage_limit_reached",
        "blocked_file_type", "file_uploads_except_images_disabled", "slack_connect_file_upload_sharing_blocked",
        "slack_connect_file_link_sharing_blocked", "slack_connect_blocked_file_type",
    ),
    Fault.SIZE: ("file_upload_size_restricted", "file_too_large"),
    Fault.TRIGGER: ("expired_trigger_id", "exchanged_trigger_id", "invalid_trigger_id", "trigger_expired"),
    Fault.VIEW: ("hash_conflict", "view_not_found", "not_found"),
    Fault.SCOPE: ("missing_scope", "not_allowed_token_type"),
    Fault.BUSY: (
        "ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error",
        "service_unavailable", "request_timeout", "team_added_to_org", "accesslimited",
        "org_login_required", "update_failed", "file_update_failed", "external_channel_migrating",
        "streaming_state_conflict",
    ),
}  # fmt: skip
REMOVED = frozenset({"account_inactive", "token_revoked"})
"""Codes by which Slack says that an installation is over; other faults of a token may pass."""
BY_CODE = {code: fault for fault, codes in _CODES.items() for code in codes}

NETWORK = (aiohttp.ClientError, asyncio.TimeoutError, OSError)
TROUBLE = (SlackClientError, *NETWORK)
"""What a call of slack-sdk may raise that is no mistake of ours."""


def code_of(error: BaseException) -> str:
    """Slack's word for it; empty where the answer was none of Slack's."""
    return str(_answer(error).get("error") or "")


def fault_of(error: BaseException) -> Fault:
    """What to do about one of `TROUBLE`."""
    code = code_of(error)
    if code in BY_CODE:
        return BY_CODE[code]
    if code or (isinstance(error, SlackClientError) and _status(error) < 400):
        return Fault.REFUSED
    return Fault.BUSY


def retry_after(error: BaseException) -> float | None:
    """Seconds that Slack asks to wait for; None where it is not about the pace."""
    response = getattr(error, "response", None)
    headers = getattr(response, "headers", None) or {}
    if _status(error) != 429:
        return None
    wanted = {str(name).lower(): value for name, value in headers.items()}.get("retry-after", "1")
    return float(str(wanted))


def as_delivery_error(error: BaseException) -> DeliveryError:
    """The same in the words of the port: MessageGone, or whether it can work later."""
    fault = fault_of(error)
    detail = code_of(error) or str(error) or type(error).__name__
    if fault in {Fault.MESSAGE, Fault.FROZEN}:
        return MessageGone(detail=detail)
    return DeliveryError(detail=detail, retryable=fault == Fault.BUSY)


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """What is left of Slack's errors leaves as the port's."""
    try:
        yield
    except TROUBLE as error:
        raise as_delivery_error(error) from error


def _answer(error: BaseException) -> dict[str, Any]:
    data = getattr(getattr(error, "response", None), "data", None)
    return data if isinstance(data, dict) else {}


def _status(error: BaseException) -> int:
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    return status if isinstance(status, int) else 0 if isinstance(error, SlackApiError) else 500
