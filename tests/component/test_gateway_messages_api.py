"""Messages that REST clients want sent, and the answer to why nobody got one."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from services.gateway.api.deliveries import delivery_router
from services.gateway.api.messages import message_router
from services.gateway.sending.asking import Counter
from services.gateway.store import Requests
from shared.contracts.envelope import decode
from shared.contracts.gateway import MessageSend, SendClass
from shared.http.app import create_app
from shared.http.keys import KeyRing, new_key
from tests.support.sending import SECOND, SendingBench, sending_bench

READ, SEND = "gateway:read", "messages:send"


@pytest.fixture
def bench(mongo, store) -> SendingBench:
    return sending_bench(mongo, store)


@pytest.fixture
async def api(bench, store) -> AsyncIterator[httpx2.AsyncClient]:
    # One database serves the whole module.
    await store["_outbox"].delete_many({})
    await store["requests"].delete_many({})
    keys = {scope: new_key(scope[0], frozenset({scope})) for scope in (READ, SEND)}
    other = new_key("other", frozenset({SEND}))
    app = create_app(
        "gateway",
        "",
        delivery_router(bench.deliveries),
        message_router(bench.identities, Counter(bench.runtime, Requests(store)), bench.clock),
        keys=KeyRing(*(hashed for _, hashed in keys.values()), other[1]),
        clock=bench.clock,
    )
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="http://gateway"
    ) as client:
        client.keys = {scope: key for scope, (key, _) in keys.items()} | {"other": other[0]}  # type: ignore[attr-defined]
        yield client


async def ask(api: Any, body: Any, key: str | None = "key-1", who: str = SEND) -> httpx2.Response:
    headers = {"authorization": f"Bearer {api.keys[who]}", "content-type": "application/json"}
    if key is not None:
        headers["idempotency-key"] = key
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await api.post("/v1/messages:send", content=content, headers=headers)


async def get(api: Any, query: str = "", who: str = READ) -> httpx2.Response:
    headers = {"authorization": f"Bearer {api.keys[who]}"}
    return await api.get(f"/v1/deliveries{query}", headers=headers)


async def commands(bench: SendingBench) -> list[Any]:
    rows = await bench.runtime.outbox.next(1000)
    events = [decode(row.record.value, row.record.headers) for row in rows]
    return [each for each in events if isinstance(each.data, MessageSend)]


def body_for(chat: str, **fields: Any) -> dict[str, Any]:
    return {"chat_id": chat, "text": "कल शाम 7 बजे", "send_class": "reminder", **fields}


async def test_a_message_is_handed_in_once_however_often_it_is_asked_for(api, bench):
    chat = await bench.group()
    answers = [await ask(api, body_for(chat)) for _ in range(3)]
    bench.clock.advance(dt.timedelta(hours=23))
    answers.append(await ask(api, body_for(chat)))
    assert {each.status_code for each in answers} == {202}
    assert len({each.json()["send_id"] for each in answers}) == 1
    assert {each.headers["location"] for each in answers} == {f"deliveries/{answers[0].json()['send_id']}"}
    (command,) = await commands(bench)
    assert command.id == answers[0].json()["send_id"]
    assert command.partition_key == chat
    assert (command.data.text, command.data.send_class) == ("कल शाम 7 बजे", SendClass.REMINDER)


async def test_asked_for_many_times_at_once_it_is_handed_in_once(api, bench):
    chat = await bench.group()
    answers = await asyncio.gather(*(ask(api, body_for(chat)) for _ in range(8)))
    assert {each.status_code for each in answers} == {202}
    assert len(await commands(bench)) == 1


async def test_another_message_under_the_same_key_is_a_conflict(api, bench):
    chat = await bench.group()
    await ask(api, body_for(chat))
    answer = await ask(api, body_for(chat, text="कुछ और"))
    assert answer.status_code == 409
    assert "Idempotency-Key" in answer.text
    assert len(await commands(bench)) == 1


async def test_two_clients_may_choose_the_same_key(api, bench):
    chat = await bench.group()
    one, other = await ask(api, body_for(chat)), await ask(api, body_for(chat), who="other")
    assert one.json()["send_id"] != other.json()["send_id"]
    assert len(await commands(bench)) == 2


async def test_everything_a_command_can_say_can_be_asked_for(api, bench):
    later = (bench.clock.now() + dt.timedelta(hours=5)).isoformat()
    fields = {
        "not_after": later,
        "reply_to": str(uuid.uuid4()),
        "mentions": ["m_" + "1" * 20],
        "file": {"kind": "image", "link": "https://files.example/a.jpg"},
        "choices": [{"id": "yes", "title": "हाँ"}],
        "poll": ["a", "b"],
        "many_answers": True,
        "fallback": {"name": "reminder", "language": "hi", "parameters": ["कल"]},
    }
    answer = await ask(api, body_for(await bench.group(), **fields))
    assert answer.status_code == 202
    (command,) = await commands(bench)
    assert command.data.not_after.isoformat() == later
    assert command.data.file.link == "https://files.example/a.jpg"
    assert command.data.fallback.parameters == ("कल",)


async def test_a_chat_nobody_knows_cannot_be_written_to(api):
    assert (await ask(api, body_for("c_" + "0" * 20))).status_code == 404


@pytest.mark.parametrize("key", [None, "", " ", "x" * 129, "a b"])
async def test_without_a_key_that_can_be_kept_nothing_is_taken(api, bench, key):
    assert (await ask(api, body_for(await bench.group()), key=key)).status_code == 422
    assert await commands(bench) == []


async def test_s09_only_who_may_send_sends(api, bench):
    chat = await bench.group()
    assert (await ask(api, body_for(chat), who=READ)).status_code == 403
    assert (await get(api, who=SEND)).status_code == 403
    assert (await api.post("/v1/messages:send", json=body_for(chat))).status_code == 401
    assert (await api.get("/v1/deliveries")).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"chat_id": {"$gt": ""}},
        {"chat_id": "c_" + "1" * 20 + "\n"},
        {"chat_id": None},
        {"text": ""},
        {"text": "क" * 4097},
        {"text": {"$ne": 1}},
        {"send_class": "urgent"},
        {"send_class": "unknown"},
        {"not_after": "2026-11-23T04:30:00"},
        {"not_after": "9999-12-31T23:59:59+00:00"},
        {"mentions": ["919000000101"]},
        {"choices": [{"id": "x", "title": "क" * 25}]},
        {"file": {"kind": "image", "link": "http://169.254.169.254/"}},
        {"file": {"kind": "image", "link": "file:///etc/passwd"}},
        {"$where": "1"},
        {"poll": [""]},
    ],
)
async def test_s04_hostile_input_is_refused(api, bench, change):
    answer = await ask(api, body_for(await bench.group()) | change)
    assert answer.status_code == 422
    assert await commands(bench) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff", b"[" * 10_000])
async def test_s03_what_is_no_request_is_refused(api, bench, body):
    assert (await ask(api, body)).status_code in {400, 422}
    assert await commands(bench) == []


async def test_s05_a_lone_surrogate_is_refused_and_odd_text_is_kept(api, bench):
    chat = await bench.group()
    raw = json.dumps(body_for(chat)).replace("7", "\\ud800").encode()
    assert (await ask(api, raw)).status_code in {400, 422}
    odd = "\u202eabc\u200d👩\u200d🌾 {0.__class__} %s\x1b[31m"
    assert (await ask(api, body_for(chat, text=odd))).status_code == 202
    (command,) = await commands(bench)
    assert command.data.text == odd


async def test_x07_why_did_nobody_get_the_reminder(api, bench):
    chat, other = await bench.direct(), await bench.direct()
    await bench.hears(chat, "stop")
    for each in (chat, other):
        await bench.outbound.act(bench.message(each, SendClass.REMINDER))
    late = bench.message(chat)
    bench.clock.advance(dt.timedelta(hours=1))
    await bench.outbound.act(late)
    answer = (await get(api, f"?chat_id={chat}&state=failed&reason=opted_out")).json()
    (line,) = answer["deliveries"]
    assert (line["chat_id"], line["reason"], line["send_class"]) == (chat, "opted_out", "reminder")
    assert (line["what"], line["state"], answer["next"]) == ("message.send", "failed", None)
    of_chat = (await get(api, f"?chat_id={chat}")).json()["deliveries"]
    assert [each["reason"] for each in of_chat] == ["expired", "opted_out"]
    assert "said stop" in line["explanation"]
    assert (line["attempts"], line["attempted_at"]) == (0, None)
    reminders = (await get(api, f"?chat_id={chat}&send_class=reminder")).json()["deliveries"]
    assert reminders == [line]
    everything = (await get(api, "?state=accepted")).json()["deliveries"]
    assert other in {each["chat_id"] for each in everything}


async def test_pages_follow_each_other_the_newest_first(api, bench):
    chat = await bench.group()
    sent = []
    for number in range(7):
        command = bench.message(chat)
        await bench.outbound.act(command)
        sent.append(command.id)
        if number % 2:
            bench.clock.advance(SECOND)
    found: list[str] = []
    after = ""
    for _ in range(4):
        page = (await get(api, f"?chat_id={chat}&limit=2{after}")).json()
        found += [each["send_id"] for each in page["deliveries"]]
        after = f"&after={page['next']}"
        assert (page["next"] is None) == (len(found) == 7)
    assert len(found) == len(set(found)) == 7
    assert set(found) == set(sent)
    assert found[0] == sent[-1]


@pytest.mark.parametrize(
    "query",
    [
        "?chat_id=x",
        "?chat_id[$ne]=x&chat_id=%24ne",
        "?state=lost",
        "?reason=$where",
        "?send_class=unknown",
        "?stage=failed",
        "?member_id=919000000101",
        "?chat=c_00000000000000000000",
        "?after=x",
        "?after=e30=",
        "?after=MjAyNi0xMS0yM1QwNDozMDowMA==",
        "?after=" + "a" * 257,
        "?limit=0",
        "?limit=101",
        "?limit=x",
    ],
)
async def test_s04_a_question_that_makes_no_sense_is_refused(api, query):
    assert (await get(api, query)).status_code == 422


async def test_what_one_member_alone_is_to_read_is_handed_in_as_that(api, bench):
    member, _ = await bench.person()
    answer = await ask(api, body_for(await bench.group(), member_id=member, aloud=True))
    assert answer.status_code == 202
    (command,) = await commands(bench)
    assert (command.data.member_id, command.data.aloud) == (member, True)


@pytest.mark.parametrize("fields", [{"aloud": True}, {"member_id": "919000000101"}, {"aloud": "loud"}])
async def test_s04_what_is_for_nobody_in_particular_cannot_be_said_aloud(api, bench, fields):
    assert (await ask(api, body_for(await bench.group(), **fields))).status_code == 422
    assert await commands(bench) == []


async def test_what_was_meant_for_a_member_is_found_by_the_chat_and_by_the_member(api, bench):
    chat, (member, _) = await bench.group(), await bench.person()
    for whom in ({}, {"member_id": member}):
        await bench.outbound.act(bench.message(chat, **whom))
    of_chat = (await get(api, f"?chat_id={chat}")).json()["deliveries"]
    (line,) = (await get(api, f"?member_id={member}")).json()["deliveries"]
    assert line in of_chat
    assert (line["member_id"], line["went_to"], line["aloud"]) == (member, None, False)
    assert line["reason"] == "no_private_way"
    assert "never written" in line["explanation"]
    assert [each["member_id"] for each in of_chat if each != line] == [None]
