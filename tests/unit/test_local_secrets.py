from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

from deploy.local.secrets import SCOPES, DevelopmentSecrets
from shared.http.keys import HashedKey, new_key


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    made = DevelopmentSecrets.kept_in(tmp_path / "data")
    assert DevelopmentSecrets.kept_in(tmp_path / "data") == made
    assert HashedKey.parse(made.api_key_hash).scopes == SCOPES
    file = tmp_path / "data" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_key_that_opens_too_little_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    made = DevelopmentSecrets.kept_in(tmp_path)
    key, stored = new_key("dev", frozenset({"gateway:read"}))
    file = tmp_path / "secrets.json"
    old = {**json.loads(file.read_text(encoding="utf-8")), "api_key": key, "api_key_hash": str(stored)}
    file.write_text(json.dumps(old), encoding="utf-8")
    now = DevelopmentSecrets.kept_in(tmp_path)
    assert now.api_key not in {key, made.api_key}
    assert HashedKey.parse(now.api_key_hash).scopes == SCOPES
    assert (now.app_secret, now.verify_token, now.access_token, now.address_key) == (
        made.app_secret,
        made.verify_token,
        made.access_token,
        made.address_key,
    )


def test_what_an_older_version_did_not_make_is_added_and_the_rest_stays(tmp_path: Path) -> None:
    made = DevelopmentSecrets.kept_in(tmp_path)
    file = tmp_path / "secrets.json"
    old = json.loads(file.read_text(encoding="utf-8"))
    del old["address_key"]
    file.write_text(json.dumps(old), encoding="utf-8")
    now = DevelopmentSecrets.kept_in(tmp_path)
    assert len(base64.urlsafe_b64decode(now.address_key)) == 32
    assert (now.app_secret, now.access_token) == (made.app_secret, made.access_token)
    assert DevelopmentSecrets.kept_in(tmp_path) == now
