"""How WAHA says no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.simulator.domain.waha.session import WORKING

NOT_AUTHORIZED, NOT_FOUND = "not-authorized", "item-not-found"
"""WhatsApp's own words, for what only an admin may do and for what is not there."""


class WahaError(Exception):
    """A refusal in WAHA's own words."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(str(body))
        self.status = status
        self.body = dict(body)
        self.headers = dict(headers or {})


def unauthorized() -> WahaError:
    """Return the answer to a wrong API key."""
    return WahaError(401, {"message": "Unauthorized", "statusCode": 401})


def malformed(sentence: str, status: int = 400) -> WahaError:
    """Return the answer to a body that does not fit."""
    names = {400: "Bad Request", 413: "Payload Too Large"}
    return WahaError(status, {"statusCode": status, "message": [sentence], "error": names[status]})


def missing(sentence: str) -> WahaError:
    """Return the answer where something is not there."""
    return WahaError(404, {"statusCode": 404, "message": sentence, "error": "Not Found"})


def no_session(name: str) -> WahaError:
    """Return the answer to the name of a session that is not there."""
    return WahaError(422, {"error": f'Session "{name}" does not exist'})


def not_working(name: str, status: str) -> WahaError:
    """Return the answer of a session that cannot do anything now."""
    sentence = "Session status is not as expected. Try again later or restart the session"
    told = {"session": name, "status": status, "expected": [WORKING]}
    return WahaError(422, {"error": sentence, **told})


def failed(said: str, status: int = 500) -> WahaError:
    """Return the answer where something went wrong on the way, or WhatsApp said no: `said` tells."""
    return WahaError(status, {"statusCode": status, "exception": {"message": said, "name": "Error"}})
