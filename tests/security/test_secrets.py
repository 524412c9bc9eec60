"""What must be kept is kept: in logs, metrics, documents and errors, whoever asks for it and however."""

from __future__ import annotations

import base64
import json
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

import orjson
import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from services.gateway.settings import GatewaySettings
from shared.errors import SettingsError
from shared.settings import SharedSettings, load
from tests.security.conftest import Installation
from tests.security.payloads import text, webhook
from tests.support.platform import NO_DOTENV

LONGEST_LINE = 64 * 1024
INJECTIONS = {
    "line breaks": 'x\r\n{"level":"info","event":"forged"}',
    "separators": 'x\u2028{"event":"forged"}\u2029\x85\x0b\x0c',
    "terminal": "\x1b[2J\x1b]0;forged\x07\x9b31m",
    "direction": "\u202eforged\u2066",
    "format": "%s %d %(forged)s {0.__class__} {event}",
    "json": '","event":"forged","x":"',
    "a megabyte": "A" * 2**18 + "न" * 2**14,
}


def _spellings(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield base64.b64encode(secret.encode()).decode().rstrip("=")
    yield json.dumps(secret)[1:-1]


def _assert_kept(secrets: dict[str, str], *places: str) -> None:
    for name, secret in secrets.items():
        assert len(secret) > 8
        for spelled in _spellings(secret):
            assert not [place for place in places if spelled in place], name


@pytest.mark.parametrize("hostile", INJECTIONS.values(), ids=INJECTIONS)
async def test_what_strangers_write_makes_no_line_of_its_own(installation: Installation, hostile: str):
    platform = installation.platform
    before = len(installation.log.getvalue())
    short = hostile[:2000]
    group, (asha, _) = await platform.group("लॉग", "आशा", "Ravi")
    header = quote(short)[:4000]
    for path in (f"/webhooks/whatsapp/{quote(short)}", f"/{quote(short)}", "/webhooks/whatsapp/demo"):
        await platform.public.post(
            path, content=hostile.encode(), headers={"x-request-id": header, "user-agent": header}
        )
    await platform.public.get(
        "/webhooks/whatsapp/demo", params={"hub.verify_token": short, "hub.mode": short}
    )
    await installation.ask("GET", f"/gateway/v1/chats/{quote(short)}", headers={"x-request-id": header})
    contacts = [{"profile": {"name": hostile}, "wa_id": asha}]
    odd = {"id": hostile, "from": hostile, "type": hostile, "group_id": hostile}
    body = webhook(odd, text(asha, hostile, group), text(asha, f"!नियम {short}", group), contacts=contacts)
    assert (await installation.deliver(body)).status_code == 200
    await platform.until(group, lambda all_: any(each["from"] == "bot" for each in all_))
    lines = installation.log.getvalue()[before:].split("\n")
    assert len(lines) > 3
    for line in filter(None, lines):
        told = orjson.loads(line)
        assert "forged" not in line
        assert len(line) < LONGEST_LINE
        assert {"event", "level", "timestamp"} <= told.keys()
        assert not [each for each in line if unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"}]


async def test_no_secret_is_told_by_metrics_documents_health_or_answers(installation: Installation):
    platform = installation.platform
    paths = ("/metrics", "/livez", "/readyz", "/openapi.json", "/docs", "/gateway/docs", "/simulator/docs")
    told = [(await platform.internal.get(path)).text for path in paths]
    told += [json.dumps(await installation.document(each)) for each in ("gateway", "moderation", "simulator")]
    for path in (
        "/gateway/v1/channels",
        "/gateway/v1/channels/demo",
        "/gateway/v1/chats",
        "/gateway/v1/deliveries",
    ):
        answer = await installation.ask("GET", path)
        told += [answer.text, repr(answer.headers)]
    _assert_kept(installation.secrets, *told)


async def test_a_secret_that_is_handed_in_comes_back_nowhere(installation: Installation):
    platform, before = installation.platform, len(installation.log.getvalue())
    told: list[str] = []
    for secret in installation.secrets.values():
        bearer = {"authorization": f"Bearer key_security_{secret}x"}
        query = {
            "hub.verify_token": f"{secret}x",
            "hub.mode": "subscribe",
            "hub.challenge": "1",
            "limit": secret,
        }
        for client in (platform.public, platform.internal):
            for path in (
                "/webhooks/whatsapp/demo",
                "/gateway/v1/chats",
                "/moderation/v1/policies/x",
                "/nowhere",
            ):
                signed = {"x-hub-signature-256": f"sha256={secret}", **bearer}
                told.append((await client.get(path, params=query, headers=signed)).text)
                told.append((await client.post(path, json={"chat_id": {"x": secret}}, headers=signed)).text)
        told.append(
            (await installation.ask("PUT", "/moderation/v1/policies/c_x", json={"rules": secret})).text
        )
        told.append(
            (await installation.ask("POST", "/gateway/v1/messages:send", json={"text": [secret]})).text
        )
    told += [(await platform.internal.get("/metrics")).text, installation.log.getvalue()[before:]]
    _assert_kept(installation.secrets, *told)


async def test_no_secret_is_in_anything_that_was_logged(installation: Installation):
    await installation.platform.misbehave(rules=[{"fault": "fail", "first": 1, "code": 190, "status": 401}])
    group, (asha, _) = await installation.platform.group("चाबी", "आशा", "Ravi")
    asked = await installation.platform.say(group, asha, "!नियम")
    await installation.platform.misbehave()
    await installation.platform.reply(group, asked)
    _assert_kept(installation.secrets, installation.log.getvalue())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_KEYS", "reader:canary-secret-0123456789:gateway:read"),
        ("GATEWAY_ADDRESS_KEYS", "canary-secret-0123456789"),
        ("GATEWAY_ACCOUNTS", '{"main":{"access_token":"canary-secret-0123456789"}}'),
        ("GATEWAY_ACCOUNTS", '{"main":{"access_token":"canary-secret-0123456789"'),
        ("MONGO_URL", ""),
    ],
)
def test_a_setting_that_is_wrong_is_named_and_not_repeated(monkeypatch, name: str, value: str):
    monkeypatch.setenv(name, value)
    wanted: type[BaseSettings] = GatewaySettings
    other: type[BaseSettings] = SharedSettings
    if not name.startswith("GATEWAY"):
        wanted, other = SharedSettings, GatewaySettings
    said = "nothing"
    try:
        said = repr(load(wanted, other, dotenv=NO_DOTENV))
    except (SettingsError, ValidationError) as error:
        said = f"{error} {error!r}"
    assert "canary" not in said
    assert said != "nothing"
