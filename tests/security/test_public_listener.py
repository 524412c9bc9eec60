"""Who can reach the public listener reaches webhooks and health, and nothing an operator uses."""

from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from deploy.docs.wiring import wired
from shared.http.app import operations_app
from shared.observability.health import Health
from tests.security.conftest import Installation

OPEN_TO_ALL = {"/livez", "/readyz"}
FURTHER = [
    *("/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect", "/static-offline-docs/swagger-ui.css"),
    *("/metrics", "/metrics/", "//metrics", "/METRICS", "/webhooks", "/webhooks/whatsapp", "/admin", "/.env"),
]


async def internal_routes() -> set[tuple[str, str]]:
    """Return method and path of everything the internal listener serves, as its applications say."""
    async with wired() as services:
        operations = operations_app("internal", Health(), {}, 1024)
        found = set(_routes(operations, "")) | {
            route
            for each in services
            if each.name != "simulator"
            for route in _routes(each.api, f"/{each.name}")
        }
    return {(method, path) for method, path in found if path not in OPEN_TO_ALL}


def _routes(app: FastAPI, prefix: str) -> list[tuple[str, str]]:
    found = []
    for context in iter_route_contexts(app.routes):
        path = getattr(context.route, "path", None)
        methods = getattr(context.route, "methods", None) or ()
        if isinstance(context.route, APIRoute) or path:
            whole = getattr(context, "path", path) or path
            found += [(method, f"{prefix}{whole}") for method in methods]
    return found


def _filled(path: str) -> str:
    # A dead letter's id has a shape of its own; anything else there is no route at all.
    values = {"{letter_id}": "0-17"}
    return re.sub(r"\{\w+\}", lambda name: values.get(name[0], "c_00000000000000000000"), path)


async def test_no_route_of_the_internal_listener_is_on_the_public_one(installation: Installation):
    routes = await internal_routes()
    assert len(routes) > 40
    assert {service for _, path in routes for service in [path.split("/")[1]]} >= {
        "gateway",
        "moderation",
        "metrics",
    }
    headers = {"authorization": f"Bearer {installation.key}"}
    for method, path in sorted(routes):
        for asked in (_filled(path), _filled(path).removeprefix("/gateway").removeprefix("/moderation")):
            if asked in OPEN_TO_ALL:
                continue
            answer = await installation.platform.public.request(method, asked, headers=headers)
            assert answer.status_code == 404, (method, asked)


@pytest.mark.parametrize("path", FURTHER)
async def test_nothing_else_is_told_to_strangers(installation: Installation, path: str):
    answer = await installation.platform.public.get(path)
    assert answer.status_code == 404
    assert "chaupal" not in answer.text.replace("urn:chaupal:problem:not_found", "").lower()


async def test_no_webhook_is_taken_on_the_internal_listener(installation: Installation):
    answer = await installation.platform.internal.post("/webhooks/whatsapp/demo", content=b"{}")
    assert answer.status_code == 404


async def test_every_operation_of_a_service_needs_a_key(installation: Installation):
    asked = 0
    for service in ("gateway", "moderation"):
        for path, operations in (await installation.document(service))["paths"].items():
            for method in operations:
                for headers in ({}, {"authorization": "Bearer key_nobody_" + "0" * 43}):
                    answer = await installation.platform.internal.request(
                        method.upper(), f"/{service}{_filled(path)}", headers=headers, json={}
                    )
                    assert answer.status_code == 401, (method, path)
                asked += 1
    assert asked > 20
