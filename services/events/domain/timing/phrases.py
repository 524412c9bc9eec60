"""Where in a text the words of a time are: chunks, and runs of chunks with nothing but glue between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from services.events.domain.timing.amounts import Length, Wait, read_length, read_wait
from services.events.domain.timing.clocks import BadClock, Clock, Led, read_clock
from services.events.domain.timing.days import Day, Offset, read_day
from services.events.domain.timing.places import is_place, read_place
from services.events.domain.timing.tokens import Tokens
from services.events.domain.timing.words import NOTHING, Part, Role

_GLUE: Final = frozenset(",-–—()|@:।·[]&")
_NO_NUMBER_AFTER: Final = frozenset("#₹$&_%/+=.-:")
"""Signs that make an amount, a name or a part of one of the number that follows."""
_WIDEST_GAP: Final = 4
_CUT_AFTER: Final = frozenset(
    (
        *("को", "का", "की", "के", "वाला", "वाली", "वाले", "तक", "पर"),
        *("ko", "ka", "ki", "ke", "wala", "wali", "wale", "tak", "par", "sharp"),
    )
)
_CUT_AFTER_CLOCK: Final = frozenset({"से", "se", "onwards"})
_LABELS: Final = frozenset({"date", "time", "तारीख", "दिनांक", "समय", "samay", "tarikh", "टाइम"})
_CUT_BEFORE: Final = frozenset(("at", "on", "from", "for", "the", "ठीक", "theek", "@"))
_EDGES: Final = " \t\r\n,;:|-–—·।@"


@dataclass(frozen=True, slots=True)
class Place:
    """The zone a time is said in, canonical."""

    zone: str


What: TypeAlias = Day | Clock | BadClock | Part | Length | Wait | Place


@dataclass(frozen=True, slots=True)
class Chunk:
    """Words that mean one thing: tokens `start` to before `end`; `run` numbers its neighbourhood."""

    what: What
    start: int
    end: int
    run: int


def find_chunks(tokens: Tokens, text: str) -> tuple[Chunk, ...]:
    """Find all that can be words of a time, from left to right."""
    chunks: list[Chunk] = []
    at = run = 0
    while at < len(tokens):
        token = tokens[at]
        if token.sense is NOTHING and token.number is None and not _begins(tokens, at):
            at += 1
            continue
        found = None if _is_part_of_a_name(tokens, at) else _read(tokens, at, chunks, text)
        if found is None:
            at += 1
            continue
        what, after = found
        if chunks and not _is_glued(tokens, chunks[-1].end, at):
            run += 1
        chunks.append(Chunk(what, at, after, run))
        at = after
    return tuple(chunks)


def cut(text: str, tokens: Tokens, used: tuple[Chunk, ...]) -> tuple[str, str]:
    """Return the text without the words of the time, and those words."""
    pieces: list[str] = []
    said: list[str] = []
    begin = 0
    previous: Chunk | None = None
    for chunk in used:
        first, last = chunk.start, chunk.end
        while tokens[first - 1].text in _CUT_BEFORE:
            first -= 1
        if tokens[first - 1].text == ":" and tokens[first - 2].text in _LABELS:
            first -= 2
        if isinstance(chunk.what, Clock) and tokens[last].text in _CUT_AFTER_CLOCK:
            last += 1
        while tokens[last].text in _CUT_AFTER:
            last += 1
        if not (previous and previous.run == chunk.run and _is_glued(tokens, previous.end, chunk.start)):
            pieces.append(text[begin : max(begin, tokens[first].start)])
        said.append(text[tokens[chunk.start].start : tokens[chunk.end - 1].end])
        begin = max(begin, tokens[last - 1].end)
        previous = chunk
    pieces.append(text[begin:])
    kept = (piece.strip(_EDGES) for piece in pieces)
    rest = " ".join(piece for piece in kept if piece and piece not in {"(", ")", "()", "[]", "."})
    return _without_empty_brackets(rest), " ".join(said)


def trim(text: str) -> str:
    """Return a text without what may hang on its ends once other words are cut away."""
    return text.strip(_EDGES)


def _without_empty_brackets(text: str) -> str:
    for opening, closing in ("()", "[]"):
        text = text.replace(f"{opening} {closing}", "").replace(f"{opening}{closing}", "")
        if text.count(opening) > text.count(closing):
            text = text.removesuffix(opening)
        if text.count(closing) > text.count(opening):
            text = text.removeprefix(closing)
    return trim(text)


def _begins(tokens: Tokens, at: int) -> bool:
    word = tokens[at].text
    return word in {"a", "an", "tonight"} or is_place(word)


def _is_part_of_a_name(tokens: Tokens, at: int) -> bool:
    """Whether a number belongs to what is written before it: E12, #7, ₹500, 3.5."""
    token, before = tokens[at], tokens[at - 1]
    if token.number is None or not token.is_glued:
        return before.text in {"#", "₹", "$"} and token.number is not None
    if before.text in _NO_NUMBER_AFTER:
        return before.is_glued or before.text not in {"-", ":"}
    return before.sense is NOTHING and before.number is None and before.text.isalnum()


def _read(tokens: Tokens, at: int, chunks: list[Chunk], text: str) -> tuple[What, int] | None:
    led = _led(tokens, at, chunks)
    amount = read_wait(tokens, at) or read_length(tokens, at)
    found = amount or read_day(tokens, at) or read_clock(tokens, at, led) or _part(tokens, at)
    if found:
        return found
    place = read_place(tokens, at, text)
    return (Place(place[0]), place[1]) if place else None


def _part(tokens: Tokens, at: int) -> tuple[Part, int] | None:
    if Role.MIDNIGHT_FIRST in tokens[at].sense.roles and tokens[at + 1].sense.part is Part.NIGHT:
        # Where it is not followed by के बाद it has been read as a clock.
        return Part.AFTER_MIDNIGHT, at + 4
    begin = at + 2 if (tokens[at].text, tokens[at + 1].text) == ("in", "the") else at
    part = tokens[begin].sense.part
    return (part, begin + 1) if part else None


def _led(tokens: Tokens, at: int, chunks: list[Chunk]) -> Led:
    if Role.AT in tokens[at - 1].sense.roles or tokens[at - 1].text == "@":
        return Led.BY_AT
    if chunks and _is_glued(tokens, chunks[-1].end, at):
        match chunks[-1].what:
            case Part() | Offset(part=Part()):
                return Led.BY_PART
            case Clock() | BadClock() | Length() | Wait() | Place():
                return Led.NOT
            case _:
                return Led.BY_DAY
    return Led.NOT


def _is_glued(tokens: Tokens, end: int, start: int) -> bool:
    if start - end > _WIDEST_GAP:
        return False
    return all(
        tokens[index].text in _GLUE or Role.JOIN in tokens[index].sense.roles for index in range(end, start)
    )
