"""Inputs to begin with: recorded payloads and the examples of the contracts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.support.cloud_api import FIXTURES as CLOUD_API
from tests.support.waha import FIXTURES as WAHA

EXAMPLES = Path(__file__).parents[2] / "shared" / "contracts" / "examples"
FIELD = b"\x1e"
"""Between the parts of an input that is more than a body."""


def payloads(folder: Path) -> dict[str, bytes]:
    """Return the recorded webhooks in `folder` by name."""
    return {each.stem: each.read_bytes() for each in sorted(folder.glob("*.json"))}


def cloud_api() -> dict[str, bytes]:
    """Return webhooks as Meta sends them."""
    return payloads(CLOUD_API)


def waha() -> dict[str, bytes]:
    """Return webhooks as a WAHA server sends them."""
    return payloads(WAHA)


def signed() -> dict[str, bytes]:
    """Return headers with something to sign."""
    given = [b"sha256=" + b"0" * 64, b"sha256=", b"", b"sha1=" + b"0" * 40, b"\xed\xa0\x80", b"0" * 128]
    return {
        f"header_{position}": each + FIELD + b"sha512" + FIELD + b"{}" for position, each in enumerate(given)
    }


def records() -> dict[str, bytes]:
    """Return a record of every event there is: its headers, a line each, then its value."""
    found = {}
    for path in sorted(EXAMPLES.glob("*.json")):
        example = json.loads(path.read_bytes())
        lines = "\n".join(f"{name}:{value}" for name, value in example["headers"].items())
        found[path.stem] = lines.encode() + FIELD + json.dumps(example["data"]).encode()
    return found


def names() -> dict[str, bytes]:
    """Return whatever a provider calls people, chats and messages."""
    values = {
        value for body in (*cloud_api().values(), *waha().values()) for value in _strings(json.loads(body))
    }
    short = sorted(each for each in values if len(each) < 200)
    return {
        f"name_{position:04d}": each.encode("utf-8", "surrogatepass") for position, each in enumerate(short)
    }


def words() -> list[bytes]:
    """Return what bodies are made of: keys and short values, for a fuzzer to put together."""
    documents = [json.loads(body) for body in (*cloud_api().values(), *waha().values())]
    found = {each for document in documents for each in (*_keys(document), *_strings(document))}
    return sorted(
        each.encode() for each in found if each.isascii() and each.isprintable() and 0 < len(each) < 64
    )


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _strings(each)
        case list():
            for each in value:
                yield from _strings(each)


def _keys(value: Any) -> Iterator[str]:
    match value:
        case dict():
            yield from value
            for each in value.values():
                yield from _keys(each)
        case list():
            for each in value:
                yield from _keys(each)
