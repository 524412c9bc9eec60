"""What a signature proves, over a real socket. The tables of headers are beside each provider's `verify`."""

from __future__ import annotations

import base64
import json

import pytest

from tests.security.listener import OLD_SECRET, SECRET, Listener, sign, sign_bridged

EMOJI = '{"entry":[],"said":"🙏 नमस्ते"}'.encode()
ESCAPED = json.dumps(json.loads(EMOJI)).encode()
BRIDGED = '{"event":"session.status","session":"default","payload":{"name":"🙏"}}'.encode()
WRONG = "sha256=" + "0" * 64

SIGNED = {
    "raw emoji": EMOJI,
    "escaped emoji": ESCAPED,
    "escaped in upper case": ESCAPED.replace(b"\\ud83d\\ude4f", b"\\uD83D\\uDE4F"),
    "spaces": json.dumps(json.loads(EMOJI), indent=2).encode(),
    "newline at the end": EMOJI + b"\n",
    "no json": b"\x00\xff",
    "empty": b"",
}


@pytest.mark.parametrize("body", SIGNED.values(), ids=SIGNED)
async def test_the_bytes_as_they_came_are_what_is_signed(listener: Listener, body: bytes):
    assert (await listener.post("main", body, sign(body)))[0] == 200
    assert (await listener.post("main", body, sign(body, OLD_SECRET)))[0] == 200
    assert (await listener.post("bridge", body, sign_bridged(body)))[0] == 200


@pytest.mark.parametrize("other", [each for each in SIGNED.values() if each != EMOJI])
async def test_a_body_that_means_the_same_is_not_the_same(listener: Listener, other: bytes):
    for account, header in (("main", sign(EMOJI)), ("bridge", sign_bridged(EMOJI))):
        assert (await listener.post(account, other, header))[0] == 401
    assert listener.records() == []


REFUSED: dict[str, list[tuple[str, str]]] = {
    "none": [],
    "wrong before right": [("x-hub-signature-256", WRONG), sign(EMOJI)],
    "right twice in one header": [("x-hub-signature-256", ", ".join([sign(EMOJI)[1]] * 2))],
    "right behind wrong in one header": [("x-hub-signature-256", f"{WRONG}, {sign(EMOJI)[1]}")],
    "in upper case": [("x-hub-signature-256", sign(EMOJI)[1].upper())],
    "cut short": [("x-hub-signature-256", sign(EMOJI)[1][:-1])],
    "of nothing": [sign(b"")],
    "in base64": [("x-hub-signature-256", "sha256=" + base64.b64encode(bytes(32)).decode())],
    "of the other provider": [sign_bridged(EMOJI, SECRET)],
    "under the old name": [("x-hub-signature", sign(EMOJI)[1])],
    "not ascii": [("x-hub-signature-256", "sha256=\udcff\udcfe")],
    "endless": [("x-hub-signature-256", "sha256=" + "0" * 30_000)],
}


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
async def test_every_refusal_is_the_same(listener: Listener, headers: list[tuple[str, str]]):
    status, said = await listener.post("main", EMOJI, *headers)
    _, expected = await listener.post("main", EMOJI)
    assert status == 401
    assert said == expected
    assert set(json.loads(said)) == {"type", "title", "status", "detail"}
    assert listener.records() == []


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("x-webhook-hmac", sign_bridged(BRIDGED)[1].upper())],
        [("x-webhook-hmac", f"sha512={sign_bridged(BRIDGED)[1]}")],
        [("x-webhook-hmac", "0" * 128), sign_bridged(BRIDGED)],
        [sign_bridged(BRIDGED), ("x-webhook-hmac-algorithm", "sha256")],
        [sign(BRIDGED)],
        [sign_bridged(BRIDGED, "")],
    ],
    ids=["none", "upper case", "named", "wrong before right", "algorithm", "other provider", "no key"],
)
async def test_a_bridge_is_believed_no_more_easily(listener: Listener, headers: list[tuple[str, str]]):
    status, said = await listener.post("bridge", BRIDGED, *headers)
    assert status == 401
    assert said == (await listener.post("main", EMOJI))[1]
    assert listener.records() == []


async def test_a_webhook_of_one_account_proves_nothing_on_another(listener: Listener):
    assert (await listener.post("bridge", EMOJI, sign(EMOJI)))[0] == 401
    assert (await listener.post("main", EMOJI, sign_bridged(EMOJI)))[0] == 401
