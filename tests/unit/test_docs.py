"""The generated documentation: up to date, complete, and true."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from fastapi import FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from pydantic_settings import BaseSettings

from deploy.docs import __main__ as command
from deploy.docs import configuration, pages
from deploy.docs.wiring import recipes, wired
from services.gateway.settings import CloudApiAccount, GatewaySettings, WahaAccount
from shared.contracts.schemas import DEAD_LETTER_HEADERS
from shared.contracts.topics import TOPICS
from shared.errors import Undecodable
from shared.http.app import create_app
from shared.http.problems import MEDIA_TYPE
from shared.log.record import Record
from shared.settings import SharedSettings, environment_names, load
from shared.stream.dead_letter import dead_letter

CLASSES = configuration.classes_of([recipe.settings for recipe in recipes()])
METHODS = {"get", "put", "post", "delete", "patch"}


@pytest.fixture
async def generated() -> dict[str, str]:
    return await pages.pages()


@pytest.fixture
def asyncapi() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((pages.ROOT / "docs/asyncapi.yaml").read_text("utf-8"))
    return document


async def test_docs_are_up_to_date(generated: dict[str, str]) -> None:
    assert pages.outdated(generated) == [], "`make docs` writes them again"


async def test_docs_come_out_the_same_each_time(generated: dict[str, str]) -> None:
    assert await pages.pages() == generated


async def test_what_is_not_up_to_date_is_named_and_written(generated: dict[str, str], tmp_path: Path) -> None:
    assert sorted(pages.write(generated, tmp_path)) == sorted(generated)
    assert pages.outdated(generated, tmp_path) == []
    (tmp_path / ".env.example").write_text("stale")
    (tmp_path / "docs/configuration.md").unlink()
    (tmp_path / "docs/openapi/forgotten.json").write_text("{}")
    stale = {".env.example", "docs/configuration.md", "docs/openapi/forgotten.json"}
    assert set(pages.outdated(generated, tmp_path)) == stale
    assert set(pages.write(generated, tmp_path)) == stale
    assert pages.outdated(generated, tmp_path) == []


class TestCommand:
    @pytest.fixture(autouse=True)
    def one_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def one_page() -> dict[str, str]:
            return {".env.example": "made"}

        monkeypatch.setattr(pages, "pages", one_page)
        monkeypatch.setattr(command, "configure", lambda *_: None)

    def test_check_fails_and_names_the_file(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        assert command.main(["--check"], tmp_path) == 1
        assert ".env.example" in capsys.readouterr().err
        assert not (tmp_path / ".env.example").exists()

    def test_writing_makes_the_check_pass(self, tmp_path: Path) -> None:
        assert command.main([], tmp_path) == 0
        assert (tmp_path / ".env.example").read_text() == "made"
        assert command.main(["--check"], tmp_path) == 0

    def test_a_release_holds_later_schemas_to_the_current_ones(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert command.main(["--release"], tmp_path) == 0
        released = {each.stem for each in (tmp_path / pages.RELEASED).glob("*.json")}
        assert released == pages.schemas().keys()
        monkeypatch.setattr(pages, "schemas", dict)
        assert command.main(["--check"], tmp_path) == 1
        assert command.main(["--release"], tmp_path) == 1
        assert "message.send.v1: data: the schema is gone" in capsys.readouterr().err


# --- AsyncAPI ---


def test_asyncapi_refers_to_nothing_that_is_missing(asyncapi: dict[str, Any]) -> None:
    for reference in _references(asyncapi):
        at: Any = asyncapi
        for step in reference.removeprefix("#/").split("/"):
            assert step in at, reference
            at = at[step]


def test_asyncapi_has_every_topic_as_the_registry_says(asyncapi: dict[str, Any]) -> None:
    assert list(asyncapi["channels"]) == [topic.name for topic in TOPICS]
    for topic in TOPICS:
        channel = asyncapi["channels"][topic.name]
        kafka = channel["bindings"]["kafka"]
        assert kafka["partitions"] == topic.partitions
        assert kafka["topicConfiguration"]["retention.ms"] == topic.retention / dt.timedelta(milliseconds=1)
        assert channel["x-private"] is topic.private
        assert channel["messages"]


def test_asyncapi_says_who_reads_what(asyncapi: dict[str, Any]) -> None:
    reading = {name for name, each in asyncapi["operations"].items() if each["action"] == "receive"}
    assert {"receive.moderation.gateway.inbound.v1", "receive.gateway.sender.gateway.outbound.v1"} <= reading


def test_the_examples_in_asyncapi_fit_the_schemas_beside_them(asyncapi: dict[str, Any]) -> None:
    shown = 0
    for message in asyncapi["components"]["messages"].values():
        for example in message.get("examples", ()):
            payload = {**message["payload"], "components": asyncapi["components"]}
            jsonschema.Draft7Validator(payload).validate(example["payload"])
            jsonschema.Draft7Validator(message["headers"]).validate(example["headers"])
            shown += 1
    assert shown >= len(pages.schemas())


def test_the_headers_of_a_dead_letter_are_those_documented() -> None:
    record = Record("t", 0, 0, b"", b"", {})
    aside = dead_letter(record, "gateway", "c", Undecodable("No."), now=dt.datetime.now(dt.UTC))
    assert set(aside.headers) == set(DEAD_LETTER_HEADERS)


# --- OpenAPI ---


async def test_every_route_has_a_summary() -> None:
    async with wired() as services:
        apps = [service.api for service in services]
        apps += [create_app(service.name, "", *service.public) for service in services if service.public]
    routes = [route for app in apps for route in _routes(app)]
    assert len(routes) > 5
    assert [route.path for route in routes if not route.summary] == []


def test_every_operation_answers_errors_with_problem_documents() -> None:
    operations = list(_operations())
    assert len(operations) > 5
    for path, operation in operations:
        content = operation["responses"]["default"]["content"]
        assert content == {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}, path


def test_openapi_refers_to_nothing_that_is_missing() -> None:
    for document in _openapi():
        for reference in _references(document):
            assert reference.rpartition("/")[2] in document["components"]["schemas"]


def test_operation_ids_are_unique() -> None:
    for document in _openapi():
        ids = [
            operation["operationId"]
            for item in document["paths"].values()
            for method, operation in item.items()
            if method in METHODS
        ]
        assert len(ids) == len(set(ids))


def test_what_needs_a_key_says_so() -> None:
    secured = {path for path, operation in _operations() if operation.get("security")}
    assert {"/v1/chats", "/v1/policies/{scope}"} <= secured
    assert "/webhooks/whatsapp/{account}" not in secured


# --- Settings ---


@pytest.mark.parametrize("settings", [*CLASSES, CloudApiAccount, WahaAccount])
def test_every_setting_has_a_description(settings: type[BaseSettings]) -> None:
    assert [name for name, field in settings.model_fields.items() if not field.description] == []


def test_the_page_has_every_setting_once() -> None:
    page = (pages.ROOT / "docs/configuration.md").read_text("utf-8")
    for settings in CLASSES:
        for name in environment_names(settings):
            assert page.count(f"| `{name}` |") == 1


def test_no_default_of_a_secret_is_shown() -> None:
    secret = SharedSettings.model_fields["mongo_url"].default.get_secret_value()
    for path in ("docs/configuration.md", ".env.example"):
        text = (pages.ROOT / path).read_text("utf-8")
        assert secret not in text
        assert "SecretStr" not in text
        assert "**" not in text


def test_everything_in_env_example_is_commented_out() -> None:
    lines = (pages.ROOT / ".env.example").read_text("utf-8").splitlines()
    assert all(not line or line.startswith("#") for line in lines)


def test_env_example_with_everything_uncommented_is_what_holds_anyway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {name for settings in CLASSES for name in environment_names(settings)}
    for name in names:
        monkeypatch.delenv(name, raising=False)
    lines = (pages.ROOT / ".env.example").read_text("utf-8").splitlines()
    assigned = [line.removeprefix("# ") for line in lines if line[2:].partition("=")[0] in names]
    assert len(assigned) == len(names)
    dotenv = tmp_path / ".env"
    dotenv.write_text("\n".join(each for each in assigned if not each.endswith("=")), "utf-8")
    for settings in (SharedSettings, GatewaySettings):
        others = [each for each in CLASSES if each is not settings]
        loaded = load(settings, *others, dotenv=dotenv)
        plain = load(settings, *others, dotenv=tmp_path / "none")
        assert loaded.model_dump(exclude={"api_keys"}) == plain.model_dump(exclude={"api_keys"})


def _openapi() -> list[dict[str, Any]]:
    folder = pages.ROOT / "docs/openapi"
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for document in _openapi():
        for path, item in document["paths"].items():
            yield from ((path, operation) for method, operation in item.items() if method in METHODS)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference
        for each in value.values():
            yield from _references(each)
    elif isinstance(value, list):
        for each in value:
            yield from _references(each)


def _routes(app: FastAPI) -> list[RouteContext]:
    found = iter_route_contexts(app.routes)
    return [each for each in found if isinstance(each.route, APIRoute) and each.include_in_schema]
