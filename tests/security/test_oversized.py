"""Bodies that are more than they say, or more than anybody needs. What they cost is bounded."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import Iterator

import pytest

from shared.contracts.envelope import decode
from shared.contracts.gateway import WebhookUnparsed
from tests.security.listener import MAX_BODY, Listener, sign, status

MIB = 2**20
BOUND = 20 * MIB
HEAD = b"POST /webhooks/whatsapp/main HTTP/1.1\r\nhost: gateway\r\nx-hub-signature-256: sha256=00\r\n"


@pytest.fixture
def bounded() -> Iterator[None]:
    """Hold what is allocated at once below `BOUND`."""
    tracemalloc.start()
    yield
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < BOUND, f"{peak / MIB:.0f} MiB"


@pytest.mark.usefixtures("bounded")
class TestRefused:
    async def test_fifty_megabytes_are_refused_before_a_byte_is_read(self, listener: Listener):
        answer = await listener.raw(HEAD + b"connection: close\r\ncontent-length: %d\r\n\r\n" % (50 * MIB))
        assert status(answer) == 413
        assert listener.records() == []

    async def test_chunks_without_end_are_read_as_far_as_a_body_may_go(self, listener: Listener):
        chunk = b"%x\r\n%b\r\n" % (MIB, bytes(MIB))
        answer = await listener.raw(
            HEAD + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n", *([chunk] * 50)
        )
        # Where the other side has hung up already, its answer may be lost with the connection.
        assert status(answer) in {413, 0}
        assert listener.records() == []

    @pytest.mark.parametrize(
        "length", [b"-1", b"+5", b"0x10", b"1e3", b"5 5", b"9" * 400, b"18446744073709551617"]
    )
    async def test_a_length_that_is_none_is_refused(self, listener: Listener, length: bytes):
        answer = await listener.raw(HEAD + b"connection: close\r\ncontent-length: %b\r\n\r\n" % length)
        assert status(answer) in {400, 413}

    async def test_a_chunk_longer_than_any_is_refused(self, listener: Listener):
        head = HEAD + b"connection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        answer = await listener.raw(head + b"f" * 17 + b"\r\n")
        assert status(answer) in {400, 413}

    async def test_a_head_without_end_is_not_kept(self, listener: Listener):
        answer = await listener.raw(
            HEAD, *([b"x-filler: " + b"a" * 8000 + b"\r\n"] * 200), b"connection: close\r\n\r\n"
        )
        assert status(answer) in {0, 400, 401, 411, 413, 431}
        assert listener.records() == []


async def test_what_is_compressed_is_never_unfolded(listener: Listener):
    bomb = gzip.compress(b'{"entry":[' + b" " * (64 * MIB) + b"]}")
    assert len(bomb) < MIB
    answer, _ = await listener.post("main", bomb, sign(bomb), ("content-encoding", "gzip"))
    assert answer == 200
    kept = [decode(each.value, each.headers).data for each in listener.records()]
    assert all(isinstance(each, WebhookUnparsed) and each.reason == "not_json" for each in kept)
    assert sum(len(each.value) for each in listener.records()) < 4 * MIB


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'{"entry":[{"changes":['])
async def test_nesting_ten_thousand_deep_is_kept_and_taken_no_further(listener: Listener, opening: bytes):
    body = opening * 10_000
    assert (await listener.post("main", body, sign(body)))[0] == 200
    closing = b"".join({b"[": b"]", b"{": b"}"}.get(bytes([each]), b"") for each in reversed(body))
    whole = body + (b"1" if opening.endswith(b":") else b"") + closing
    assert (await listener.post("main", whole, sign(whole)))[0] == 200
    assert listener.records()
    assert (await listener.post("main", b"{}", sign(b"{}")))[0] == 200


async def test_a_webhook_of_ten_thousand_statuses_is_told_of_whole(listener: Listener):
    statuses = [{"id": str(each), "status": "x"} for each in range(10_000)]
    change = {"field": "messages", "value": {"statuses": statuses}}
    body = json.dumps({"entry": [{"changes": [change]}]}).encode()
    answer, _ = await listener.post("main", body, sign(body))
    assert answer == 200
    assert len(listener.records()) == 10_000


async def test_others_are_answered_while_a_webhook_of_forty_thousand_statuses_is_told(listener: Listener):
    statuses = [{"id": str(each), "status": "read", "recipient_id": "919000000101"} for each in range(40_000)]
    change = {"field": "messages", "value": {"statuses": statuses}}
    body = json.dumps({"entry": [{"changes": [change]}]}, separators=(",", ":")).encode()
    assert len(body) < MAX_BODY
    whole = asyncio.create_task(listener.post("main", body, sign(body)))
    answered = 0
    while not whole.done():
        live = await listener.raw(b"GET /livez HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n")
        assert status(live) == 200
        answered += 0 if whole.done() else 1
    assert (await whole)[0] == 200
    # One turn per slice; a connection takes some of them.
    assert answered > 20
    assert len({each.headers["ce_id"] for each in listener.records()}) == 40_000
