"""The one factory every HTTP application of the platform comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp

from shared.clock import Clock, SystemClock
from shared.errors import Unauthenticated
from shared.http import problems
from shared.http.keys import Actor, KeyRing
from shared.http.limits import BodyLimit, Observed
from shared.observability.health import Health
from shared.observability.metrics import REGISTRY

DEFAULT_MAX_BODY_BYTES = 4 * 1024 * 1024

_bearer = HTTPBearer(auto_error=False, description="An API key: key_<id>_<secret>")


def create_app(
    name: str,
    summary: str,
    *routers: APIRouter,
    keys: KeyRing | None = None,
    clock: Clock | None = None,
    max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
    documented: bool = True,
) -> FastAPI:
    """Return an application that serves `routers` with problem documents, limits, request ids and metrics.

    Args:
        name: the service; it labels the metrics and titles the documentation.
        summary: one line for the documentation page.
        routers: the routes.
        keys: the API keys it accepts; without them every guarded route answers 401.
        clock: what tells whether a key has expired.
        max_body_bytes: the largest body it reads.
        documented: serve `/docs` and `/openapi.json`; the public listener tells strangers nothing.
    """
    app = _application(documented)(
        title=f"Chaupal {name}", summary=summary, version="1", responses=problems.RESPONSES
    )
    app.state.keys = keys or KeyRing()
    app.state.clock = clock or SystemClock()
    problems.install(app)
    for router in routers:
        app.include_router(router)
    app.add_middleware(BodyLimit, limit=max_body_bytes)
    app.add_middleware(Observed, name=name)
    return app


def _application(documented: bool) -> Callable[..., FastAPI]:  # noqa: FBT001
    # The pages of plain FastAPI are empty where a browser cannot reach the internet.
    return FastAPIOffline if documented else partial(FastAPI, docs_url=None, redoc_url=None, openapi_url=None)


def requires(scope: str) -> Callable[..., Actor]:
    """Return a dependency that passes only requests with a key that holds `scope`, and says whose it is."""

    def authenticate(
        response: Response,
        given: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
        guard: Annotated[tuple[KeyRing, dt.date], Depends(_guard)],
    ) -> Actor:
        response.headers["Cache-Control"] = "no-store"
        if given is None:
            raise Unauthenticated("This needs an API key in the header Authorization: Bearer key_….")
        keys, today = guard
        actor = keys.authenticate(given.credentials, today)
        actor.must(scope)
        return actor

    return authenticate


def _guard(request: Request) -> tuple[KeyRing, dt.date]:
    return request.app.state.keys, request.app.state.clock.now().date()


def health_router(health: Health) -> APIRouter:
    """Return `/livez` and `/readyz`: 200 or 503 with what is wrong."""
    router = APIRouter(tags=["health"])

    @router.get("/livez", summary="Whether the process's loops go round")
    async def livez() -> JSONResponse:
        return _report(health.alive())

    @router.get("/readyz", summary="Whether the process can do its work")
    async def readyz() -> JSONResponse:
        return _report(health.unready())

    return router


def operations_app(
    name: str, health: Health, services: Mapping[str, ASGIApp], max_body_bytes: int
) -> FastAPI:
    """Return the internal listener: health, metrics, and each service's REST API under its own name."""
    router = APIRouter(tags=["operations"])

    @router.get("/metrics", summary="Prometheus metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    app = create_app(
        name,
        "Health and metrics of one process.",
        router,
        health_router(health),
        max_body_bytes=max_body_bytes,
    )
    for path, service in services.items():
        app.mount(f"/{path}", service)
    return app


def _report(problems_by_name: Mapping[str, str]) -> JSONResponse:
    status = 503 if problems_by_name else 200
    return JSONResponse(
        {"status": "failing" if problems_by_name else "ok", "problems": dict(problems_by_name)}, status
    )
