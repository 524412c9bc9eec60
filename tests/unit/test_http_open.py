from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import gzip
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.types import Receive, Scope, Send

from deploy.local.process import free_port
from shared.http import guard as guard_module
from shared.http.client import MAX_HOPS, HttpClient, NotSent, OutcomeUnknown
from shared.http.guard import AddressRefused, Guard, NameUnknown
from shared.http.server import HttpServer

TOKEN = {"authorization": "Bearer EAA-token"}


@dataclass
class Store:
    """A server of files that keeps what it was asked."""

    url: str = ""
    port: int = 0
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append((scope["raw_path"].decode(), headers))
        status, answered, body = self.answers.get(scope["path"], (404, {}, b""))
        raw = [(name.encode(), value.encode("latin-1")) for name, value in answered.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": body})

    def redirect(self, path: str, location: str, status: int = 302) -> None:
        self.answers[path] = (status, {"location": location}, b"elsewhere")

    def file(self, path: str, body: bytes = b"file") -> None:
        self.answers[path] = (200, {"content-type": "image/jpeg"}, body)


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Store]:
    store = Store()
    server = HttpServer(store, "127.0.0.1", 0)
    store.url, store.port = server.url, server.port
    task = asyncio.create_task(server.serve())
    await server.started()
    yield store
    server.stop()
    await task


@pytest.fixture(scope="module")
async def servers() -> AsyncIterator[tuple[Store, Store]]:
    async with serving() as one, serving() as two:
        yield one, two


def emptied(store: Store) -> Store:
    store.answers.clear()
    store.asked.clear()
    return store


@pytest.fixture
def store(servers) -> Store:
    return emptied(servers[0])


@pytest.fixture
def other(servers) -> Store:
    return emptied(servers[1])


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    async with HttpClient(timeout_seconds=5) as opened:
        yield opened


