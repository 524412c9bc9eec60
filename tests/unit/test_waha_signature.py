from __future__ import annotations

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers, QueryParams

from services.gateway.channels.waha import Waha
from services.gateway.channels.waha.signature import ALGORITHM_HEADER, SIGNATURE_HEADER, sign, verify
from shared.http.client import HttpClient

KEY, NEXT_KEY = "a-webhook-key", "the-key-after-it"
BODY = '{"event":"message","payload":{"body":"नमस्ते http:\\/\\/x.in"}}'.encode()


def headers(signature: str, **other: str) -> dict[str, str]:
    return {SIGNATURE_HEADER: signature, **other}


def digest(body: bytes = BODY, key: str = KEY, algorithm: str = "sha512") -> str:
    return hmac.new(key.encode(), body, algorithm).hexdigest()


def test_a_right_signature_is_accepted():
    assert verify(BODY, headers(digest()), [KEY])
    assert verify(BODY, headers(digest(), **{ALGORITHM_HEADER: "sha512"}), [KEY])


def test_the_signature_of_a_known_body_never_changes():
    # RFC 4231, test case 2.
    assert sign(b"what do ya want for nothing?", "Jefe") == (
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
        "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
    )


@pytest.mark.parametrize(
    "signature",
    [
        "",
        f"sha512={digest()}",
        digest()[:-1],
        f"{digest()}0",
        digest().upper(),
        f" {digest()}",
        f"{digest()}\n",
        f"{digest()}, {digest()}",
        digest(key=NEXT_KEY),
        digest(key=""),
        digest(algorithm="sha256"),
        digest(algorithm="sha1"),
        hashlib.sha512(BODY).hexdigest(),
        "0" * 128,
        "ñ\ud800",
        "a" * 100_000,
    ],
)
def test_any_other_signature_is_refused(signature):
    assert not verify(BODY, headers(signature), [KEY])


@pytest.mark.parametrize("algorithm", ["sha256", "sha1", "none", "", "sha512, none", "\ud800", "sha-512"])
def test_any_other_algorithm_is_refused(algorithm):
    assert not verify(BODY, headers(digest(), **{ALGORITHM_HEADER: algorithm}), [KEY])


def test_what_is_not_signed_is_refused():
    assert not verify(BODY, {}, [KEY])
    assert not verify(BODY, {ALGORITHM_HEADER: "sha512"}, [KEY])


@pytest.mark.parametrize(
    "body", [json.dumps(json.loads(BODY)).encode(), BODY.replace(b"\\/", b"/"), BODY + b"\n", b""]
)
def test_a_body_written_anew_is_refused(body):
    assert not verify(body, headers(digest()), [KEY])


@pytest.mark.parametrize("key", [KEY, NEXT_KEY])
@pytest.mark.parametrize("order", [(KEY, NEXT_KEY), (NEXT_KEY, KEY)])
def test_while_a_key_is_replaced_both_sign(key, order):
    assert verify(BODY, headers(sign(BODY, key)), order)


@pytest.mark.parametrize("keys", [[], [""]])
def test_without_a_key_nothing_is_authentic(keys):
    assert not verify(BODY, headers(sign(BODY, "")), keys)


@given(st.binary(max_size=64), st.text(min_size=1, max_size=20), st.binary(max_size=64))
def test_a_signature_belongs_to_one_body(body, key, other):
    assert verify(body, headers(sign(body, key)), [key])
    assert verify(other, headers(sign(body, key)), [key]) == (other == body)


@pytest.mark.parametrize("name", ["X-Webhook-Hmac", "x-webhook-hmac"])
async def test_the_header_is_found_in_any_case(name):
    async with HttpClient() as client:
        channel = Waha(client, api_base="http://127.0.0.1:1", session="s", api_key="k", hmac_keys=[KEY])
        assert channel.authentic(BODY, Headers({name: sign(BODY, KEY)}))
        # What another provider signs with the same key, under a name of its own, proves nothing here.
        assert not channel.authentic(BODY, Headers({"x-hub-signature-256": f"sha256={digest()}"}))
        assert channel.handshake(QueryParams({"hub.mode": "subscribe", "hub.challenge": "1"})) is None
