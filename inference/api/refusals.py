"""Errors in OpenAI's envelope: `{"error": {message, type, param, code, details}}`; `details` holds our typed fields."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from inference import errors
from inference.errors import EngineError, ThreadreelError

_STATUS: dict[type[ThreadreelError], int] = {
    errors.Unauthorized: 401,
    errors.NotAllowed: 403,
    errors.PlaceClosed: 403,
    errors.MemberBlocked: 403,
    errors.MemberSuspended: 403,
    errors.MemberBanned: 403,
    errors.ServerNotTrusted: 403,
    errors.AlreadyGivenBack: 409,
    errors.NothingToUndo: 409,
    errors.LinkInvalid: 403,
    errors.LinkExpired: 410,
    errors.LinkCodeInvalid: 403,
    errors.TooManyTries: 429,
    errors.CannotLink: 409,
    errors.CannotUnlink: 409,
    errors.NotFound: 404,
    errors.UploadTooLarge: 413,
    errors.QuotaExceeded: 429,
    errors.TooManyJobs: 429,
    errors.RateExceeded: 429,
    errors.TooManySchedules: 429,
    errors.UploadBytesExceeded: 413,
    errors.LimitExceeded: 403,
    errors.RequestRejected: 400,
    errors.ServiceUnavailable: 503,
    errors.MemberChanged: 503,
    ThreadreelError: 500,
}
"""The nearest class along the error's bases counts."""

_TYPE = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_error",
}

_PARAM: dict[type[ThreadreelError], str] = {
    errors.PromptEmpty: "prompt",
    errors.PromptTooLong: "prompt",
    errors.UploadInvalid: "input_reference",
    errors.UploadTooLarge: "input_reference",
    errors.UnknownPreset: "model",
    errors.Unsupported: "model",
    errors.ModelNotHere: "model",
    errors.SecondsExceeded: "seconds",
    errors.UploadBytesExceeded: "input_reference",
    errors.ReferencesExceeded: "input_reference",
    errors.ResolutionExceeded: "size",
}


def status_of(error: ThreadreelError) -> int:
    return next(_STATUS[cls] for cls in type(error).__mro__ if cls in _STATUS)


def public_message(error: ThreadreelError) -> str:
    """Words for whoever asked; an engine's detail may name paths and devices, so it stays in the logs."""
    if isinstance(error, EngineError):
        return "The clip could not be made. Nothing was charged."
    return str(error)


def public_values(error: ThreadreelError) -> dict[str, errors.FieldValue]:
    hidden = {"detail"} if isinstance(error, EngineError) else set()
    return {name: value for name, value in error.values().items() if name not in hidden}


def envelope(
    *,
    status: int,
    message: str,
    code: str,
    param: str | None = None,
    details: dict[str, Any] | None = None,
    retry_after: int | None = None,
) -> web.Response:
    """An error as OpenAI's clients read it; they are told not to repeat what will be refused again, and else when."""
    kind = _TYPE.get(status, "server_error" if status >= 500 else "invalid_request_error")
    body = {"message": message, "type": kind, "param": param, "code": code, "details": details or {}}
    headers = {} if status == 503 or retry_after is not None else {"x-should-retry": "false"}
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return web.json_response({"error": body}, status=status, headers=headers)


def refusal(error: ThreadreelError) -> web.Response:
    param = error.name if isinstance(error, errors.InvalidValue) else _PARAM.get(type(error))
    return envelope(
        status=status_of(error),
        message=public_message(error),
        code=error.code,
        param=param,
        details=public_values(error),
        retry_after=error.retry_after if isinstance(error, errors.RateExceeded) else None,
    )


def of_http(error: web.HTTPException) -> web.Response:
    """What aiohttp itself refuses: an unknown route, a wrong method."""
    code = {404: "unknown_route", 405: "method_not_allowed"}.get(error.status, "http_error")
    response = envelope(status=error.status, message=f"{error.reason}.", code=code)
    if "Allow" in error.headers:
        response.headers["Allow"] = error.headers["Allow"]
    return response
