from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers, QueryParams

from services.gateway.channels.cloud_api import CloudApi
from services.gateway.channels.cloud_api.signature import sign, verify
from shared.http.client import HttpClient

SECRET, NEXT_SECRET = "an-app-secret", "the-secret-after-it"

# Meta writes everything beyond ASCII as \u escapes, and a slash with a backslash.
BODY = (
    b'{"entry":[{"changes":[{"value":{"messages":[{"text":{"body":'
    b'"\\u0928\\u092e\\u0938\\u094d\\u0924\\u0947 http:\\/\\/x.in \\u0040all"}}]}}]}]}'
)


def digest(body: bytes = BODY, secret: str = SECRET, algorithm: str = "sha256") -> str:
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


def test_a_right_signature_is_accepted():
    assert verify(BODY, f"sha256={digest()}", [SECRET])


def test_the_signature_of_a_known_body_never_changes():
    # RFC 4231, test case 2.
    assert sign(b"what do ya want for nothing?", "Jefe") == (
        "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "sha256=",
        digest(),
        f"sha256={digest()[:-1]}",
        f"sha256={digest()}0",
        f"sha256={digest().upper()}",
        f"SHA256={digest()}",
        f" sha256={digest()}",
        f"sha256={digest()}\n",
        f"sha256={digest()}, sha256={digest()}",
        f"sha256={digest(secret=NEXT_SECRET)}",
        f"sha256={digest(secret='')}",
        f"sha1={hashlib.sha1(BODY, usedforsecurity=False).hexdigest()}",
        f"sha1={digest(algorithm='sha1')}",
        f"sha512={digest(algorithm='sha512')}",
        f"sha256={'0' * 64}",
        "sha256=ñ\ud800",
    ],
)
def test_any_other_header_is_refused(header):
    assert not verify(BODY, header, [SECRET])


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(json.loads(BODY), ensure_ascii=False).encode(),
        json.dumps(json.loads(BODY)).encode(),
        BODY.replace(b"\\/", b"/"),
        BODY + b"\n",
        b"",
    ],
    ids=["letters", "spaces", "slashes", "newline", "empty"],
)
def test_a_body_written_anew_is_refused(body):
    assert not verify(body, f"sha256={digest()}", [SECRET])


@pytest.mark.parametrize("secret", [SECRET, NEXT_SECRET])
@pytest.mark.parametrize("order", [(SECRET, NEXT_SECRET), (NEXT_SECRET, SECRET)])
def test_while_a_secret_is_replaced_both_sign(secret, order):
    assert verify(BODY, sign(BODY, secret), order)


def test_without_a_secret_nothing_is_authentic():
    assert not verify(BODY, sign(BODY, SECRET), [])


@given(st.binary(max_size=64), st.text(min_size=1, max_size=20), st.binary(max_size=64))
def test_a_signature_belongs_to_one_body(body, secret, other):
    assert verify(body, sign(body, secret), [secret])
    assert verify(other, sign(body, secret), [secret]) == (other == body)


@pytest.fixture
async def channel():
    async with HttpClient() as client:
        yield CloudApi(
            client,
            api_base="http://127.0.0.1:1",
            phone_number_id="370000000000001",
            access_token="token",
            app_secrets=[SECRET, NEXT_SECRET],
            verify_token="वेरिफाई-token",
        )


@pytest.mark.parametrize("name", ["X-Hub-Signature-256", "x-hub-signature-256"])
def test_the_header_is_found_in_any_case(channel, name):
    assert channel.authentic(BODY, Headers({name: sign(BODY, SECRET)}))


def test_the_old_sha1_header_proves_nothing(channel):
    assert not channel.authentic(BODY, Headers({"x-hub-signature": f"sha1={digest(algorithm='sha1')}"}))


def query(**changed: str | None) -> QueryParams:
    usual: dict[str, str | None] = {
        "hub.mode": "subscribe",
        "hub.verify_token": "वेरिफाई-token",
        "hub.challenge": "1158201444",
    }
    return QueryParams({name: value for name, value in (usual | changed).items() if value is not None})


def test_the_challenge_is_returned_to_who_knows_the_token(channel):
    assert channel.handshake(query()) == "1158201444"


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.verify_token": None},
        {"hub.verify_token": ""},
        {"hub.verify_token": "वेरिफाई-toke"},
        {"hub.verify_token": "वेरिफाई-token "},
        {"hub.verify_token": "\ud800"},
        {"hub.mode": None},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": None},
    ],
)
def test_the_challenge_is_returned_to_nobody_else(channel, changed):
    assert channel.handshake(query(**changed)) is None


def shared_vectors() -> list[Any]:
    folder = os.environ.get("WEBHOOK_SAMPLES")
    if not folder:
        return [pytest.param(None, marks=pytest.mark.skip("WEBHOOK_SAMPLES names no folder of samples"))]
    vectors = json.loads((Path(folder) / "signature-vectors" / "vectors.json").read_bytes())
    return [
        pytest.param(each, id=each["name"])
        for each in vectors
        if each["header"].lower() == "x-hub-signature-256"
    ]


@pytest.mark.parametrize("vector", shared_vectors())
def test_the_recorded_vectors_are_judged_as_they_say(vector):
    right = vector["expect"].startswith("accept")
    assert verify(bytes.fromhex(vector["body_hex"]), vector["value"], [vector["secret"]]) == right
