"""Requests that two servers in a row might read differently, byte by byte."""

from __future__ import annotations

import pytest

from tests.security.listener import Listener, sign, status

TARGET = b"/webhooks/whatsapp/main"
SECOND = b"GET /smuggled HTTP/1.1\r\nhost: gateway\r\n\r\n"


def request(*lines: bytes, body: bytes = b"", first: bytes = b"POST " + TARGET + b" HTTP/1.1") -> bytes:
    return b"\r\n".join([first, b"host: gateway", *lines, b"", b""]) + body


AMBIGUOUS = {
    "two lengths": request(b"content-length: 2", b"content-length: 44", body=b"{}" + SECOND),
    "two lengths in one": request(b"content-length: 2, 44", body=b"{}" + SECOND),
    "length and chunks": request(
        b"content-length: 5", b"transfer-encoding: chunked", body=b"0\r\n\r\n" + SECOND
    ),
    "chunks and length": request(
        b"transfer-encoding: chunked", b"content-length: 5", body=b"0\r\n\r\n" + SECOND
    ),
    "chunks before another": request(b"transfer-encoding: chunked, identity", body=b"0\r\n\r\n" + SECOND),
    "chunks by another name": request(
        b"transfer-encoding: xchunked", b"content-length: 2", body=b"{}" + SECOND
    ),
    "space before the colon": request(b"content-length : 2", body=b"{}" + SECOND),
    "a folded header": request(b"x-a: b", b" content-length: 2", b"content-length: 2", body=b"{}" + SECOND),
    "nul in a header": request(b"x-a: b\x00c", b"content-length: 2", body=b"{}" + SECOND),
    "line feed in a header": request(b"x-a: b\rcontent-length: 2", body=SECOND),
    "chunk that is longer": request(b"transfer-encoding: chunked", body=b"2\r\n{}XX\r\n0\r\n\r\n" + SECOND),
    "chunk size with a sign": request(b"transfer-encoding: chunked", body=b"+2\r\n{}\r\n0\r\n\r\n" + SECOND),
    "no number": request(b"content-length: 0x2", body=b"{}" + SECOND),
    "another protocol": request(first=b"POST " + TARGET + b" HTTP/9.9", body=SECOND),
    "no protocol": b"POST " + TARGET + b"\r\n\r\n" + SECOND,
    "method with a space": request(first=b"POST  " + TARGET + b" HTTP/1.1\x0b", body=SECOND),
}


@pytest.mark.parametrize("sent", AMBIGUOUS.values(), ids=AMBIGUOUS)
async def test_what_two_servers_may_read_differently_is_refused_and_ends_the_connection(
    listener: Listener, sent: bytes
):
    answer = await listener.raw(sent)
    assert ("GET", "/smuggled") not in listener.watched.asked
    assert answer.count(b"HTTP/1.1 ") <= 1
    assert status(answer) in {0, 400, 401, 413, 505}
    assert listener.records() == []


async def test_a_well_formed_second_request_is_answered_by_itself(listener: Listener):
    # What the tests above rest on: if it came through, it would be seen.
    last = SECOND.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    answer = await listener.raw(request(b"content-length: 2", body=b"{}" + last))
    assert answer.count(b"HTTP/1.1 ") == 2
    assert listener.watched.asked == [("POST", TARGET.decode()), ("GET", "/smuggled")]


PATHS = [
    *(
        b"/webhooks/../gateway/v1/chats",
        b"/webhooks/%2e%2e/gateway/v1/chats",
        b"/webhooks/..%2fgateway/v1/chats",
    ),
    *(b"/..;/metrics", b"/webhooks/whatsapp/main/../../../metrics", b"//gateway/v1/chats", b"/./metrics"),
    *(
        b"/webhooks/whatsapp/..%5c..%5cmetrics",
        b"/%2e%2e/%2e%2e/etc/passwd",
        b"/webhooks/whatsapp/%00",
        b"/metrics%00",
    ),
    *(
        b"http://internal/metrics",
        b"http://127.0.0.1:8081/gateway/v1/chats",
        b"/metrics#",
        b"/metrics?x=/livez",
    ),
    *(
        b"/webhooks/whatsapp/" + b"a" * 60_000,
        b"/\xff\xfe",
        b"/%ff%fe",
        b"*",
        b"/webhooks/whatsapp/main%0d%0aX: y",
    ),
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ascii(path)[:40])
@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_no_path_leads_elsewhere(listener: Listener, method: bytes, path: bytes):
    sent = request(b"connection: close", b"content-length: 0", first=method + b" " + path + b" HTTP/1.1")
    answer = await listener.raw(sent)
    assert status(answer) in {0, 400, 404, 405, 414}
    assert b"passwd" not in answer
    assert b"\r\nX: y" not in answer


HOSTS = [
    b"evil.example",
    b"127.0.0.1:8081",
    b"gateway\x00",
    b"a" * 10_000,
    b"<script>",
    b"internal@evil",
    b"",
]


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: ascii(host)[:20])
async def test_the_name_it_is_asked_by_changes_nothing_and_is_not_repeated(listener: Listener, host: bytes):
    body = b"{}"
    name, value = sign(body)
    lines = [b"host: " + host, f"{name}: {value}".encode(), b"content-length: 2", b"connection: close"]
    further = [b"x-forwarded-host: evil.example", b"x-forwarded-for: 10.0.0.1", b"x-original-url: /metrics"]
    answer = await listener.raw(b"\r\n".join([b"POST " + TARGET + b" HTTP/1.1", *lines, *further, b"", body]))
    assert status(answer) in {200, 400}
    missing = await listener.raw(
        b"\r\n".join([b"GET /nowhere HTTP/1.1", *lines[:1], *lines[3:], *further, b"", b""])
    )
    assert status(missing) in {400, 404}
    for said in (answer, missing):
        assert b"evil" not in said
        assert b"<script>" not in said
        assert b"\r\nlocation:" not in said.lower()


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"OPTIONS", b"PUT", b"DELETE", b"PATCH", b"BREW"])
async def test_other_methods_do_nothing(listener: Listener, method: bytes):
    sent = request(b"connection: close", b"x-secret: canary", first=method + b" " + TARGET + b" HTTP/1.1")
    answer = await listener.raw(sent)
    assert status(answer) in {0, 400, 404, 405}
    assert b"canary" not in answer
    assert listener.records() == []
