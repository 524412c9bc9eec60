"""The messages call of WhatsApp's Graph API: what it takes, what it refuses and how it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.simulator.domain.people import digits

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
LONGEST_SUBJECT = 128
LONGEST_DESCRIPTION = 2048
LONGEST_OPAQUE = 512

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
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131212: "Participant is not in the group",
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


@dataclass(frozen=True, slots=True)
class Send:
    """A well-formed request to send something."""

    address: str
    """What the caller wrote in `to` or `recipient`; the answer repeats it."""
    kind: str
    """How the address is meant: group, phone or user_id."""
    type: str
    text: str = ""
    """What people see of it: the text, the caption, the template's name or the emoji."""
    target: str | None = None
    """The message that is reacted to or pinned."""
    reply_to: str | None = None
    opaque: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def chat(self) -> str:
        """The address as the key of a chat; of a business-scoped id, itself."""
        return digits(self.address) if self.kind == "phone" else self.address

    @property
    def free_form(self) -> bool:
        """Whether it needs an open window."""
        return self.type not in ("template", "reaction", "pin")


def parse_send(body: Any) -> Send:
    """Read the body of a messages call.

    Raises:
        GraphError: WhatsApp would refuse it.
    """
    if not isinstance(body, dict):
        raise GraphError(100, "The body must be a JSON object.")
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "The parameter messaging_product is required and must be 'whatsapp'.")
    address, kind = _address(body)
    type_ = body.get("type", "text")
    content = body.get(type_) if isinstance(type_, str) else None
    if not isinstance(content, dict):
        raise GraphError(131008, f"The parameter '{type_}' is required for this type.")
    text, target = _content(type_, content, group=kind == "group")
    context = body.get("context")
    reply_to = _text(context, "message_id") if isinstance(context, dict) else None
    opaque = body.get("biz_opaque_callback_data")
    if opaque is not None and (not isinstance(opaque, str) or len(opaque) > LONGEST_OPAQUE):
        raise GraphError(100, f"biz_opaque_callback_data takes at most {LONGEST_OPAQUE} characters.")
    payload = {} if type_ in ("text", "reaction") else {type_: content}
    return Send(address, kind, type_, text, target, reply_to, opaque, payload)


def _address(body: Mapping[str, Any]) -> tuple[str, str]:
    recipient_type = body.get("recipient_type", "individual")
    to, recipient = body.get("to"), body.get("recipient")
    if recipient_type == "group":
        if not isinstance(to, str) or not to:
            raise GraphError(131008, "The parameter to is required.")
        return to, "group"
    if recipient_type != "individual":
        raise GraphError(100, "recipient_type must be 'individual' or 'group'.")
    # When both are given, the phone wins.
    if isinstance(to, str) and digits(to):
        return to, "phone"
    if isinstance(recipient, str) and recipient:
        return recipient, "user_id"
    raise GraphError(131008, "The parameter to or recipient is required.")


def _content(type_: str, content: Mapping[str, Any], *, group: bool) -> tuple[str, str | None]:
    """Return what people see of `content`, and the message it acts on."""
    match type_:
        case "text":
            body = _text(content, "body")
            if not body:
                raise GraphError(131008, "The parameter text['body'] is required.")
            if len(body) > LONGEST_TEXT:
                raise GraphError(100, f"Param text['body'] must be at most {LONGEST_TEXT} characters long.")
            return body, None
        case "reaction":
            return _text(content, "emoji") or "", _required(content, "reaction", "message_id")
        case "pin" if group:
            return _text(content, "type") or "pin", _required(content, "pin", "message_id")
        case "template":
            return _required(content, "template", "name"), None
        case "image" | "video" | "document" | "audio" | "sticker":
            caption = _text(content, "caption") or ""
            if len(caption) > LONGEST_CAPTION:
                raise GraphError(100, f"A caption must be at most {LONGEST_CAPTION} characters long.")
            return caption or _text(content, "filename") or "", None
        case "interactive" | "location" | "contacts" if not group:
            shown = content.get("body")
            return (_text(shown, "text") or "" if isinstance(shown, dict) else ""), None
        case _:
            raise GraphError(100, f"Param type cannot be '{type_}' for this recipient.")


def _required(content: Mapping[str, Any], name: str, key: str) -> str:
    value = _text(content, key)
    if not value:
        raise GraphError(131008, f"The parameter {name}['{key}'] is required.")
    return value


def _text(content: Mapping[str, Any], key: str) -> str | None:
    value = content.get(key)
    return value if isinstance(value, str) else None


def accepted(send: Send, address: str, user_id: str | None, message_id: str) -> dict[str, Any]:
    """Return the answer to a message that was taken; it says nothing about delivery."""
    contact: dict[str, Any] = {"input": send.address, "wa_id": address}
    message: dict[str, Any] = {"id": message_id}
    if user_id is not None:
        contact["user_id"] = user_id
    if send.kind == "group":
        message["group_id"] = address
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}
