"""How WhatsApp's Graph API says no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MALFORMED = 100
MISSING = 131008
INVALID = 131009

_SENTENCES = {
    1: "An unknown error occurred",
    2: "Temporary failure",
    33: "Unsupported post request",
    100: "Invalid parameter",
    190: "Invalid OAuth access token",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131016: "Service unavailable",
    131020: "Group has no other participants",
    131026: "Message undeliverable",
    131041: "Unknown group",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131049: "This message was not delivered to maintain healthy ecosystem engagement",
    131050: "User has stopped marketing messages",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131201: "Partial success",
    131204: "Too many participants",
    131212: "Participant is not in the group",
    131213: "Unknown join request",
    132012: "Parameter format does not match",
}


class GraphError(Exception):
    """A refusal in WhatsApp's own words."""

    def __init__(
        self,
        code: int,
        details: str,
        *,
        status: int = 400,
        subcode: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(details)
        self.code = code
        self.details = details
        self.status = status
        self.subcode = subcode
        self.headers = dict(headers or {})

    def body(self, trace_id: str) -> dict[str, Any]:
        """Return the JSON of the answer."""
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {_SENTENCES.get(self.code, 'Something went wrong')}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": trace_id,
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}


def text_of(content: Any, key: str) -> str | None:
    """Return the text at `key`, None where there is none."""
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, str) else None


def required(content: Any, name: str, key: str, longest: int | None = None) -> str:
    """Return the text at `key`, which must be there and not be longer than `longest`.

    Raises:
        GraphError: it is missing or too long.
    """
    value = text_of(content, key)
    if not value:
        raise GraphError(MISSING, f"The parameter {name}['{key}'] is required.")
    return within(value, f"{name}['{key}']", longest)


def optional(content: Any, name: str, key: str, longest: int) -> str:
    """Return the text at `key`, or an empty one.

    Raises:
        GraphError: it is too long.
    """
    return within(text_of(content, key) or "", f"{name}['{key}']", longest)


def within(value: str, name: str, longest: int | None) -> str:
    """Return `value`.

    Raises:
        GraphError: it is longer than `longest`.
    """
    if longest is not None and len(value) > longest:
        raise GraphError(MALFORMED, f"Param {name} must be at most {longest} characters long.")
    return value
