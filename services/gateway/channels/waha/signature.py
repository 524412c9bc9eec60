"""Whether a webhook comes from our WAHA server: HMAC-SHA512 over the bytes as they arrived, nothing else."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

SIGNATURE_HEADER = "x-webhook-hmac"
ALGORITHM_HEADER = "x-webhook-hmac-algorithm"
ALGORITHM = "sha512"


def sign(body: bytes, key: str) -> str:
    """Return the value of `X-Webhook-Hmac` for `body`."""
    return hmac.new(key.encode(), body, hashlib.sha512).hexdigest()


def verify(body: bytes, headers: Mapping[str, str], keys: Sequence[str]) -> bool:
    """Return whether `headers` sign `body` with one of `keys`; several allow a key to be rotated.

    WAHA signs nothing unless it is given a key, so a body without a signature is anybody's and is refused.
    All keys are tried whatever the outcome, so that the time taken says nothing about which one fits.
    """
    if headers.get(ALGORITHM_HEADER, ALGORITHM).strip().lower() != ALGORITHM:
        return False
    given = (headers.get(SIGNATURE_HEADER) or "").encode("utf-8", "surrogatepass")
    return sum(hmac.compare_digest(sign(body, key).encode(), given) for key in keys if key) > 0
