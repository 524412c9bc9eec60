"""What a message consists of: read from WAHA's own fields and, where these are silent, from the engine's.

WEBJS and WPP describe a message by a `type` and flat fields beside it. NOWEB and GOWS hand out WhatsApp's own
structure, in which the name of the one field that is there is the type.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from services.gateway.channels.waha import fields, ids
from services.gateway.channels.waha.fields import NOTHING, Part
from services.gateway.domain.items import Address, MediaRef
from shared.contracts.gateway import MAX_TEXT, Attachment, Location, MessageKind

_WRAPPERS = (
    "ephemeralMessage",
    "viewOnceMessage",
    "viewOnceMessageV2",
    "viewOnceMessageV2Extension",
    "documentWithCaptionMessage",
    "deviceSentMessage",
    "groupMentionedMessage",
    "editedMessage",
)
_MAX_WRAPPED = 8
_OFTEN = 5
"""From so many hops on WhatsApp itself shows a message as forwarded many times."""
_MAX_MENTIONS = 256
_MAX_TYPE = 64
_MAX_CHOICE = 256

_OF_TYPE = {
    **dict.fromkeys(("chat", "text", "conversation", "extendedTextMessage"), MessageKind.TEXT),
    **dict.fromkeys(("image", "imageMessage"), MessageKind.IMAGE),
    **dict.fromkeys(("video", "gif", "ptv", "videoMessage", "ptvMessage"), MessageKind.VIDEO),
    **dict.fromkeys(("audio", "ptt", "audioMessage"), MessageKind.AUDIO),
    **dict.fromkeys(("document", "documentMessage"), MessageKind.DOCUMENT),
    **dict.fromkeys(("sticker", "stickerMessage", "lottieStickerMessage"), MessageKind.STICKER),
    **dict.fromkeys(("location", "locationMessage", "liveLocationMessage"), MessageKind.LOCATION),
    **dict.fromkeys(("vcard", "multi_vcard", "contactMessage", "contactsArrayMessage"), MessageKind.CONTACTS),
    **dict.fromkeys(
        ("buttons_response", "template_button_reply", "buttonsResponseMessage", "templateButtonReplyMessage"),
        MessageKind.BUTTON,
    ),
    **dict.fromkeys(
        ("list_response", "interactive_response", "listResponseMessage", "interactiveResponseMessage"),
        MessageKind.INTERACTIVE,
    ),
    **dict.fromkeys(("order", "orderMessage"), MessageKind.ORDER),
}

NOT_SAID = frozenset(
    {
        # The text follows under the same id as soon as it can be decrypted; taken now, it would be lost.
        "ciphertext",
        "e2e_notification",
        "notification",
        "notification_template",
        "broadcast_notification",
        "gp2",
        "call_log",
        "protocol",
        "protocolMessage",
        "senderKeyDistributionMessage",
        "reactionMessage",
        "pollUpdateMessage",
        "encEventResponseMessage",
        "revoked",
    }
)
"""Types that WhatsApp shows in a chat or passes through it although nobody has said anything."""

_MENTIONS = ("mentionedIds",), ("_data", "mentionedJidList")
_CHOICES = (
    ("singleSelectReply", "selectedRowId"),
    ("singleSelectReply", "selectedRowID"),
    ("selectedButtonId",),
    ("selectedButtonID",),
    ("selectedId",),
    ("selectedID",),
    ("listResponse", "singleSelectReply", "selectedRowId"),
)


@dataclass(frozen=True, slots=True)
class Content:
    """A message, opened as far as it goes."""

    payload: Part
    data: Part
    """The engine's own view of it."""
    inner: Part
    """The field of WhatsApp's structure that holds the message; with a browser engine, the same as `data`."""
    type_name: str | None
    """The engine's name of the type, None where nothing tells it."""

    @classmethod
    def of(cls, payload: Part) -> Content:
        """Return the content of a message."""
        data = fields.section(payload, "_data")
        structure = fields.section(data, "message") or fields.section(data, "Message")
        if structure:
            structure = _unwrapped(structure)
            name = next((each for each in structure if each in _OF_TYPE), None)
            name = name or next((each for each in structure if each != "messageContextInfo"), None)
            return cls(payload, data, fields.section(structure, name or ""), _short(name))
        return cls(payload, data, data, _short(data.get("type")))

    @property
    def kind(self) -> MessageKind:
        """What the message consists of: by its type and, where that is not told, by what lies with it."""
        if self.type_name is not None:
            return _OF_TYPE.get(self.type_name, MessageKind.UNSUPPORTED)
        if self.mime_type is not None:
            return _kind_of_file(self.mime_type)
        if fields.flag(self.payload, "hasMedia"):
            return MessageKind.UNSUPPORTED
        if fields.section(self.payload, "location"):
            return MessageKind.LOCATION
        return MessageKind.CONTACTS if self.payload.get("vCards") else MessageKind.TEXT

    @property
    def text(self) -> str | None:
        """What can be read in it: the body or caption, of a poll the question and its options."""
        # WhatsApp takes no longer text. Whatever a forged client gets through, its beginning is judged.
        body = fields.text(self.payload, "body", limit=MAX_TEXT)
        return body or "\n".join(self._poll())[:MAX_TEXT] or None

    @property
    def mime_type(self) -> str | None:
        """What kind of file it says it carries."""
        given = fields.text(self.payload, "media", "mimetype", limit=128)
        return given or fields.text(self.inner, "mimetype", limit=128)

    @property
    def attachment(self) -> Attachment | None:
        """What is known of its file."""
        has_file = fields.flag(self.payload, "hasMedia") or fields.section(self.payload, "media")
        if not has_file and self.mime_type is None:
            return None
        hashes = ("fileSha256", "fileSHA256", "filehash")
        filename = fields.text(self.payload, "media", "filename", limit=256)
        return Attachment(
            mime_type=self.mime_type,
            filename=filename or fields.text(self.inner, "fileName", limit=256),
            sha256=next((found for each in hashes if (found := _digest(self.inner, each))), None),
            voice=self.type_name == "ptt" or any(fields.flag(self.inner, each) for each in ("ptt", "PTT")),
            animated=bool(fields.flag(self.inner, "isAnimated")),
        )

    @property
    def media(self) -> MediaRef | None:
        """Where WAHA keeps its file, None where it has fetched none."""
        url = fields.identifier(self.payload, "media", "url")
        return MediaRef(url=url) if url and url.startswith(("http://", "https://")) else None

    @property
    def error_codes(self) -> tuple[str, ...]:
        """Why its file is missing, where WAHA says that it could not fetch it."""
        # What WAHA writes there is a sentence for people, with addresses in it.
        return ("media_unavailable",) if fields.at(self.payload, "media", "error") else ()

    @property
    def location(self) -> Location | None:
        """The place it shares."""
        where = fields.section(self.payload, "location") or self.inner
        latitude = _first(where, "latitude", "degreesLatitude", "lat")
        longitude = _first(where, "longitude", "degreesLongitude", "lng")
        if latitude is None or longitude is None:
            return None
        name = fields.text(where, "name", limit=1024) or fields.text(where, "description", limit=1024)
        with contextlib.suppress(ValidationError):
            return Location(
                latitude=latitude,
                longitude=longitude,
                name=name,
                address=fields.text(where, "address", limit=1024),
            )
        return None

    @property
    def choice(self) -> str | None:
        """The id of the button or row that was chosen."""
        return next(
            (found for path in _CHOICES if (found := fields.text(self.inner, *path, limit=_MAX_CHOICE))), None
        )

    @property
    def mentions(self) -> tuple[Address, ...]:
        """Who is called by name in it."""
        lists = [fields.at(self.payload, *path) for path in _MENTIONS]
        lists += [self.context.get(name) for name in ("mentionedJid", "mentionedJID")]
        named = (each for found in lists if isinstance(found, list) for each in found[:_MAX_MENTIONS])
        people = (ids.address(fields.identifier({"id": each}, "id")) for each in named)
        return tuple(dict.fromkeys(each for each in people if each))

    @property
    def context(self) -> Part:
        """What WhatsApp says about the way the message came."""
        return fields.section(self.inner, "contextInfo") or (
            self.inner if self.inner is self.data else NOTHING
        )

    @property
    def forwarded(self) -> bool:
        """Whether somebody else wrote it first."""
        return bool(fields.flag(self.context, "isForwarded")) or self._hops > 0

    @property
    def often_forwarded(self) -> bool:
        """Whether it has gone from hand to hand."""
        return self._hops >= _OFTEN

    @property
    def from_advertisement(self) -> bool:
        """Whether it began with a click on an advertisement."""
        ad = fields.section(self.context, "externalAdReply")
        return bool(ad.get("ctwaClid")) or ad.get("sourceType") == "ad" or bool(self.data.get("ctwaContext"))

    @property
    def _hops(self) -> float:
        return fields.number(self.context, "forwardingScore") or 0

    def _poll(self) -> Iterator[str]:
        for question, options, option in (
            ("name", "options", "optionName"),
            ("pollName", "pollOptions", "name"),
        ):
            choices = [fields.text(each, option) for each in fields.dicts(self.inner, options)]
            asked = fields.text(self.inner, question)
            if asked and choices:
                yield asked
                yield from (each for each in choices if each)


def _unwrapped(structure: Part) -> Part:
    for _ in range(_MAX_WRAPPED):
        wrapper = next((each for each in _WRAPPERS if each in structure), None)
        inner = fields.section(structure, wrapper, "message") if wrapper else NOTHING
        if not inner:
            break
        structure = inner
    return structure


def _kind_of_file(mime_type: str) -> MessageKind:
    if mime_type.startswith("image/webp"):
        # WhatsApp turns every picture into JPEG; what comes as WebP was sent as a sticker.
        return MessageKind.STICKER
    family = mime_type.partition("/")[0]
    families = {"image": MessageKind.IMAGE, "video": MessageKind.VIDEO, "audio": MessageKind.AUDIO}
    return families.get(family, MessageKind.DOCUMENT)


def _digest(part: Part, name: str) -> str | None:
    value = part.get(name)
    return fields.text(part, name, limit=128) if isinstance(value, str) else None


def _first(part: Part, *names: str) -> float | None:
    return next((found for each in names if (found := fields.number(part, each)) is not None), None)


def _short(name: object) -> str | None:
    return fields.clean(name[:_MAX_TYPE]) or None if isinstance(name, str) else None
