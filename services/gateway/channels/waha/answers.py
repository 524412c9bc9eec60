"""What each answer of WAHA means for what was asked of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from services.gateway.channels.waha import fields, ids
from services.gateway.channels.waha.ids import Key
from services.gateway.domain import troubles
from services.gateway.domain.items import Address
from services.gateway.domain.outgoing import (
    RESTRICTED,
    UNSUPPORTED,
    Accepted,
    Outcome,
    Refused,
    TryAgain,
    Unclear,
)
from shared.errors import ProviderUnavailable
from shared.http.client import Answer

MAX_RETRY_AFTER = 300.0
RATE_SECONDS, FAULT_SECONDS = 2.0, 0.5
UNKNOWN_REQUEST = "unknown_request"
"""Code of an answer: nobody of that name asks to come in, or not any more."""

__all__ = [
    "UNKNOWN_REQUEST",
    "UNSUPPORTED",
    "answered",
    "done",
    "message_id",
    "requester",
    "sent",
    "stands",
    "unavailable",
]

_STATUS = re.compile(r"[A-Z_]{1,32}")
_STANDS = {
    "SCAN_QR_CODE": troubles.SCAN_QR,
    "STOPPED": troubles.STOPPED,
    "STARTING": troubles.STARTING,
    "FAILED": troubles.FAILED,
}
"""What each status of a session means that is not the one in which it works."""
_NO_SESSION = re.compile(r"\bsession\b.*\bdoes not exist\b", re.IGNORECASE | re.DOTALL)
REFUSALS = (
    (("not-authorized", "forbidden", "not an admin", "not admin"), "not_admin"),
    (("item-not-found", "not-acceptable", "not a participant"), "group_unavailable"),
    (("error 463",), RESTRICTED),
)
"""What WhatsApp says when it will not do something; WAHA passes it on as a fault of its own."""
_SETTLED = frozenset({404, 409})
"""Results of somebody who asks no more: gone, or in the group already."""
_FINE = (None, 0, "", "0", 200, "200", 404, "404", False)
"""Results of a person that WhatsApp did as it was told; 404 is somebody who is not in the group any more."""


def sent(answer: Answer, chat: str) -> Outcome:
    """Return what became of a message to `chat`.

    Raises:
        ProviderUnavailable: the key is refused or the session is not there.
    """
    if answer.status // 100 == 2:  # noqa: PLR2004
        provider_id = message_id(answer.json(), chat)
        # A body nobody can read: it may well have gone out, so it must not be sent again blindly.
        return Accepted(provider_id) if provider_id else Unclear()
    outcome = _failure(answer)
    # WAHA answers 500 for whatever went wrong on the way, which may have been after the message had left.
    return outcome or Unclear()


def done(answer: Answer) -> Outcome:
    """Return what became of an action; doing it twice does no harm.

    Raises:
        ProviderUnavailable: the key is refused or the session is not there.
    """
    if answer.status // 100 == 2:  # noqa: PLR2004
        # Some engines say by a bare `false`, or beside each person, that WhatsApp did not do it.
        body = answer.json()
        refused = [each for each in _codes(body) if each not in _FINE]
        if body is False or refused:
            return Refused("not_admin", _number(next(iter(refused), None)))
        return Accepted("")
    # WAHA answers 500 for whatever went wrong on the way, which may have been after WhatsApp had done it.
    return _failure(answer) or Unclear()


def requester(answer: Answer, person: Address) -> str | Outcome:
    """Return the name under which `person` asks to come in, out of the list of all who do.

    Raises:
        ProviderUnavailable: the key is refused or the session is not there.
    """
    if answer.status // 100 != 2:  # noqa: PLR2004
        outcome = _failure(answer)
        said = fields.text(answer.json(), "message", limit=64) or ""
        # What the server says of a path it has none for: it is older than requests to join.
        if answer.status == 404 and said.startswith("Cannot GET "):  # noqa: PLR2004
            return Refused(UNSUPPORTED)
        return outcome or TryAgain("provider_failed", FAULT_SECONDS)
    for each in fields.dicts({"all": answer.json()}, "all"):
        named = _names(each)
        if named and person in ids.people(*named):
            return named[0]
    return Refused(UNKNOWN_REQUEST)


def answered(answer: Answer) -> Outcome:
    """Return what became of the answer to somebody who asks to come in.

    Raises:
        ProviderUnavailable: the key is refused or the session is not there.
    """
    settled = answer.status // 100 == 2 and any(_number(each) in _SETTLED for each in _codes(answer.json()))  # noqa: PLR2004
    return Refused(UNKNOWN_REQUEST) if settled else done(answer)


def _names(request: fields.Part) -> list[str]:
    """Return the names of somebody who asks, the one they ask under first."""
    try:
        found = [fields.identifier(request, name) for name in ("requesterId", "requesterPn")]
    except ValueError:
        return []
    return [each for each in found if each]


def unavailable(answer: Answer) -> ProviderUnavailable | None:
    """Return why nothing at all can be done now, None where the answer does not say so."""
    if answer.status // 100 == 2:  # noqa: PLR2004
        return None
    if answer.status in (401, 403):
        return ProviderUnavailable("WAHA refuses the API key.", troubles.CREDENTIALS)
    body = answer.json()
    status = fields.text(body, "status", limit=64) or ""
    expected = fields.at(body, "expected")
    if isinstance(expected, list) and _STATUS.fullmatch(status):
        return stands(status)
    # `error` alone, or the status in words and the sentence in `message`.
    told = [fields.text(body, name, limit=256) or "" for name in ("error", "message")]
    if answer.status in (404, 422) and any(_NO_SESSION.search(each) for each in told):
        return ProviderUnavailable("WAHA knows no such session.", troubles.UNKNOWN_SESSION)
    return None


def stands(status: str) -> ProviderUnavailable:
    """Return why nothing can be done through a session of this status."""
    shown = status if _STATUS.fullmatch(status) else "in an unknown state"
    return ProviderUnavailable(f"The WAHA session is {shown}.", _STANDS.get(status, troubles.UNKNOWN_SESSION))


def message_id(body: Any, chat: str) -> str | None:
    """Return our id of the message in `chat` that `body` describes; every engine has its own way."""
    for path in (("id",), ("_data", "id"), ("key",)):
        part = fields.at(body, *path)
        try:
            found = fields.identifier({"id": part}, "id") or fields.identifier(part, "id")
        except ValueError:
            continue
        if found:
            return found if Key.read(found) else str(Key(by_us=True, chat=chat, id=found))
    return None


def _failure(answer: Answer) -> Outcome | None:
    """Return what a failed call means, None where nobody can tell how far it came."""
    if (gone := unavailable(answer)) is not None:
        raise gone
    match answer.status:
        case 429:
            return TryAgain("rate_limited", max(RATE_SECONDS, _retry_after(answer)))
        case 503 | 408:
            return TryAgain("provider_failed", max(FAULT_SECONDS, _retry_after(answer)))
        case 501:
            return Refused(UNSUPPORTED)
        case status if status >= 500:  # noqa: PLR2004
            said = answer.body[:4096].decode("utf-8", "replace").lower()
            code = next((code for words, code in REFUSALS if any(word in said for word in words)), None)
            return Refused(code) if code else None
        case status:
            return Refused("rejected", status)


def _codes(body: Any) -> Iterator[Any]:
    """Yield the result of each person that `body` lists."""
    for each in fields.dicts({"all": body}, "all"):
        yield from (each.get(name) for name in ("status", "error", "Error") if name in each)
        if fields.flag(each, "success") is False:
            yield "failed"


def _number(code: Any) -> int | None:
    found = fields.number({"code": code}, "code")
    return int(found) if found is not None and 0 < found < 10**9 else None


def _retry_after(answer: Answer) -> float:
    given = answer.headers.get("retry-after", "")
    return min(float(given), MAX_RETRY_AFTER) if given.isascii() and given.isdigit() else 0.0
