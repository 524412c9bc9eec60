"""Files that members have sent: their bytes, and what a webhook says of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

MEDIA = ("image", "video", "audio", "document", "sticker")
"""WhatsApp's names for what a file can be."""

MOST_FILES = 64
"""Of more than these the oldest is forgotten, as WhatsApp forgets them after a week."""


@dataclass(frozen=True, slots=True)
class File:
    """A file on the servers of the simulated WhatsApp."""

    id: str
    mime_type: str
    body: bytes
    filename: str | None = None

    @property
    def sha256(self) -> str:
        """The digest of its bytes."""
        return hashlib.sha256(self.body).hexdigest()

    def described(self, type_: str, caption: str, *, voice: bool = False) -> dict[str, Any]:
        """Return what a webhook says of it in a message of this type."""
        about: dict[str, Any] = {"id": self.id, "mime_type": self.mime_type, "sha256": self.sha256}
        if caption and type_ != "audio":
            about["caption"] = caption
        if self.filename and type_ == "document":
            about["filename"] = self.filename
        if type_ == "audio":
            about["voice"] = voice
        if type_ == "sticker":
            about["animated"] = False
        return about

    def found_at(self, url: str) -> dict[str, Any]:
        """Return the Graph API's answer to its id."""
        return {
            "messaging_product": "whatsapp",
            "url": url,
            "mime_type": self.mime_type,
            "sha256": self.sha256,
            "file_size": len(self.body),
            "id": self.id,
        }
