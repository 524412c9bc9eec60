"""Links to an anonymous survey: one for each member, of whose use only a receipt is kept.

A link is an HMAC-SHA256 (RFC 2104) over the survey and the member, so it is the same whenever it is sent.
The receipt is another one over the link. Receipts and answers lie apart: who holds all of them, and the
secret, learns who has answered, and not what.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

_BYTES: Final = 20


@dataclass(frozen=True, slots=True)
class Tickets:
    """The links of an installation."""

    secret: bytes = field(repr=False)

    def ticket(self, survey_id: str, member_id: str) -> str:
        """Return what stands in the link by which a member answers a survey."""
        return self._mac("ticket", survey_id, member_id)

    def receipt(self, ticket: str) -> str:
        """Return by what it is known that a link was used."""
        return self._mac("receipt", ticket)

    def holds(self, survey_id: str, invited: Collection[str], ticket: str) -> bool:
        """Whether a link is one of those that were sent."""
        # All are compared, so that the time it takes says nothing of who it was.
        same = [hmac.compare_digest(self.ticket(survey_id, each), ticket) for each in invited]
        return any(same)

    def _mac(self, *about: str) -> str:
        made = hmac.new(self.secret, "\0".join(about).encode(), hashlib.sha256).digest()
        return base64.b32encode(made[:_BYTES]).decode().lower()
