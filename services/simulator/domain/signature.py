from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

HEADER = "X-Hub-Signature-256"


def encode(payload: Mapping[str, Any]) -> bytes:
    r"""Return a webhook's body with non-ASCII characters and slashes escaped, as Meta writes it.

    A receiver that parses before it checks the signature then fails at the first `é` or `/`, here and not in
    production.
    """
    text = json.dumps(payload, ensure_ascii=True, separators=(",", ":"))
    return text.replace("/", "\\/").encode("ascii")


def sign(secret: bytes, body: bytes) -> str:
    """Return the value of the signature header for `body`."""
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
