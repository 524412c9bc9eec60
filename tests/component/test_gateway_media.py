from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator

import httpx2
import psutil
import pytest
from starlette.types import Receive, Send

from services.gateway.api.media import ENDINGS, UNKNOWN_TYPE
from services.gateway.channels.cloud_api.media import CloudApiFiles
from services.gateway.domain.items import MediaRef
from shared.http.client import HttpClient
from shared.store.client import Database
from tests.support.media import (
    MAX_BYTES,
    MEDIA_ID,
    PICTURE,
    TOKEN,
    Api,
    Provider,
    answer,
    at_meta,
    chunked,
    emptied,
    fetched,
    handing_through,
    hung_up,
    message,
    picture,
    title,
    told,
    two_providers,
)
from tests.support.streams import eventually


@pytest.fixture(scope="module")
async def providers() -> AsyncIterator[tuple[Provider, Provider]]:
    async with two_providers() as both:
        yield both


@pytest.fixture
def meta(providers) -> Provider:
    return emptied(providers[0])


@pytest.fixture
def elsewhere(providers) -> Provider:
    return emptied(providers[1])


@pytest.fixture
async def api(store: Database, meta: Provider) -> AsyncIterator[Api]:
    async with handing_through(store, meta) as opened:
        yield opened


async def test_a_file_comes_from_its_provider_with_what_keeps_a_browser_from_running_it(api, meta):
    at_meta(meta)
    known, before = message(), fetched("cloud_api", "served")
    response = await api.get(known)
    assert response.status_code == 200
    assert response.content == PICTURE
    headers = response.headers
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-length"] == str(len(PICTURE))
    assert headers["content-disposition"] == f'attachment; filename="{known.message_id}.jpg"'
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["cache-control"] == "private, no-store"
    assert "x-request-id" in headers
    assert [(path, sent["authorization"]) for path, sent in meta.asked] == [
        (f"/v25.0/{MEDIA_ID}", f"Bearer {TOKEN}"),
        ("/files/picture", f"Bearer {TOKEN}"),
    ]

    async def counted() -> bool:
        return fetched("cloud_api", "served") - before == 1

    await eventually(counted)


async def test_only_who_may_read_files_reads(api):
    path = f"/v1/media/{uuid.uuid4()}"
    assert (await api.stranger.get(path)).status_code == 403
    assert (await api.client.get(path, headers={"authorization": ""})).status_code == 401


@pytest.mark.parametrize(
    "hostile", ["x", "$where", '{"$gt":""}', "..%2f..%2fetc", "a%00b", "x" * 5000, "A" * 36]
)
async def test_s4_what_is_no_id_of_a_message_is_not_looked_up(api, meta, hostile):
    assert (await api.client.get(f"/v1/media/{hostile}")).status_code in {404, 422}
    assert meta.asked == []


async def test_what_is_not_known_or_has_no_file_is_not_found(api, meta):
    assert title(await api.get(str(uuid.uuid4()))) == (404, "not_found")
    assert title(await api.get(message(media=None))) == (404, "not_found")
    assert title(await api.get(message(account="of the past"))) == (404, "not_found")
    assert meta.asked == []


