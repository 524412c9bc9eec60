"""Secrets of a development installation: made once, kept beside its data, worth nothing elsewhere."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from shared.http.keys import HashedKey, new_key

SCOPES = frozenset(
    {
        "cases:read",
        "cases:write",
        "chats:write",
        "gateway:read",
        "judge:read",
        "media:read",
        "members:write",
        "messages:send",
        "ops:dlq",
        "ops:trace",
        "policies:read",
        "policies:write",
        "reviews:write",
        "rewards:read",
        "rewards:write",
        "feedback:read",
        "feedback:write",
        "webinars:read",
        "webinars:write",
    }
)


@dataclass(frozen=True, slots=True)
class DevelopmentSecrets:
    """What the simulator and the gateway must agree on, and a key for the REST APIs."""

    app_secret: str
    verify_token: str
    access_token: str
    waha_api_key: str
    waha_hmac_key: str
    address_key: str
    """Seals what the gateway keeps of addresses: replaced, it would know nobody any more."""
    api_key: str
    api_key_hash: str

    @classmethod
    def kept_in(cls, directory: Path) -> DevelopmentSecrets:
        """Return the secrets in `directory`, making what is not there.

        A key from before there was something else to ask for is replaced by one that opens everything.
        """
        file = directory / "secrets.json"
        kept = json.loads(file.read_text()) if file.exists() else {}
        known = kept.keys() == cls.__dataclass_fields__.keys()
        if known and HashedKey.parse(kept["api_key_hash"]).scopes >= SCOPES:
            return cls(**kept)
        key, stored = new_key("dev", SCOPES)
        names = ("app_secret", "verify_token", "access_token", "waha_api_key", "waha_hmac_key")
        made = {name: kept.get(name) or secrets.token_hex(16) for name in names}
        made["address_key"] = kept.get("address_key") or _key()
        made |= {"api_key": key, "api_key_hash": str(stored)}
        directory.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(json.dumps(made))
        return cls(**made)


def _key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
