"""What a REST client asks a decision about; a bundle takes its keys from it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ChatSubject:
    """A chat, for which a session is called."""

    chat_id: str
    request: str
    """By which the same request is known again."""


@dataclass(frozen=True, slots=True)
class WebinarSubject:
    """A webinar, and a member where the request is about one."""

    webinar_id: str
    member_id: str | None = None


@dataclass(frozen=True, slots=True)
class SpeakerSubject:
    """A webinar, and who is to speak in it."""

    webinar_id: str
    speaker_id: str
