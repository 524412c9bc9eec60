"""Serves the chat page: a handful of files, read once, with a policy that lets nothing foreign in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from shared.errors import NotFound

PAGE = Path(__file__).parents[1] / "page"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'"
    ),
    "cache-control": "no-cache",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    type: str
    etag: str

    @classmethod
    def read(cls, path: Path) -> _File:
        body = path.read_bytes()
        return cls(body, _TYPES[path.suffix], f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def page_router(page: Path = PAGE) -> APIRouter:
    """Return the routes of the chat page at `/simulator/`."""
    files = {each.name: _File.read(each) for each in page.iterdir() if each.suffix in _TYPES}
    router = APIRouter(prefix="/simulator", tags=["page"], include_in_schema=False)

    @router.get("")
    async def without_slash() -> Response:
        return RedirectResponse("simulator/")

    @router.get("/")
    async def index(request: Request) -> Response:
        return _serve(request, files["index.html"])

    @router.get("/{name}")
    async def file(request: Request, name: str) -> Response:
        found = files.get(name)
        if found is None:
            raise NotFound("There is no such page.")
        return _serve(request, found)

    return router


def _serve(request: Request, file: _File) -> Response:
    headers = {**_HEADERS, "etag": file.etag}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    return Response(file.body, headers=headers, media_type=file.type)
