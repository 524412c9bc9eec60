"""Webhooks as Meta would send them, with whatever an attacker made a member write."""

from __future__ import annotations

import itertools
import json
from typing import Any

from tests.support.platform import PHONE_NUMBER_ID

_IDS = itertools.count(1)


def text(sender: str, said: str, group: str | None = None, **other: Any) -> dict[str, Any]:
    """Return a message."""
    message = {"from": sender, "id": f"wamid.SEC{next(_IDS):08d}=", "timestamp": "1795410000", "type": "text"}
    where = {"group_id": group} if group else {}
    return {**message, "text": {"body": said}, **where, **other}


def webhook(*messages: dict[str, Any], **value: Any) -> bytes:
    """Return the body that tells of `messages`."""
    about = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": PHONE_NUMBER_ID}}
    changes = [{"field": "messages", "value": {**about, "messages": list(messages), **value}}]
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]}
    ).encode()
