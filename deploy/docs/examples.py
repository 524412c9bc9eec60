"""Reads the golden examples: one record per file, named `<type>.v<version>[.<what is special>].json`."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shared.contracts

FOLDER = Path(shared.contracts.__path__[0]) / "examples"


@dataclass(frozen=True, slots=True)
class Example:
    """A record as it stands in the log."""

    name: str
    """What the file is called."""
    versioned_name: str
    """`<type>.v<version>`, as the file's name says it."""
    headers: Mapping[str, str]
    data: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> Example:
        """Return the example in the file at `path`."""
        content = json.loads(path.read_text("utf-8"))
        # `.v` alone also stands at the beginning of a verb, as in poll.voted.
        named = re.match(r".+?\.v[0-9]+(?=\.|$)", path.stem)
        return cls(path.stem, named[0] if named else "", content["headers"], content["data"])

    def record(self, **more: Any) -> tuple[bytes, dict[str, bytes]]:
        """Return value and headers as they travel, with `more` fields in the data."""
        value = json.dumps({**self.data, **more}, ensure_ascii=False).encode()
        return value, {name: text.encode() for name, text in self.headers.items()}


def examples() -> list[Example]:
    """Return every example, in order of their names."""
    return [Example.read(path) for path in sorted(FOLDER.glob("*.json"))]


def by_versioned_name() -> dict[str, list[Mapping[str, Any]]]:
    """Return the examples as AsyncAPI shows them."""
    found: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for each in examples():
        shown = {"name": each.name, "headers": dict(each.headers), "data": dict(each.data)}
        found[each.versioned_name].append(shown)
    return found
