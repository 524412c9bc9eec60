"""One structured line per event, for our own code and for the libraries below it."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any, TextIO, TypeAlias

import orjson
import structlog

from shared.errors import ChaupalError
from shared.observability.redaction import redact_event

FRAMES = 6
"""How many frames are written of the stack of an error."""

Logger: TypeAlias = structlog.typing.FilteringBoundLogger


def get_logger(name: str) -> Logger:
    """Return the logger of a module; the name appears as `module` in its lines."""
    logger: Logger = structlog.get_logger(module=name)
    return logger


def configure(level: str, style: str, stream: TextIO = sys.stdout) -> None:
    """Send everything that is logged to `stream`, as JSON or, for a person, in colour.

    Our own lines are written directly; only those of libraries pass through the standard library's logging,
    which costs three times as much and would be felt in every webhook.

    Args:
        level: the least severe line written: debug, info, warning or error.
        style: `json` or `console`.
        stream: where the lines go.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.ExceptionRenderer(_describe),
        redact_event,
        # Behind what looks for phone numbers: there are only digits in it, and none of anybody's.
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_dump)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.PositionalArgumentsFormatter(),
                structlog.stdlib.add_logger_name,
                *shared,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Their info lines name every heartbeat and request; ours say the same once, with the ids that matter.
    for noisy in ("aiokafka", "pymongo", "httpx2", "httpcore2", "uvicorn", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def _describe(exc_info: structlog.typing.ExcInfo) -> str:
    """Return the types of a failure's errors and where they were raised, with no words but our own.

    The message of a foreign error may quote what a member wrote.
    """
    lines: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        sentence = f": {error.sentence}" if isinstance(error, ChaupalError) else ""
        lines.append(f"{type(error).__module__}.{type(error).__qualname__}{sentence}")
        # A line of the log is cut somewhere; where it was raised must come before.
        frames = traceback.extract_tb(error.__traceback__, limit=-FRAMES)
        lines += [f"{each.filename}:{each.lineno} in {each.name}" for each in reversed(frames)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return " | ".join(lines)


def _dump(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
