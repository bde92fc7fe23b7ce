"""The deployment's two API keys, the key of its links and that of its members, made at first start.

They are kept as files that only their owner may read.
"""

from __future__ import annotations

import hmac
import os
import secrets
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

OPERATOR_FILE = "api_key"
BOT_FILE = "bot_key"
LINK_FILE = "link_key"
MEMBER_FILE = "member_key"


class KeyRole(StrEnum):
    """Whom a key may act for."""

    #: The two identities of `OPERATORS`, and nobody else.
    OPERATOR = "operator"
    #: Any member that it names, never an operator.
    BOT = "bot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    operator: str = field(repr=False)
    bot: str = field(repr=False)

    def role_of(self, presented: str) -> KeyRole | None:
        """Which key was presented; takes as long for a wrong one as for a right one."""
        given = presented.encode(errors="surrogateescape")  # a header may hold any bytes
        is_operator = hmac.compare_digest(given, self.operator.encode())
        is_bot = hmac.compare_digest(given, self.bot.encode())
        if is_operator:
            return KeyRole.OPERATOR
        return KeyRole.BOT if is_bot else None


def load_keys(data_dir: Path) -> Keys:
    """The keys in the data dir, made where they are missing. Safe when several processes start at once."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return Keys(
        operator=_load_or_make(data_dir / OPERATOR_FILE, "tr-operator-"),
        bot=_load_or_make(data_dir / BOT_FILE, "tr-bot-"),
    )


def load_link_key(data_dir: Path) -> bytes:
    """What signs links to clips, made where it is missing. Deleting the file voids every link that was given out."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return _load_or_make(data_dir / LINK_FILE, "").encode()


def load_member_key(data_dir: Path) -> bytes:
    """What digests link codes and forgotten identities. Deleting the file voids what was digested with it."""
    data_dir.mkdir(parents=True, exist_ok=True)
    return _load_or_make(data_dir / MEMBER_FILE, "").encode()


def _load_or_make(path: Path, prefix: str) -> str:
    if not path.exists():
        _make(path, prefix + secrets.token_urlsafe(32))
    path.chmod(0o600)
    key = path.read_text(encoding="ascii").strip()
    if not key:
        raise ValueError(f"{path} is empty: delete it, and a new key is made")
    return key


def _make(path: Path, key: str) -> None:
    """Write whole and linked into place, so that nobody ever reads half a key; who comes second keeps the first's."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(key + "\n")
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
