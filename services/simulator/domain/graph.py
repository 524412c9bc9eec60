"""The messages call of WhatsApp's Graph API: what it takes, what it refuses and how it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.simulator.domain.contents import shown
from services.simulator.domain.files import MEDIA
from services.simulator.domain.people import digits
from services.simulator.domain.refusal import GraphError, text_of

LONGEST_SUBJECT = 128
LONGEST_DESCRIPTION = 2048
LONGEST_OPAQUE = 512


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

    @property
    def media_id(self) -> str | None:
        """The id of the file it sends, None where it sends none or by its address."""
        return text_of(self.payload.get(self.type), "id") if self.type in MEDIA else None


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
    if not isinstance(type_, str):
        raise GraphError(131008, "The parameter type is required.")
    content = body.get(type_)
    text, target = shown(type_, content, group=kind == "group")
    reply_to = text_of(body.get("context"), "message_id")
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


def accepted(send: Send, address: str, user_id: str | None, message_id: str) -> dict[str, Any]:
    """Return the answer to a message that was taken; it says nothing about delivery."""
    contact: dict[str, Any] = {"input": send.address, "wa_id": address}
    message: dict[str, Any] = {"id": message_id}
    if user_id is not None:
        contact["user_id"] = user_id
    if send.kind == "group":
        message["group_id"] = address
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}
