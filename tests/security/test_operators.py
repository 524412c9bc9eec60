"""Operators of the database in whatever a stranger or an operator can write: they are text, nothing more."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote

import pytest

from shared.store.client import Database, connect
from tests.security.conftest import Installation
from tests.security.payloads import text, webhook

CANARY = "canary4711"
OPERATORS = [
    f'{{"$gt":"{CANARY}"}}',
    f'{{"$where":"{CANARY}"}}',
    f"$where:{CANARY}",
    f"{CANARY}.$ne",
    f"'||'{CANARY}'=='{CANARY}",
    f"{CANARY}\x00$ne",
    f"[$regex]{CANARY}",
    f"__proto__.{CANARY}",
]
WRITING = {"post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
async def profiled(installation: Installation, mongo_url: str) -> AsyncIterator[list[Database]]:
    """Let the database write down every command while the module runs."""
    client = connect(mongo_url, application="tests")
    prefix = installation.platform.process._settings.mongo_database_prefix
    databases = [client[f"{prefix}_{service}"] for service in ("gateway", "moderation")]
    for each in databases:
        await each.command("profile", 2)
    yield databases
    for each in databases:
        await each.command("profile", 0)
    await client.close()


def _filled(path: str, value: str) -> str:
    return re.sub(r"\{\w+\}", lambda _: quote(value, safe=""), path)


async def _operations(installation: Installation) -> list[tuple[str, str, dict[str, Any]]]:
    found = []
    for service in ("gateway", "moderation"):
        for path, item in (await installation.document(service))["paths"].items():
            found += [(method, f"/{service}{path}", operation) for method, operation in item.items()]
    return found


@pytest.mark.parametrize("operator", OPERATORS, ids=ascii)
async def test_an_operator_in_a_path_a_query_or_a_body_is_no_operator(
    installation: Installation, profiled: list[Database], operator: str
):
    for method, path, operation in await _operations(installation):
        names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
        query = [(name, operator) for name in names] + [(f"{name}[$gt]", CANARY) for name in names]
        headers = {"if-match": operator.replace("\x00", "%00"), "x-request-id": CANARY}
        bodies = (
            [{"$gt": operator}, {operator: {"$ne": CANARY}}, [operator], operator]
            if method in WRITING
            else [None]
        )
        for body in bodies:
            answer = await installation.ask(
                method.upper(), _filled(path, operator), params=query, json=body, headers=headers
            )
            # Nobody and nothing is called so; a list is empty or the question is refused.
            assert answer.status_code in {200, 400, 404, 405, 409, 412, 422, 428}, (method, path, answer.text)
            assert "canary" not in answer.text or answer.status_code in {404, 409, 422}, (method, path)
    await _nothing_was_an_operator(profiled)


@pytest.mark.parametrize("operator", OPERATORS, ids=ascii)
async def test_an_operator_that_a_member_writes_is_text(
    installation: Installation, profiled: list[Database], operator: str
):
    platform = installation.platform
    group, (asha, _) = await platform.group(operator[:100].replace("\x00", " "), "आशा", "Ravi")
    contacts = [{"profile": {"name": operator}, "wa_id": asha, operator: {"$ne": ""}}]
    messages = [
        text(asha, operator, group, **{"$where": operator, operator: {"$gt": ""}}),
        text(operator, operator),
        {**text(asha, "x", group), "id": operator},
        {**text(asha, "x"), "group_id": operator},
        {**text(asha, "x", group), "context": {"id": operator, "from": operator}},
        {**text(asha, "x", group), "id": {"$gt": CANARY}},
        {**text(asha, "x", group), "from": {"$ne": CANARY}},
        text(asha, f"!नियम {operator}", group),
    ]
    body = webhook(*messages, contacts=contacts, **{operator: [{"$gt": CANARY}]})
    assert (await installation.deliver(body)).status_code == 200
    replies = await platform.until(group, lambda all_: any(each["from"] == "bot" for each in all_))
    assert len([each for each in replies if each["from"] == "bot"]) == 1
    await _nothing_was_an_operator(profiled)


async def _nothing_was_an_operator(databases: list[Database]) -> None:
    looked_at = 0
    for each in databases:
        async for entry in each["system.profile"].find():
            looked_at += 1
            for name, value in _named(entry.get("command", {})):
                if name.startswith("$"):
                    assert CANARY not in name, name
                    assert not isinstance(value, str) or name == "$eq" or CANARY not in value, (name, value)
                    assert name not in {"$where", "$function", "$accumulator"}
    assert looked_at


def _named(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every key of a command; what is written is a value, whatever it looks like."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in {"documents", "$db", "$clusterTime"}:
                yield str(name), inner
                yield from _named(inner)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)


async def test_the_profiler_would_have_seen_one(profiled: list[Database]):
    await profiled[0]["nothing"].find_one({"field": {"$gt": CANARY}})
    with pytest.raises(AssertionError):
        await _nothing_was_an_operator(profiled[:1])
    await profiled[0].command("profile", 0)
    await profiled[0]["system.profile"].drop()
    await profiled[0].command("profile", 2)


def test_the_operators_are_hostile_json_too():
    assert json.loads(OPERATORS[0]) == {"$gt": CANARY}