@pytest.fixture
def loopback_is_public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the tests ask servers by made-up names, as the guard lets public ones be asked."""
    monkeypatch.setattr(guard_module, "is_public", lambda address: address in {"127.0.0.1", "::1"})


class Names:
    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


async def read(client: HttpClient, url: str, guard: Guard, headers: dict[str, str] | None = None) -> bytes:
    incoming = await client.open(url, headers or {}, guard)
    try:
        return b"".join([chunk async for chunk in incoming.chunks()])
    finally:
        await incoming.aclose()


def by_name(names: Names, *stores: Store) -> Guard:
    return Guard(schemes=["http"], ports=[each.port for each in stores], resolve=names)


async def test_a_file_of_a_configured_origin_is_read_piece_by_piece(client, store):
    store.file("/a/b", b"x" * 300_000)
    incoming = await client.open(f"{store.url}/a/b?c=%2F", TOKEN, Guard(hosts=(), origins=[store.url]))
    chunks = [chunk async for chunk in incoming.chunks()]
    await incoming.aclose()
    assert incoming.status == 200
    assert incoming.headers["Content-Type"] == "image/jpeg"
    assert b"".join(chunks) == b"x" * 300_000
    assert max(map(len, chunks)) <= 65_536
    ((path, headers),) = store.asked
    assert path == "/a/b"
    assert headers["authorization"] == "Bearer EAA-token"
    assert headers["accept-encoding"] == "identity"
    assert headers["user-agent"].startswith("chaupal/")


@pytest.mark.usefixtures("loopback_is_public")
async def test_s8_the_connection_goes_to_the_address_that_was_checked(client, store):
    names = Names(["127.0.0.1"], ["::1"])
    store.file("/f")
    url = f"http://rebinds.example:{store.port}/f"
    assert await read(client, url, by_name(names, store)) == b"file"
    assert names.asked == ["rebinds.example"]
    ((_, headers),) = store.asked
    assert headers["host"] == f"rebinds.example:{store.port}"
    assert headers["connection"] == "close"


async def test_s8_a_name_that_has_moved_inside_is_refused_before_any_connection(client, store):
    with pytest.raises(AddressRefused):
        await read(client, f"http://rebinds.example:{store.port}/f", by_name(Names(["127.0.0.1"]), store))
    assert store.asked == []


@pytest.mark.usefixtures("loopback_is_public")
async def test_of_several_addresses_the_next_is_tried_where_nobody_answers(client, store):
    store.file("/f")
    names = Names(["::1", "127.0.0.1"])
    assert await read(client, f"http://a.example:{store.port}/f", by_name(names, store)) == b"file"


@pytest.mark.usefixtures("loopback_is_public")
async def test_where_no_address_answers_nothing_was_sent(client, store):
    guard = Guard(schemes=["http"], ports=[port := free_port()], resolve=Names(["::1", "127.0.0.1"]))
    with pytest.raises(NotSent):
        await client.open(f"http://a.example:{port}/f", {}, guard)


@pytest.mark.usefixtures("loopback_is_public")
async def test_the_name_and_not_the_address_has_to_prove_itself(client):
    hello = asyncio.get_running_loop().create_future()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        hello.set_result(await reader.read(4096))
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        guard = Guard(ports=[port], resolve=Names(["127.0.0.1"]))
        with pytest.raises(NotSent):
            await client.open(f"https://lookaside.example:{port}/", TOKEN, guard)
    assert b"lookaside.example" in await hello
    assert b"EAA-token" not in await hello


def certified(name: str, place: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server called `name` proves itself with, and what believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = place / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=pem)


@pytest.mark.usefixtures("loopback_is_public")
async def test_a_server_at_the_right_address_that_is_not_the_one_named_is_told_nothing(tmp_path, monkeypatch):
    server_side, believing = certified("right.example", tmp_path)
    monkeypatch.setattr(httpcore2, "default_ssl_context", lambda **_: believing)
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfile")
            await writer.drain()
            await reader.read()
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0, ssl=server_side)
    async with server, HttpClient(timeout_seconds=5) as client:
        port = server.sockets[0].getsockname()[1]
        guard = Guard(ports=[port], resolve=Names(["127.0.0.1"]))
        assert await read(client, f"https://right.example:{port}/f", guard, TOKEN) == b"file"
        for name in ("wrong.example", "right.example.evil.example"):
            with pytest.raises(NotSent):
                await client.open(f"https://{name}:{port}/f", TOKEN, guard)
    (request,) = heard
    assert f"host: right.example:{port}".encode() in request.lower()


async def test_a_redirect_within_the_origin_is_followed_with_the_headers(client, store):
    store.redirect("/a", "b?c=d")
    store.redirect("/b", f"{store.url}/c", 307)
    store.file("/c")
    assert await read(client, f"{store.url}/a", Guard(hosts=(), origins=[store.url]), TOKEN) == b"file"
    assert [headers.get("authorization") for _, headers in store.asked] == ["Bearer EAA-token"] * 3


@pytest.mark.usefixtures("loopback_is_public")
async def test_headers_go_to_no_other_origin(client, store, other):
    names = Names(["127.0.0.1"])
    store.redirect("/a", f"http://second.example:{other.port}/b")
    other.redirect("/b", f"http://first.example:{store.port}/c")
    store.file("/c")
    url = f"http://first.example:{store.port}/a"
    assert await read(client, url, by_name(names, store, other), TOKEN) == b"file"
    assert names.asked == ["first.example", "second.example", "first.example"]
    assert [headers.get("authorization") for _, headers in store.asked] == ["Bearer EAA-token"] * 2
    assert [headers.get("authorization") for _, headers in other.asked] == [None]


@pytest.mark.parametrize(
    "location",
    [
        *(
            "http://169.254.169.254/latest/meta-data/",
            "http://127.0.0.1:6379/",
            "file:///etc/passwd",
            "//[::1]/",
        ),
        *(
            "gopher://127.0.0.1/",
            "https://evil.example/",
            "http://user@127.0.0.1/",
            "//evil.example/",
            "http://[",
        ),
        *("http://0x7f.1/", "http://2130706433/", "http://[::ffff:127.0.0.1]/", "é"),
    ],
)
async def test_s8_no_redirect_leads_inside(client, store, location):
    store.redirect("/a", location)
    with pytest.raises(AddressRefused):
        await read(client, f"{store.url}/a", Guard(hosts=(), origins=[store.url]), TOKEN)
    assert len(store.asked) == 1


async def test_s8_a_redirect_to_another_server_on_the_same_machine_is_refused(client, store, other):
    store.redirect("/a", f"{other.url}/secret")
    with pytest.raises(AddressRefused):
        await read(client, f"{store.url}/a", Guard(hosts=(), origins=[store.url]), TOKEN)
    assert other.asked == []


@pytest.mark.usefixtures("loopback_is_public")
async def test_s8_a_name_is_checked_anew_at_every_hop(client, store):
    names = Names(["127.0.0.1"], ["10.0.0.1"])
    store.redirect("/a", "/b")
    with pytest.raises(AddressRefused):
        await read(client, f"http://rebinds.example:{store.port}/a", by_name(names, store))
    assert len(store.asked) == 1


async def test_redirects_in_a_circle_end(client, store):
    store.redirect("/a", "/a")
    with pytest.raises(AddressRefused, match="redirects"):
        await read(client, f"{store.url}/a", Guard(hosts=(), origins=[store.url]))
    assert len(store.asked) == MAX_HOPS + 1


async def test_a_redirect_that_leads_nowhere_is_an_answer(client, store):
    store.answers["/a"] = (302, {}, b"")
    incoming = await client.open(f"{store.url}/a", {}, Guard(hosts=(), origins=[store.url]))
    await incoming.aclose()
    assert incoming.status == 302


async def test_what_is_packed_stays_packed(client, store):
    bomb = gzip.compress(bytes(20_000_000))
    store.answers["/a"] = (200, {"content-encoding": "gzip"}, bomb)
    tracemalloc.start()
    try:
        assert await read(client, f"{store.url}/a", Guard(hosts=(), origins=[store.url])) == bomb
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


async def test_a_name_without_an_address_is_no_answer(client):
    with pytest.raises(NameUnknown):
        await client.open("https://a.example/", {}, Guard(resolve=Names([])))


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    return None


async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def talk_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 smtp.example ESMTP\r\n")
    await writer.drain()


async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{")
    await writer.drain()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{")
    await reader.read()


@pytest.mark.parametrize("talk", [hang_up, stay_silent, talk_nonsense, break_off, drip])
async def test_a_server_that_fails_does_so_in_time_and_with_one_error(talk: Talk):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await talk(reader, writer)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, HttpClient(timeout_seconds=0.2) as client:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(OutcomeUnknown):
            await read(client, url, Guard(hosts=(), origins=[url]))


@pytest.mark.parametrize(("method", "content"), [("GET", None), ("PUT", b"{}"), ("DELETE", b"{}")])
async def test_a_request_is_made_as_it_is_wanted(client, store, method, content):
    store.file("/f", b'{"a":1}')
    answer = await client.request(method, f"{store.url}/f", content=content, headers=TOKEN)
    assert answer.json() == {"a": 1}
    ((_, headers),) = store.asked
    assert headers["authorization"] == "Bearer EAA-token"
    assert headers.get("content-type") == (None if content is None else "application/json")


async def test_every_method_has_its_word(client, store):
    store.file("/f", b"{}")
    url = f"{store.url}/f"
    answers = [
        await client.get(url, TOKEN),
        await client.put(url, b"{}", TOKEN),
        await client.post(url, b"{}", TOKEN),
        await client.delete(url, TOKEN),
    ]
    assert {answer.status for answer in answers} == {200}
