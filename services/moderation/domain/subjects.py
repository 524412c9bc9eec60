"""What a REST client asks a decision about; a bundle takes its keys from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaseSubject:
    """A case, with all that deciding it may change."""

    case_id: str


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """A member who reports a message of a chat."""

    chat_id: str
    member_id: str
    """Who reports."""
    reply_to: str
    """The message, called as the command that answers it calls it."""
