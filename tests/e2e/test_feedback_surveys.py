"""An anonymous survey, from the question to its results: nothing leads from an answer to a person."""

from __future__ import annotations

import datetime as dt
import io
import logging
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any, cast
from urllib.parse import quote, urlencode

import pytest
from bson import encode

from services.feedback.domain.surveys.tickets import Tickets
from shared.contracts.topics import TOPICS
from shared.observability.logs import configure
from shared.store.client import connect
from tests.support.desk import Desk
from tests.support.platform import Platform, running

NAMES = ("सुनीता", "Ravi", "Meena", "Asha", "Kiran", "Farhan")
SECRET = "अगली बार कम बोलें, ज़्यादा दिखाएँ %d"
FORM = {"content-type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def log_output() -> Iterator[io.StringIO]:
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    stream = io.StringIO()
    configure("debug", "json", stream)
    yield stream
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Desk()


@pytest.fixture(scope="module")
async def platform(mongo_url: str, log_output: io.StringIO, desk: Desk) -> AsyncIterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        async with running(mongo_url, patch, desk.recipe) as started:
            yield started


async def opened(platform: Platform, subject: str, key: str, **more: Any) -> tuple[dict[str, Any], str]:
    """Open a survey in a new group, and return it with the group's chat at the simulator."""
    group, phones = await platform.group(subject, *NAMES)
    for phone in phones:
        await platform.reply(group, await platform.say(group, phone, "!सुझाव"))
    answer = await platform.internal.get("/gateway/v1/chats", headers=platform.headers())
    chat = next(each["chat_id"] for each in answer.json()["chats"] if each["subject"] == subject)
    body = {
        "chat_id": chat,
        "question": "हम क्या बेहतर करें?",
        "closes_at": (dt.datetime.now(dt.UTC) + dt.timedelta(days=3)).isoformat(),
        **more,
    }
    made = await platform.internal.post(
        "/feedback/v1/surveys", json=body, headers=platform.headers() | {"Idempotency-Key": key}
    )
    assert made.status_code == 201, made.text
    return made.json(), group


async def links(mongo_url: str, survey: dict[str, Any]) -> list[str]:
    """Return the paths by which members answer, as whoever holds the store and its secret can make them."""
    client = connect(mongo_url, application="tests")
    store = client[f"{os.environ['MONGO_DATABASE_PREFIX']}_feedback"]
    secret, kept = await store["secrets"].find_one(), await store["surveys"].find_one(survey["survey_id"])
    await client.close()
    assert secret is not None
    assert kept is not None
    tickets = Tickets(cast("bytes", secret["value"]))
    name = quote(survey["survey_id"], safe="")
    return [
        f"/answer/{name}/{tickets.ticket(survey['survey_id'], each)}"
        for each in cast("list[str]", kept["invited"])
    ]


async def test_b10_05_an_answer_is_found_in_one_place_alone_and_leads_to_nobody(
    platform: Platform, mongo_url: str, log_output: io.StringIO, desk: Desk
):
    survey, group = await opened(platform, "राय सभा", "texts", kind="text")
    paths = await links(mongo_url, survey)
    assert len(paths) == survey["asked"] == len(NAMES)
    page = await platform.public.get(paths[0], params={"lang": "en"})
    assert page.status_code == 200
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "<textarea" in page.text
    for at, path in enumerate(paths[:5]):
        body = urlencode({"text": SECRET % at})
        sent = await platform.public.post(path, content=body, headers=FORM)
        assert sent.status_code == 200, sent.text
    again = await platform.public.post(paths[0], content=urlencode({"text": "और"}), headers=FORM)
    assert again.status_code == 409
    other = paths[0][:-8] + "aaaaaaaa"
    assert (await platform.public.get(other)).status_code == 404

    name = f"surveys/{quote(survey['survey_id'], safe='')}"
    early = await platform.internal.get(f"/feedback/v1/{name}/results", headers=platform.headers())
    assert early.status_code == 409
    closed = await platform.internal.post(f"/feedback/v1/{name}:close", headers=platform.headers())
    assert closed.status_code == 200, closed.text
    results = (await platform.internal.get(f"/feedback/v1/{name}/results", headers=platform.headers())).json()
    assert results["n"] == 5
    assert results["texts"] == sorted(SECRET % at for at in range(5))
    await platform.until(
        group, lambda messages: any("हम क्या बेहतर" in (each["text"] or "") for each in messages)
    )

    client = connect(mongo_url, application="tests")
    prefix = os.environ["MONGO_DATABASE_PREFIX"]
    holding: list[tuple[str, str]] = []
    kept = b""
    for database in await client.list_database_names():
        if not database.startswith(prefix):
            continue
        for collection in await client[database].list_collection_names():
            async for each in client[database][collection].find():
                document = encode(each)
                if (SECRET % 0).encode() in document:
                    holding.append((database.removeprefix(f"{prefix}_"), collection))
                    kept += document
    await client.close()
    assert holding == [("feedback", "responses")]
    assert b"m_" not in kept
    for path in paths:
        assert path.rsplit("/", 1)[1].encode() not in kept
    assert SECRET % 0 not in log_output.getvalue()
    seen = 0
    for topic in TOPICS:
        async for records in desk.logs[0].browse(topic.name):
            seen += len(records)
            assert all((SECRET % 0).encode() not in each.value for each in records)
    assert seen > len(NAMES)


async def test_b10_05_of_four_answers_only_their_number_is_shown(platform: Platform, mongo_url: str):
    survey, group = await opened(platform, "अंक सभा", "nps", kind="nps", question="सुझाएँगे?")
    paths = await links(mongo_url, survey)
    for at, path in enumerate(paths[:4]):
        page = await platform.public.get(path)
        assert page.text.count('name="value"') == 11
        wrong = await platform.public.post(path, content="value=11", headers=FORM)
        assert wrong.status_code == 422
        sent = await platform.public.post(path, content=f"value={7 + at}", headers=FORM)
        assert sent.status_code == 200
    name = f"surveys/{quote(survey['survey_id'], safe='')}"
    await platform.internal.post(f"/feedback/v1/{name}:close", headers=platform.headers())
    results = (await platform.internal.get(f"/feedback/v1/{name}/results", headers=platform.headers())).json()
    assert (results["n"], results["needed"], results["standing"]) == (4, 5, "hidden")
    assert (results["score"], results["groups"], results["options"]) == (None, {}, [])
    await platform.until(
        group, lambda messages: any("अभी पर्याप्त जवाब नहीं (4/5)" in (each["text"] or "") for each in messages)
    )
    assert (await platform.public.get(paths[4])).text.count("<form") == 0
