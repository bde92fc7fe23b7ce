"""How a command ends: an exit code, and with `--json` one object on standard output."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console

from bot.render.errors import error_text
from bot.texts import Texts, texts_for
from inference.errors import RequestRejected, ThreadreelError

REFUSED, FAILED = 2, 1

err = Console(stderr=True, highlight=False, soft_wrap=True)


class CommandFailed(Exception):  # noqa: N818  # reads as a sentence
    """One clear sentence about what this machine lacks or what went wrong."""


class CommandRefused(CommandFailed):
    """One clear sentence about what was asked for and cannot be had: nothing was begun."""


def texts() -> Texts:
    """The texts in the language of the terminal."""
    tags = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return texts_for(next((tag for tag in tags if tag), "en").split(".", maxsplit=1)[0])


def print_json(value: Mapping[str, Any]) -> None:
    print(json.dumps(value, ensure_ascii=False, default=str))


@contextmanager
def told(*, as_json: bool = False) -> Iterator[None]:
    """Turn errors into a sentence, or into JSON, and the right exit code. No traceback for what can be expected."""
    try:
        yield
    except ThreadreelError as error:
        refused = isinstance(error, RequestRejected)
        _end(
            error.code,
            error_text(error, texts(), texts_for("en")),
            error.values(),
            REFUSED if refused else FAILED,
            as_json=as_json,
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        _end("settings", f"The setting {name} is wrong: {first['msg']}.", {}, REFUSED, as_json=as_json)
    except CommandRefused as error:
        _end("refused", str(error), {}, REFUSED, as_json=as_json)
    except CommandFailed as error:
        _end("failed", str(error), {}, FAILED, as_json=as_json)
    except KeyboardInterrupt:
        _end("cancelled", texts()("error-cancelled"), {}, FAILED, as_json=as_json)


def _end(code: str, sentence: str, values: Mapping[str, Any], exit_code: int, *, as_json: bool) -> NoReturn:
    if as_json:
        status = "cancelled" if code == "cancelled" else "refused" if exit_code == REFUSED else "failed"
        print_json({"status": status, "error": {"code": code, "message": sentence, **values}})
    err.print(sentence, markup=False)
    raise typer.Exit(exit_code)
