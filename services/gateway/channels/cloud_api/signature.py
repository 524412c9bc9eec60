"""Whether a webhook comes from Meta: HMAC-SHA256 over the bytes as they arrived, and nothing else."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

PREFIX = "sha256="


def sign(body: bytes, secret: str) -> str:
    """Return the value of `X-Hub-Signature-256` for `body`."""
    return PREFIX + hmac.digest(secret.encode(), body, "sha256").hex()


def verify(body: bytes, header: str | None, secrets: Sequence[str]) -> bool:
    """Return whether `header` signs `body` with one of `secrets`; several allow a secret to be rotated.

    All are tried whatever the outcome, so that the time taken says nothing about which one fits.
    """
    given = (header or "").encode("utf-8", "surrogatepass")
    return sum(hmac.compare_digest(sign(body, secret).encode(), given) for secret in secrets) > 0
