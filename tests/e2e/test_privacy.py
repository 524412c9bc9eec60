"""What an operator can see must not tell who said what."""

from __future__ import annotations

import base64
import io
import logging
import os
from collections.abc import AsyncIterator, Iterator

import orjson
import pytest
from bson import encode

from shared.observability.logs import configure
from shared.store.client import connect
from tests.support.platform import Platform, running

NAME = "Qwertina Sharma-Canary"
TEXT = "canary-text मेरा राज़ यही है"


@pytest.fixture(scope="module")
def log_output() -> Iterator[io.StringIO]:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    stream = io.StringIO()
    configure("debug", "json", stream)
    yield stream
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


@pytest.fixture(scope="module")
async def platform(mongo_url: str, log_output: io.StringIO) -> AsyncIterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch) as started:
            yield started


async def a_busy_day(platform: Platform) -> tuple[str, list[str]]:
    """Let everything happen that members and providers do; return the group and the phone numbers."""
    group, phones = await platform.group("निजता", NAME, "Ravi Canary")
    asha, ravi = phones
    await platform.say(group, asha, TEXT)
    await platform.say(group, ravi, f"{TEXT} {asha} +{asha[:2]} {asha[2:7]} {asha[7:]}")
    hello = await platform.say(group, asha, "\x1b[31m" + TEXT + "\u202e\nfake: line")
    await platform.say(group, ravi, TEXT, type="unsupported")
    await platform.raw_webhook(f'{{"entry": "{TEXT}", "from": "{asha}"}}'.encode())
    await platform.raw_webhook(f"not json {TEXT} {asha}".encode())
    await platform.raw_webhook(TEXT.encode(), "wrong")
    await platform.misbehave(rules=[{"fault": "fail", "first": 1, "code": 131000}])
    await platform.reply(group, await platform.say(group, asha, f"!नियम {TEXT}", reply_to=hello["id"]))
    await platform.misbehave(rules=[{"fault": "fail", "first": 1, "code": 131026, "status": 400}])
    await platform.say(ravi, ravi, f"!help {TEXT}")
    await platform.reply(ravi, await platform.say(ravi, ravi, f"!rules {TEXT}"))
    await platform.misbehave()
    return group, phones


async def test_x05_neither_logs_nor_metrics_contain_numbers_names_or_texts(
    platform: Platform, log_output: io.StringIO
):
    _, phones = await a_busy_day(platform)
    metrics = (await platform.internal.get("/metrics")).text
    everything = log_output.getvalue() + metrics
    for secret in (NAME, "Canary", TEXT, "canary-text", "मेरा राज़", *phones, "wamid.HB"):
        assert secret not in everything
    for phone in phones:
        assert phone[2:] not in everything
        assert f"{phone[2:7]} {phone[7:]}" not in everything


async def test_x05_no_collection_of_the_gateway_holds_a_number_or_an_id_of_a_provider_in_clear(
    platform: Platform, mongo_url: str
):
    group, phones = await a_busy_day(platform)
    client = connect(mongo_url, application="tests")
    store = client[f"{os.environ['MONGO_DATABASE_PREFIX']}_gateway"]
    everything = b"".join(
        [encode(each) for name in await store.list_collection_names() async for each in store[name].find()]
    )
    known = await store["addresses"].count_documents({})
    await client.close()
    assert known >= len(phones)
    for secret in (*phones, group, "wamid."):
        assert secret.encode() not in everything
        assert base64.b64encode(secret.encode())[:-4] not in everything


async def test_x05_every_line_of_the_log_is_one_json_object(platform: Platform, log_output: io.StringIO):
    await a_busy_day(platform)
    lines = log_output.getvalue().splitlines()
    assert len(lines) > 20
    assert all("event" in orjson.loads(line) for line in lines)


async def test_one_trip_is_found_in_the_log_by_its_correlation_id(
    platform: Platform, log_output: io.StringIO
):
    group, (asha, *_) = await platform.group("सफ़र", "आशा", "Ravi")
    log_output.truncate(0)
    log_output.seek(0)
    reply = await platform.reply(group, await platform.say(group, asha, "!नियम"))
    await platform.until(
        group, lambda all_: any(each["id"] == reply["id"] and each["ticks"] == "read" for each in all_)
    )
    lines = [orjson.loads(line) for line in log_output.getvalue().splitlines()]
    trip = next(each["correlation_id"] for each in lines if each.get("note") == "rules_shown")
    hops = [
        (each["event"], each.get("type") or each.get("note"))
        for each in lines
        if each.get("correlation_id") == trip
    ]
    assert hops[:2] == [("gateway.received", "message.received"), ("consumer.decided", "rules_shown")]
    assert ("gateway.sent", None) in hops
    assert ("gateway.received", "delivery.reported") in hops


async def test_x05_no_metric_has_a_label_that_grows_with_use(platform: Platform):
    await a_busy_day(platform)
    before = (await platform.internal.get("/metrics")).text.count("\n")
    await a_busy_day(platform)
    after = (await platform.internal.get("/metrics")).text.count("\n")
    assert after == before, "the same things happening to other people make no new series"
