"""A message that has passed, as far as it has to be known to answer it, delete it or fetch its file."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from dataclasses import dataclass

from services.gateway.domain.facts import Resolved
from services.gateway.domain.items import IncomingMessage, MediaRef
from shared.contracts.gateway import ChatKind

MAX_PROVIDER_ID = 1024
MAX_MEDIA = 2048

_MIME = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,127}")
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a message, still at its provider."""

    ref: MediaRef
    mime_type: str | None = None
    """Without parameters, as the provider declared it."""
    sha256: bytes | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A message of a member or of ours."""

    message_id: str
    chat_id: str
    chat_kind: ChatKind
    account: str
    provider_id: str
    by_us: bool
    at: dt.datetime
    """When we met it, by our own clock."""
    member_id: str | None = None
    """Who wrote it; None for us."""
    media: Attached | None = None
    alias: str | None = None
    """The id it seems to have where it is named without chat and author."""

    @property
    def excessive(self) -> bool:
        """Whether the provider names it, or its file, by more than anybody needs to name anything."""
        ref = self.media.ref if self.media else MediaRef()
        return len(self.provider_id) > MAX_PROVIDER_ID or len(ref.id or "") + len(ref.url or "") > MAX_MEDIA


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The chat a message is in."""

    chat_id: str
    chat_kind: ChatKind
    message_id: str | None = None
    """The message, where it was asked for by its alias."""


def received(item: IncomingMessage, ids: Resolved, now: dt.datetime) -> Known:
    """Return what has to be known of a message that a member has sent."""
    return Known(
        message_id=ids.id("message", item.provider_id),
        chat_id=ids.chat(item.place, item.sender),
        chat_kind=item.place.kind,
        account=ids.account,
        provider_id=item.provider_id,
        by_us=False,
        at=now,
        member_id=ids.member(item.sender),
        media=_attached(item),
        alias=ids.alias(item.provider_id),
    )


def digest_of(written: str | None) -> bytes | None:
    """Return the SHA-256 that a provider has written, in hexadecimal or base64; None where it is none."""
    if not written:
        return None
    for read in (bytes.fromhex, _from_base64):
        try:
            digest = read(written)
        except (ValueError, binascii.Error):
            continue
        if len(digest) == _DIGEST_BYTES:
            return digest
    return None


def _attached(item: IncomingMessage) -> Attached | None:
    ref = item.media or (MediaRef(id=item.media_id) if item.media_id else None)
    if ref is None or (ref.id is None and ref.url is None):
        return None
    if item.attachment is None:
        return Attached(ref)
    declared = (item.attachment.mime_type or "").partition(";")[0].strip().lower()
    mime_type = declared if _MIME.fullmatch(declared) else None
    return Attached(ref, mime_type, digest_of(item.attachment.sha256))


def _from_base64(written: str) -> bytes:
    padded = written + "=" * (-len(written) % 4)
    return base64.b64decode(padded.replace("-", "+").replace("_", "/"), validate=True)
