"""What servers and their clients say alike: addresses, header names, native paths, and a requester as a header."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta

from pydantic import ValidationError

from inference.codec import from_json, to_json
from inference.errors import InvalidValue
from inference.types import Requester

MEMBER_HEADER = "X-Threadreel-Member"
"""Identity for whom a key acts."""

CONTEXT_HEADER = "X-Threadreel-Context"
"""The whole `Requester`: base64url of its JSON."""

IDEMPOTENCY_HEADER = "Idempotency-Key"

SHARED = "/clips"
"""Prefix of the links that open a clip without a key."""

PAGE = "/operator"
"""The operator's page, which has a login of its own."""

LINK_PURPOSE = "operator link"
LINK_LIVES = timedelta(minutes=5)
"""Of the passes in links to that page, signed with the operator's key."""

NATIVE = "/v1/threadreel"
"""Prefix of the routes that carry `inference.codec`'s JSON."""

KEEP_ALIVE_SECONDS = 15.0
"""An event stream is never silent for longer; a client may give up on one that is."""


def reachable(host: str) -> str:
    """The part of a URL by which a client here reaches a server that listens at `host`: loopback where it is any."""
    address = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)  # noqa: S104
    return f"[{address}]" if ":" in address else address


def encode_requester(requester: Requester) -> str:
    """The requester as header text: ASCII, without line breaks."""
    return base64.urlsafe_b64encode(to_json(Requester, requester).encode()).decode()


def decode_requester(header: str) -> Requester:
    """What `encode_requester` wrote. Raises InvalidValue."""
    try:
        requester = from_json(Requester, base64.urlsafe_b64decode(header.encode()))
    except (ValidationError, binascii.Error, UnicodeEncodeError) as error:
        raise InvalidValue(name=CONTEXT_HEADER, value=header[:40], allowed="base64url of a requester's JSON") from error
    assert isinstance(requester, Requester)
    return requester
