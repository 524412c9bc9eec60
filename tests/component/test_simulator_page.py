from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.component.test_simulator_api import Gateway, Simulator, new_prefix, running_simulator


@pytest.fixture
async def simulator(mongo_url: str) -> AsyncIterator[Simulator]:
    async with running_simulator(mongo_url, new_prefix(), Gateway()) as running:
        yield running


async def test_other_sites_may_not_act(simulator: Simulator):
    foreign = {"sec-fetch-site": "cross-site"}
    assert (await simulator.http.post("/simulator/v1/reset", headers=foreign)).status_code == 403


async def test_the_page_lets_nothing_foreign_in(simulator: Simulator):
    page = await simulator.http.get("/simulator/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in page.text.replace("http-equiv", "")
    for inline in ("style=", "onclick", "<style", "<script>"):
        assert inline not in page.text
    unchanged = await simulator.http.get("/simulator/", headers={"if-none-match": page.headers["etag"]})
    assert unchanged.status_code == 304
    assert (
        (await simulator.http.get("/simulator/app.js")).headers["content-type"].startswith("text/javascript")
    )
    assert (await simulator.http.get("/simulator/settings.py")).status_code == 404
    assert (await simulator.http.get("/simulator")).headers["location"] == "simulator/"
