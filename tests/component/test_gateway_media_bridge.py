from __future__ import annotations

import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import orjson
import pytest

from services.gateway.channels.cloud_api import CloudApi
from services.gateway.domain.items import MediaRef
from services.gateway.domain.known import Known
from services.gateway.ingest import Ingest
from services.gateway.store import Identities, Messages
from services.gateway.store.seal import UNKEPT
from shared.clock import SystemClock
from shared.contracts.gateway import ChatKind
from shared.contracts.topics import TOPICS
from shared.http.client import HttpClient
from shared.ids import deterministic_id
from shared.log.embedded import EmbeddedLog
from shared.log.memory import MemoryStorage
from shared.store.client import Database
from tests.support.media import (
    API_KEY,
    MEDIA_ID,
    PICTURE,
    TOKEN,
    Api,
    Provider,
    answer,
    at_meta,
    emptied,
    handing_through,
    message,
    picture,
    title,
    two_providers,
)
from tests.support.streams import running


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


FILE = "/api/files/default/false_120363@g.us_3EB0AA_919000000101@c.us.jpeg"
BRIDGED = "false_120363@g.us_3EB0AA_919000000101@c.us"
ANEW = f"/api/default/chats/120363%40g.us/messages/{BRIDGED.replace('@', '%40')}?downloadMedia=true"


def at_bridge(url: str | None, **changes: Any) -> Known:
    ref = MediaRef(url=url)
    return message(account="bridge", provider_id=BRIDGED, media=picture(ref=ref), **changes)


async def test_a_bridges_file_comes_with_its_key(api, meta):
    meta.answers[FILE] = [answer(200, PICTURE)]
    assert (await api.get(at_bridge(f"{meta.url}{FILE}"))).content == PICTURE
    assert [(path, sent["x-api-key"]) for path, sent in meta.asked] == [(FILE, API_KEY)]


async def test_a_file_the_bridge_has_thrown_away_is_fetched_by_it_anew(api, meta):
    again = "/api/files/default/again.jpeg"
    path = ANEW.partition("?")[0]
    meta.answers[path] = [answer(200, orjson.dumps({"id": BRIDGED, "media": {"url": f"{meta.url}{again}"}}))]
    meta.answers[again] = [answer(200, PICTURE)]
    assert (await api.get(at_bridge(f"{meta.url}{FILE}"))).content == PICTURE
    assert meta.paths == [FILE, path, again]


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'{"media":null}', b'{"media":{"url":null}}'])
async def test_what_the_bridge_cannot_fetch_anew_is_gone(api, meta, body):
    meta.answers[ANEW.partition("?")[0]] = [answer(200, body)]
    assert title(await api.get(at_bridge(f"{meta.url}{FILE}"))) == (410, "media_gone")


async def test_a_message_the_bridge_cannot_be_asked_for_is_gone(api, meta):
    known = replace(at_bridge(f"{meta.url}{FILE}"), provider_id="3EB0AA")
    assert title(await api.get(known)) == (410, "media_gone")
    assert meta.paths == [FILE]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "{bridge}/api/default/auth/qr",
            "{bridge}/api/files/../sessions",
            "{bridge}/api/files/",
            "{bridge}/",
        ),
        *(
            "{bridge}/api/files/%2e%2e/sessions",
            "{bridge}/api/files/x/..%2f..%2fsessions",
            "{elsewhere}/api/files/x",
        ),
        *(
            "{bridge}/api/files//x",
            "{bridge}/api/files/./x",
            "{bridge}.evil.example/api/files/x",
            "",
            "/api/files/x",
        ),
        *("http://169.254.169.254/api/files/x", "http://user@127.0.0.1/api/files/x", "file:///api/files/x"),
        *("{bridge}/API/files/x", "{bridge}/x/api/files/x", "{bridge}/api/files/a b", "http://[/api/files/x"),
    ],
)
async def test_s8_of_a_bridge_nothing_is_fetched_but_its_files(api, meta, elsewhere, url):
    known = at_bridge(url.replace("{bridge}", meta.url).replace("{elsewhere}", elsewhere.url))
    assert title(await api.get(known)) == (502, "media_refused")
    assert meta.asked == elsewhere.asked == []


async def test_a_picture_in_a_webhook_can_be_asked_for_at_once(api, meta, store):
    log = EmbeddedLog("memory", MemoryStorage())
    await log.ensure_topics(TOPICS)
    at_meta(meta)
    body = orjson.dumps(
        {
            "object": "whatsapp_business_account",
            "entry": [{"changes": [{"field": "messages", "value": {"messages": [sent_picture()]}}]}],
        }
    )
    async with HttpClient() as http:
        channel = CloudApi(
            http,
            api_base=f"{meta.url}/v25.0",
            phone_number_id="370000000000001",
            access_token=TOKEN,
            app_secrets=["secret"],
            verify_token="verify",
        )
        ingest = Ingest(log, Identities(store, SystemClock()), SystemClock(), api.index)
        await ingest.accept(channel, "main", body)
        await ingest.accept(channel, "main", body)
    response = await api.get(deterministic_id("message", "cloud_api", "main", "wamid.PICTURE="))
    assert response.content == PICTURE
    assert response.headers["content-type"] == "image/jpeg"
    async with running(api.index):
        pass
    kept = await Messages(store, UNKEPT).chats_of(
        [deterministic_id("message", "cloud_api", "main", "wamid.PICTURE=")]
    )
    assert [each.chat_kind for each in kept.values()] == [ChatKind.DIRECT]


def sent_picture() -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha256(PICTURE).digest()).decode()
    return {
        "from": "919000000101",
        "id": "wamid.PICTURE=",
        "timestamp": "1793860200",
        "type": "image",
        "image": {"id": MEDIA_ID, "mime_type": "image/jpeg", "sha256": digest, "caption": "देखिए"},
    }