@pytest.mark.parametrize(
    ("declared", "given"),
    [
        *((each, each) for each in ENDINGS),
        *((each, UNKNOWN_TYPE) for each in ("text/html", "image/svg+xml", "application/xhtml+xml")),
        *((each, UNKNOWN_TYPE) for each in ("text/javascript", "application/x-msdownload", "x/y", None)),
    ],
)
async def test_only_harmless_types_are_called_by_their_name(api, meta, declared, given):
    at_meta(meta)
    response = await api.get(message(media=picture(mime_type=declared)))
    assert response.headers["content-type"] == given
    assert response.headers["content-disposition"].startswith("attachment;")
    assert response.content == PICTURE


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_an_address_that_has_expired_is_asked_for_anew_once(api, meta, status):
    at_meta(meta, answer(status), answer(200, PICTURE))
    assert (await api.get(message())).content == PICTURE
    assert meta.paths == [f"/v25.0/{MEDIA_ID}", "/files/picture"] * 2


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *((each, (410, "media_gone")) for each in (404, 410)),
        *((each, (503, "provider_unavailable")) for each in (401, 403, 429, 500, 503)),
        *((each, (502, "media_refused")) for each in (204, 206, 304, 400, 418)),
    ],
)
async def test_what_the_provider_does_not_hand_out_is_told_in_a_problem(api, meta, status, expected):
    at_meta(meta, answer(status))
    assert title(await api.get(message())) == expected
    assert len(meta.asked) in {2, 4}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (answer(400, b'{"error":{"code":100,"error_subcode":33}}'), (410, "media_gone")),
        (answer(404, b"{}"), (410, "media_gone")),
        (answer(401, b'{"error":{"code":190}}'), (503, "provider_unavailable")),
        (answer(500, b"<html>"), (503, "provider_unavailable")),
        (answer(200, b"<html>"), (502, "media_refused")),
        (answer(200, b"[]"), (502, "media_refused")),
        (answer(200, b'{"url":7}'), (502, "media_refused")),
        (answer(200, b"x" * 2_000_000), (503, "provider_unavailable")),
        (answer(302, b"", location="http://127.0.0.1:1/"), (502, "media_refused")),
    ],
)
async def test_an_id_the_provider_does_not_exchange_is_told_in_a_problem(api, meta, given, expected):
    meta.answers[f"/v25.0/{MEDIA_ID}"] = [given]
    assert title(await api.get(message())) == expected
    assert len(meta.asked) == 1


@pytest.mark.parametrize(
    "media_id", ["", "../groups", "1?fields=token", "a/b", "1#", "%2e%2e", "é", "x" * 129]
)
async def test_s8_an_id_that_would_lead_elsewhere_is_not_asked_for(api, meta, media_id):
    assert title(await api.get(message(media=picture(ref=MediaRef(id=media_id))))) == (502, "media_refused")
    assert meta.asked == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "https://evil.example/x"),
        *("https://lookaside.fbsbx.com@evil.example/", "http://lookaside.fbsbx.com/", "{elsewhere}/secret"),
        *("https://lookaside.fbsbx.com:8443/", "https://fbcdn.net.evil.example/", "gopher://127.0.0.1/", ""),
    ],
)
async def test_s8_the_token_goes_nowhere_but_to_the_provider(api, meta, elsewhere, url):
    meta.answers[f"/v25.0/{MEDIA_ID}"] = [told(url.replace("{elsewhere}", elsewhere.url))]
    before = fetched("cloud_api", "refused")
    assert title(await api.get(message())) == (502, "media_refused")
    assert fetched("cloud_api", "refused") - before == 1
    assert meta.paths == [f"/v25.0/{MEDIA_ID}"]
    assert elsewhere.asked == []


async def test_s8_a_redirect_does_not_carry_the_token_away(api, meta, elsewhere):
    at_meta(meta, answer(302, location=f"{elsewhere.url}/secret"))
    assert title(await api.get(message())) == (502, "media_refused")
    assert elsewhere.asked == []


async def test_metas_own_hosts_are_asked_by_name_and_only_with_public_addresses(meta):
    names: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        names.append(host)
        return ["127.0.0.1"]

    url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"
    meta.answers["/v25.0/7"] = [told(url)]
    async with HttpClient(timeout_seconds=2) as http:
        files = CloudApiFiles(http, api_base=f"{meta.url}/v25.0", access_token=TOKEN, resolve=resolve)
        with pytest.raises(Exception, match="not_public"):
            await files.open(message(media=picture(ref=MediaRef(id="7"))))
    assert names == ["lookaside.fbsbx.com"]


async def test_metas_own_api_is_no_place_for_files():
    async with HttpClient() as http:
        files = CloudApiFiles(http, api_base="https://graph.facebook.com/v25.0", access_token=TOKEN)
        with pytest.raises(Exception, match="host"):
            await files._guard.check("https://graph.facebook.com/v25.0/1")


async def test_a_file_that_says_it_is_too_large_is_not_begun(api, meta):
    at_meta(meta, answer(200, bytes(MAX_BYTES + 1), content_length=str(MAX_BYTES + 1)))
    assert title(await api.get(message())) == (502, "media_too_large")


async def test_a_file_of_no_declared_length_is_handed_through(api, meta):
    at_meta(meta, chunked(PICTURE[:1000], PICTURE[1000:]))
    response = await api.get(message())
    assert response.content == PICTURE
    assert "content-length" not in response.headers


