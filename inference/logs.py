"""Structured logs on standard error: one JSON object a line, or colours on a terminal."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor


def configure_logs(*, process: str) -> None:
    """Send every log, other libraries' warnings included, to standard error. `process` is named in each line."""

    def name_process(_logger: object, _method: str, event: EventDict) -> EventDict:
        # By a processor and not a context variable, for threads do not inherit those.
        return {**event, "process": process}

    shared: list[Processor] = [
        name_process,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering()))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("threadreel").setLevel(logging.INFO)
    logging.getLogger("aiohttp.server").addFilter(is_no_departure)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=lambda *_: logging.getLogger("threadreel"),
        cache_logger_on_first_use=True,
    )


def is_no_departure(record: logging.LogRecord) -> bool:
    """False for the traceback of a viewer who left in the middle of an answer: a reload, a closed tab."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionResetError))


def _rendering() -> list[Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if sys.stderr.isatty():
        return [remove, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [remove, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
