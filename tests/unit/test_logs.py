from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.errors import StoreUnavailable
from shared.observability.logs import configure, get_logger

PHONE = "+91 98765 43210"
TEXT = "Asha Devi: मुझे मदद चाहिए"


@pytest.fixture
def restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    before = structlog.get_config()
    noisy = ("aiokafka", "pymongo", "httpx2", "httpcore2", "uvicorn", "uvicorn.access")
    levels = {name: logging.getLogger(name).level for name in noisy}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, kept in levels.items():
        logging.getLogger(name).setLevel(kept)
    structlog.configure(**before)


@pytest.fixture
def stream(restored: None) -> io.StringIO:
    written = io.StringIO()
    configure("info", "json", written)
    return written


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_where_and_how_bad(stream):
    get_logger("shared.test").info("consumer.decided", consumer="moderation", note="rules_shown")
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "consumer.decided",
        "level": "info",
        "module": "shared.test",
        "consumer": "moderation",
        "note": "rules_shown",
    }


def test_x05_numbers_are_kept_out_of_our_lines_and_of_those_of_libraries(stream):
    get_logger("shared.test").info("event", to=PHONE, deep=[{"to": PHONE}])
    logging.getLogger("some.library").warning("no route to %s", PHONE)
    logging.getLogger("some.library").warning("no route to %(who)s", {"who": PHONE})
    with structlog.contextvars.bound_contextvars(bound=PHONE):
        get_logger("shared.test").info("event")
    assert len(lines(stream)) == 4
    assert "98765" not in stream.getvalue()


def fail() -> None:
    raise KeyError(TEXT)


def fail_in_our_words() -> None:
    try:
        fail()
    except KeyError as error:
        raise StoreUnavailable("The database does not answer.") from error


def test_x05_the_message_of_a_foreign_error_is_not_written(stream):
    try:
        fail_in_our_words()
    except StoreUnavailable:
        get_logger("shared.test").exception("failed")
        logging.getLogger("some.library").exception("failed too")
    ours, theirs = lines(stream)
    for line in (ours, theirs):
        assert "builtins.KeyError" in line["exception"]
        assert "StoreUnavailable: The database does not answer." in line["exception"]
        assert "test_logs.py" in line["exception"]
    assert "Asha" not in stream.getvalue()
    assert "मदद" not in stream.getvalue()


def test_an_error_met_while_another_was_handled_is_written_with_it(stream):
    try:
        try:
            fail()
        except KeyError:
            int(TEXT)
    except ValueError:
        get_logger("shared.test").exception("failed")
    (line,) = lines(stream)
    assert line["exception"].index("ValueError") < line["exception"].index("KeyError")


@pytest.mark.parametrize("hostile", ["one\nline", '"}\n{"level": "info"}', "\x1b[2J", "\u2028", "%s %d"])
def test_hostile_text_stays_one_line(stream, hostile):
    get_logger("shared.test").warning("event", value=hostile)
    logging.getLogger("some.library").warning(hostile)
    assert len(stream.getvalue().splitlines()) == 2
    assert len(lines(stream)) == 2


def test_what_is_less_severe_than_asked_for_is_not_written(restored):
    written = io.StringIO()
    configure("warning", "json", written)
    get_logger("shared.quiet").info("no")
    get_logger("shared.quiet").warning("yes")
    assert [line["event"] for line in lines(written)] == ["yes"]


def test_libraries_do_not_tell_of_each_heartbeat(restored):
    written = io.StringIO()
    configure("debug", "json", written)
    for name in ("aiokafka.cluster", "pymongo.command", "uvicorn.error", "httpx2"):
        logging.getLogger(name).info("heartbeat")
        logging.getLogger(name).warning("trouble")
    assert [line["event"] for line in lines(written)] == ["trouble"] * 4


def test_a_person_gets_lines_to_read(restored):
    written = io.StringIO()
    configure("info", "console", written)
    get_logger("shared.console").info("process.started", url="http://127.0.0.1:8080", to=PHONE)
    assert "process.started" in written.getvalue()
    assert "url=http://127.0.0.1:8080" in written.getvalue()
    assert "98765" not in written.getvalue()
    with pytest.raises(json.JSONDecodeError):
        json.loads(written.getvalue())
