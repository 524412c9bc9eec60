"""OpenAPI documents: what each service serves on the internal and on the public listener."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from shared.http.app import create_app, operations_app
from shared.observability.health import Health
from shared.service import Service
from shared.settings import SharedSettings

OPERATIONS = "operations"
_DEFAULTS = SharedSettings.model_fields
_HOST = _DEFAULTS["host"].default
PUBLIC = f"http://{_HOST}:{_DEFAULTS['public_port'].default}"
INTERNAL = f"http://{_HOST}:{_DEFAULTS['internal_port'].default}"


def documents(services: Iterable[Service]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name and document of each of `services`, and of what every process serves beside them."""
    for service in services:
        document = _with_servers(service.api.openapi(), f"{INTERNAL}/{service.name}", "internal listener")
        if service.public:
            public = create_app(service.name, "", *service.public).openapi()
            _merge(document, _with_servers(public, PUBLIC, "public listener"))
        yield service.name, document
    operations = operations_app(OPERATIONS, Health(), {}, _DEFAULTS["max_body_bytes"].default)
    yield OPERATIONS, _with_servers(operations.openapi(), INTERNAL, "internal listener")


def _with_servers(document: dict[str, Any], url: str, what: str) -> dict[str, Any]:
    # At the path and not at the top: one service has paths on two listeners.
    server = {"url": url, "description": f"The {what}, at its default address."}
    paths = {path: {"servers": [server], **item} for path, item in document["paths"].items()}
    return {**document, "paths": paths}


def _merge(document: dict[str, Any], other: Mapping[str, Any]) -> None:
    for path, item in other["paths"].items():
        if path in document["paths"]:
            raise ValueError(f"{path} is served on both listeners and cannot be told apart.")
        document["paths"][path] = item
    for kind, components in other.get("components", {}).items():
        document.setdefault("components", {}).setdefault(kind, {}).update(components)
