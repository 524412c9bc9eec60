"""The word lists of moderation, which are data beside the code."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files


def lines(name: str) -> Iterator[str]:
    """Return the lines of the list `name` that hold something; `#` begins a comment."""
    for line in files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if bare := line.split("#", 1)[0].strip():
            yield bare


def words(name: str) -> frozenset[str]:
    """Return the words of the list `name`."""
    return frozenset(word for line in lines(name) for word in line.split())


def sections(name: str) -> Iterator[tuple[str, str]]:
    """Return the lines of the list `name`, each with the name of the `[section]` it is in."""
    section = ""
    for line in lines(name):
        if line.startswith("["):
            section = line.strip("[]")
        else:
            yield section, line
