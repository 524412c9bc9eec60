"""The files of members, fetched from their provider the moment somebody asks."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.gateway.media import Download, MediaBroken
from shared.http.app import requires
from shared.tasks import end

READ = "media:read"

UNKNOWN_TYPE = "application/octet-stream"

_OFFICE = "application/vnd.openxmlformats-officedocument"
ENDINGS = {
    "application/msword": ".doc",
    "application/pdf": ".pdf",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    f"{_OFFICE}.presentationml.presentation": ".pptx",
    f"{_OFFICE}.spreadsheetml.sheet": ".xlsx",
    f"{_OFFICE}.wordprocessingml.document": ".docx",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "text/plain": ".txt",
    "video/3gpp": ".3gp",
    "video/mp4": ".mp4",
}
"""What is called by its name: what WhatsApp takes. A browser runs none of it; HTML and SVG are not here."""


class Opener(Protocol):
    """Where the API finds files."""

    async def open(self, message_id: str) -> Download:
        """Return the file of a message, on its way."""
        ...


class FileResponse(Response):
    """Hands a file through, piece by piece, no faster than it is read."""

    def __init__(self, download: Download, name: str) -> None:
        declared = download.mime_type or ""
        kind = declared if declared in ENDINGS else UNKNOWN_TYPE
        self._download = download
        headers = {
            "content-type": kind,
            # What members send is shown in no page of this origin, whatever it claims to be.
            "content-disposition": f'attachment; filename="{name}{ENDINGS.get(kind, "")}"',
            "x-content-type-options": "nosniff",
            "content-security-policy": "default-src 'none'; sandbox",
            "cache-control": "private, no-store",
        }
        if download.length is not None:
            headers["content-length"] = str(download.length)
        self.status_code = 200
        self.background = None
        self.raw_headers = [(key.encode(), value.encode()) for key, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the file. One that breaks off is not ended: the server then closes the connection."""
        del scope
        left = asyncio.create_task(_leaves(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async with contextlib.aclosing(self._download.chunks()) as pieces:
                async for piece in pieces:
                    if left.done():
                        # Nobody reads on; the server takes what is sent and says nothing.
                        return
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except MediaBroken:
            return
        finally:
            await end(left)
            await self._download.aclose()


async def _leaves(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def media_router(media: Opener) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/v1", tags=["gateway"], dependencies=[Depends(requires(READ))])

    @router.get(
        "/media/{message_id}",
        summary="The file of a message, from its provider",
        response_class=Response,
        responses={
            200: {
                "description": "The file. One that breaks off, or is not the one announced, ends early.",
                "content": {UNKNOWN_TYPE: {"schema": {"type": "string", "format": "binary"}}},
            },
        },
    )
    async def get_media(
        message_id: Annotated[
            str,
            Path(description="The id of the `message.received`.", pattern=r"^[0-9a-f-]{36}$"),
        ],
    ) -> Response:
        return FileResponse(await media.open(message_id), message_id)

    return router