async def test_an_empty_file_is_a_file(api, meta):
    at_meta(meta, answer(200, b""))
    response = await api.get(message(media=picture(sha256=hashlib.sha256(b"").digest())))
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (chunked(*[bytes(100_000)] * 20), "too_large"),
        (chunked(PICTURE, b"!"), "mismatch"),
        (answer(200, PICTURE[:-1] + b"!", content_length=str(len(PICTURE))), "mismatch"),
        (answer(200, b"!", content_length="1"), "mismatch"),
        (chunked(PICTURE, end=False), "broken"),
        (chunked(PICTURE[:1000], end=False, content_length=str(len(PICTURE))), "broken"),
    ],
)
async def test_a_file_that_is_not_the_announced_one_never_looks_whole(api, meta, given, outcome):
    at_meta(meta, given)
    before = fetched("cloud_api", outcome)
    with pytest.raises(httpx2.RemoteProtocolError):
        await api.get(message())
    assert fetched("cloud_api", outcome) - before == 1
    at_meta(meta)
    assert (await api.get(message())).content == PICTURE


async def test_without_an_announced_digest_there_is_nothing_to_compare(api, meta):
    at_meta(meta, answer(200, b"anything"))
    assert (await api.get(message(media=picture(sha256=None)))).content == b"anything"


async def test_a_packed_file_is_refused(api, meta):
    at_meta(meta, answer(200, PICTURE, content_encoding="gzip"))
    assert title(await api.get(message())) == (502, "media_refused")


async def test_a_provider_that_stops_in_the_middle_is_left_in_time(api, meta):
    async def stuck(send: Send, receive: Receive) -> None:
        await chunked(PICTURE[:1000], end=False)(send, receive)
        await hung_up(receive)

    at_meta(meta, stuck)
    api.media._seconds = 0.3
    with pytest.raises(httpx2.RemoteProtocolError):
        await api.get(message())
    assert fetched("cloud_api", "too_slow") > 0


async def test_a_provider_that_never_answers_is_left_in_time(api, meta):
    async def silent(_send: Send, receive: Receive) -> None:
        await hung_up(receive)

    at_meta(meta, silent)
    api.media._seconds = 0.3
    assert title(await api.get(message())) == (503, "provider_unavailable")


async def test_so_many_at_once_and_no_more(api, meta):
    begun, go = asyncio.Semaphore(0), asyncio.Event()

    async def held(send: Send, receive: Receive) -> None:
        begun.release()
        await go.wait()
        await answer(200, PICTURE)(send, receive)

    at_meta(meta, held)
    both = [asyncio.create_task(api.get(message())) for _ in range(2)]
    await begun.acquire()
    await begun.acquire()
    before = fetched("cloud_api", "busy")
    assert title(await api.get(message())) == (429, "media_busy")
    assert fetched("cloud_api", "busy") - before == 1
    go.set()
    assert [each.content for each in await asyncio.gather(*both)] == [PICTURE] * 2
    assert (await api.get(message())).content == PICTURE


async def test_who_leaves_is_not_read_for(api, meta):
    let_go = asyncio.Event()

    async def endless(send: Send, receive: Receive) -> None:
        waiting = asyncio.create_task(hung_up(receive))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not waiting.done():
            await send({"type": "http.response.body", "body": bytes(65_536), "more_body": True})
            await asyncio.sleep(0)
        let_go.set()

    at_meta(meta, endless)
    api.media._max_bytes = 10**12
    known, before = message(), fetched("cloud_api", "left")
    api.index.remember(known)
    async with api.client.stream("GET", f"/v1/media/{known.message_id}") as response:
        async for _ in response.aiter_raw():
            break

    async def noticed() -> bool:
        return let_go.is_set() and fetched("cloud_api", "left") - before == 1

    await eventually(noticed)
    assert api.media._free == 2


async def test_a_large_file_passes_in_little_memory(api, meta):
    piece, count = bytes(65_536), 1000
    digest = hashlib.sha256(piece * count).digest()
    at_meta(meta, chunked(*[piece] * count))
    api.media._max_bytes = 10**9
    known = message(media=picture(sha256=digest))
    api.index.remember(known)
    before, size, highest = psutil.Process().memory_info().rss, 0, 0
    async with api.client.stream("GET", f"/v1/media/{known.message_id}") as response:
        async for each in response.aiter_raw():
            size += len(each)
            highest = max(highest, psutil.Process().memory_info().rss)
    assert size == len(piece) * count
    assert highest - before < 20 * 1024 * 1024
