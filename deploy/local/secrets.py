"""Secrets of a development installation: made once, kept beside its data, worth nothing elsewhere."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from shared.http.keys import new_key

SCOPES = frozenset({"gateway:read", "policies:read", "policies:write"})


@dataclass(frozen=True, slots=True)
class DevelopmentSecrets:
    """What the simulator and the gateway must agree on, and a key for the REST APIs."""

    app_secret: str
    verify_token: str
    access_token: str
    api_key: str
    api_key_hash: str

    @classmethod
    def kept_in(cls, directory: Path) -> DevelopmentSecrets:
        """Return the secrets in `directory`, making them if there are none."""
        file = directory / "secrets.json"
        if file.exists():
            return cls(**json.loads(file.read_text()))
        key, stored = new_key("dev", SCOPES)
        made = cls(secrets.token_hex(16), secrets.token_hex(16), secrets.token_hex(16), key, str(stored))
        directory.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(made)))
        return made
