"""How WAHA signs webhooks."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Webhook-Hmac"
ALGORITHM_HEADER, ALGORITHM = "X-Webhook-Hmac-Algorithm", "sha512"
REQUEST_HEADER, TIME_HEADER = "X-Webhook-Request-Id", "X-Webhook-Timestamp"


def sign(key: bytes, body: bytes) -> str:
    """Return the value of the signature header for `body`."""
    return hmac.new(key, body, hashlib.sha512).hexdigest()
