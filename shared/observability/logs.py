"""One structured line per event, for our own code and for the libraries below it."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO

import orjson
import structlog

from shared.observability.redaction import redact_event

Logger = structlog.stdlib.BoundLogger


def get_logger(name: str) -> Logger:
    """Return the logger of a module; the name appears as `logger` in its lines."""
    logger: Logger = structlog.stdlib.get_logger(name)
    return logger


def configure(level: str, style: str, stream: TextIO = sys.stdout) -> None:
    """Send everything that is logged to `stream`, as JSON or, for a person, in colour.

    Args:
        level: the least severe line written: debug, info, warning or error.
        style: `json` or `console`.
        stream: where the lines go.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact_event,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_dump)
        if style == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.PositionalArgumentsFormatter(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Their info lines name every heartbeat and request; ours say the same once, with the ids that matter.
    for noisy in ("aiokafka", "pymongo", "httpx2", "httpcore2", "uvicorn", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def _dump(event: dict[str, Any], **_: Any) -> str:
    return orjson.dumps(event, default=str).decode()
