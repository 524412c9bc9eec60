"""Routes that are asked for so often that what FastAPI puts around each would be felt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.http import problems
from shared.http.app import DEFAULT_MAX_BODY_BYTES, create_app
from shared.http.limits import BodyLimit, Observed


class DirectRoute(APIRoute):
    """A route that hands its endpoint the request and the path's parameters, as text, and nothing else.

    It spares the resolution of dependencies and the stacks that close them, which for a webhook cost as much
    as reading it. Errors are answered by the application around it.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
        super().__init__(path, endpoint, **more)
        self.app = self.answer

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request that this route has been found for."""
        request = _Request(scope, receive, send)
        answer: Response = await self.endpoint(request=request, **scope["path_params"])
        await answer(scope, receive, send)


class _Request(Request):
    """A request whose body comes without the generators that would hand it out piece by piece."""

    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            self._body = await _whole(self.receive)
        return self._body


async def _whole(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


class _Table(Router):
    """Finds the route of what is asked for every time; anything else is the business of Starlette's router.

    That one lets every route describe how far it matches, which for a webhook costs as much as its signature.
    """

    def __init__(self, routes: Sequence[DirectRoute]) -> None:
        super().__init__(routes)
        self._direct = [(route.path_regex, route.methods or set(), route) for route in routes]

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for path, methods, route in self._direct:
                if scope["method"] in methods and (found := path.match(scope["path"])):
                    scope["route"], scope["path_params"] = route, found.groupdict()
                    await route.answer(scope, receive, send)
                    return
        await super().app(scope, receive, send)


def public_app(name: str, *routers: APIRouter, max_body_bytes: int = DEFAULT_MAX_BODY_BYTES) -> ASGIApp:
    """Return the application of a public listener, which tells strangers nothing of its routes.

    A router of `DirectRoute`s alone has all below its prefix to itself, in an application of Starlette with
    the limits, errors, ids and metrics of every other one. FastAPI's own stack, which such routes have no use
    for, costs a webhook 11 µs.

    Args:
        name: labels the metrics.
        routers: the routes.
        max_body_bytes: the largest body it reads.
    """
    direct = [router for router in routers if router.prefix and _is_direct(router)]
    others = [router for router in routers if router not in direct]
    rest = create_app(name, "", *others, max_body_bytes=max_body_bytes, documented=False)
    if not direct:
        return rest
    straight = Starlette()
    straight.router = _Table(
        [route for router in direct for route in router.routes if _is_direct_route(route)]
    )
    problems.answer_errors(straight)
    straight.add_middleware(BodyLimit, limit=max_body_bytes)
    straight.add_middleware(Observed, name=name)
    below = tuple(f"{router.prefix}/" for router in direct)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and scope["path"].startswith(below)
        await (straight if asked else rest)(scope, receive, send)

    return app


def _is_direct(router: APIRouter) -> bool:
    return all(_is_direct_route(route) for route in router.routes)


def _is_direct_route(route: BaseRoute) -> TypeGuard[DirectRoute]:
    return isinstance(route, DirectRoute)
