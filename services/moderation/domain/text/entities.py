"""Links, invitations, addresses and numbers within a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from services.moderation.domain.judging.verdict import Span
from services.moderation.domain.lexicon import words
from services.moderation.domain.text.draft import Draft
from services.moderation.domain.text.script import HINDI


class EntityKind(StrEnum):
    """What an entity is; its mask in the normal form is `<link>`, `<invite>` and so on."""

    LINK = "link"
    INVITE = "invite"
    """A link that leads into a group or channel."""
    MAIL = "mail"
    PHONE = "phone"
    UPI = "upi"
    MENTION = "mention"


@dataclass(frozen=True, slots=True)
class Entity:
    """Something in a text that is not words."""

    kind: EntityKind
    span: Span
    value: str
    """In lower case, look-alike letters replaced; a phone's digits alone."""
    domain: str = ""
    """Of links, invitations and mail addresses: as the normal form reads it, without `www.`."""


_TLDS = words("endings")
_ALSO_WORDS = words("endings_also_words")
"""Endings that are words too: without a path, `karo.me` is two sentences rather than a link."""
_UPI_HANDLES = words("upi_handles")

_SCHEME = r"(?:h(?:tt|xx)ps?|tg|whatsapp)://[^\s<>\"]{1,2048}"
_DOTTED = (
    r"(?<![a-z0-9@._-])(?:[a-z0-9-]{1,63}+\.){1,8}[a-z]{2,24}(?![a-z0-9@_-])"
    r"(?::\d{2,5})?(?:[/?#][^\s<>\"]{0,2048})?"
)
_NUMERIC = r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])(?::\d{2,5})?(?:/[^\s<>\"]{0,2048})?"
_LINK = re.compile(f"{_SCHEME}|{_DOTTED}|{_NUMERIC}")
_SPELLED = re.compile(
    r"(?<![a-z0-9-])"
    r"(?:([a-z0-9-]{1,63}+)(?: ?[\[({] ?(?:\.|dot) ?[\])}] ?| dot )(com|in|me|org|net|xyz|co|io|gg|ly)"
    r"|([a-z0-9-]{2,63}+)(?: \. ?|\. )(com)|(t|wa|telegram|bit)(?: \. ?|\. )(me|ly))"
    r"(?: ?/ ?([a-z0-9+_-]{1,64}))?(?![a-z0-9-])"
)
_ADDRESS = re.compile(
    r"(?<![a-z0-9._%+-])([a-z0-9._%+-]{1,64})@((?:[a-z0-9-]{1,63}\.){0,8}[a-z]{2,63})(?![a-z0-9@])"
)
_MENTION = re.compile(r"(?<![\w\u0900-\u0dff@.])@(?:[0-9]{5,20}|[a-z][a-z0-9_.]{2,38}[a-z0-9])(?![\w@])")
_PHONE = re.compile(
    r"(?<![\w.+₹])(?:(?:\+ ?|00)?91[ -]?|0)?(?:[6-9]\d{9}|[6-9]\d{4}[ -.]\d{5}|[6-9]\d{2}[ -.]\d{3}[ -.]\d{4}"
    r"|[6-9]\d{3}[ -.]\d{3}[ -.]\d{3}|[6-9]\d(?:[ -]\d{2}){4}|[6-9](?:[ .-]\d){9})(?![\w])"
    r"|(?<![\w.+])\+(?!91)\d{1,3}(?:[ -]?\d{2,5}){2,4}(?!\d)"
)
_DOT_WITHIN = re.compile(r"[\da-z-]\.[\da-z-]|://")
_DIGITS = re.compile(r"\d[\d .-]{8}")
_INVITE = re.compile(
    r"(?:www\.)?(?:chat\.whatsapp\.com|whatsapp\.com/channel|(?:t|telegram)\.(?:me|dog)|telegram\.org/join"
    r"|discord\.gg|discord(?:app)?\.com/invite|signal\.group|join\.skype\.com)\b"
)
_APP = ("tg://", "whatsapp://")
_SHORT_SITES = frozenset({"t.me", "wa.me", "telegram.me"})
_OCTET = 255
_TRAILING = ".,;:!?)]}>'\"*_~…"


_Hit: TypeAlias = tuple[int, int, EntityKind, str, str]
"""Start, end, kind, value, domain."""


def take(draft: Draft) -> tuple[Entity, ...]:
    """Mask the entities of a text of plain letters, and return them with their place in the original."""
    found: list[Entity] = []
    text = draft.text
    for look, worth in (
        (_links, _DOT_WITHIN.search(text) is not None),
        (_spelled, "dot" in text or " ." in text or ". " in text),
        (_addresses, "@" in text),
        (_phones, _DIGITS.search(text) is not None),
    ):
        hits = list(look(draft.text)) if worth else []
        found += [
            Entity(kind, Span(draft.at[start], max(draft.at[end], draft.at[start] + 1)), value, domain)
            for start, end, kind, value, domain in hits
        ]
        draft.edit((start, end, f"<{kind}>") for start, end, kind, _, _ in hits)
    return tuple(sorted(found, key=lambda entity: entity.span))


def _links(text: str) -> Iterator[_Hit]:
    for match in _LINK.finditer(text):
        value = match[0].rstrip(_TRAILING)
        domain = _domain_of(value)
        if "://" in value or _is_site(domain, value):
            yield match.start(), match.start() + len(value), _kind_of(value), value, domain


def _spelled(text: str) -> Iterator[_Hit]:
    for match in _SPELLED.finditer(text):
        name, ending = match[1] or match[3] or match[5], match[2] or match[4] or match[6]
        value = f"{name}.{ending}" + (f"/{match[7]}" if match[7] else "")
        yield match.start(), match.end(), _kind_of(value), value, f"{name}.{ending}"


def _addresses(text: str) -> Iterator[_Hit]:
    for match in _ADDRESS.finditer(text):
        if "." in match[2]:
            yield match.start(), match.end(), EntityKind.MAIL, match[0], match[2]
        elif match[2] in _UPI_HANDLES and len(match[1]) > 1:
            yield match.start(), match.end(), EntityKind.UPI, match[0], ""
    for match in _MENTION.finditer(text):
        yield match.start(), match.end(), EntityKind.MENTION, match[0][1:], ""


def _phones(text: str) -> Iterator[_Hit]:
    for match in _PHONE.finditer(text):
        yield match.start(), match.end(), EntityKind.PHONE, re.sub(r"\D", "", match[0]), ""


def _domain_of(link: str) -> str:
    """Return the host of a link: without scheme, user, port, path and `www.`."""
    rest = link.split("://", 1)[-1]
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rsplit("@", 1)[-1]
    return re.sub(r":\d+$", "", host).removeprefix("www.").strip(".")


def _is_site(domain: str, link: str) -> bool:
    """Whether something with a dot in it is a site rather than two sentences, a number or a file name."""
    if domain.replace(".", "").isdigit():
        return all(int(part) <= _OCTET for part in domain.split("."))
    name, _, ending = domain.rpartition(".")
    if ending == "in" and name in HINDI:
        return False
    return ending in _TLDS and (
        ending not in _ALSO_WORDS or "/" in link or link.startswith("www.") or domain in _SHORT_SITES
    )


def _kind_of(link: str) -> EntityKind:
    return (
        EntityKind.INVITE
        if _INVITE.match(link.split("://", 1)[-1]) or link.startswith(_APP)
        else EntityKind.LINK
    )
