"""Where providers deliver: one address per account."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from starlette.responses import PlainTextResponse

from services.gateway.channels.contract import Channel
from services.gateway.ingest import Ingest
from shared.errors import DependencyAway, Forbidden, NotFound, TooLarge, Unauthenticated
from shared.http.direct import DirectRoute
from shared.observability.metrics import WEBHOOKS_REFUSED


def webhook_router(channels: Mapping[str, Channel], ingest: Ingest) -> APIRouter:
    """Return the routes of the public listener.

    An answer of 200 means that everything in the webhook is on the log; anything else makes the provider
    deliver it again.
    """
    router = APIRouter(prefix="/webhooks/whatsapp", tags=["webhooks"], route_class=DirectRoute)

    @router.get("/{account}", summary="Subscription handshake", response_class=PlainTextResponse)
    async def handshake(account: str, request: Request) -> Response:
        challenge = _channel(channels, account).handshake(request.query_params)
        if challenge is None:
            raise Forbidden("The verify token is not the one of this account.")
        return PlainTextResponse(challenge)

    @router.post(
        "/{account}",
        summary="Signed events of a provider",
        response_class=Response,
        openapi_extra={
            "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}
        },
    )
    async def deliver(account: str, request: Request) -> Response:
        channel = _channel(channels, account)
        try:
            # The signature covers the bytes as they arrived: nothing may parse the body before it is checked.
            body = await request.body()
        except TooLarge:
            WEBHOOKS_REFUSED.labels(channel.name, "size").inc()
            raise
        if not channel.authentic(body, request.headers):
            WEBHOOKS_REFUSED.labels(channel.name, "signature").inc()
            raise Unauthenticated("The signature is missing or wrong.")
        try:
            await ingest.accept(channel, account, body)
        except DependencyAway as error:
            WEBHOOKS_REFUSED.labels(channel.name, error.code).inc()
            raise
        return Response(status_code=200)

    return router


def _channel(channels: Mapping[str, Channel], account: str) -> Channel:
    try:
        return channels[account]
    except KeyError:
        WEBHOOKS_REFUSED.labels("unknown", "account").inc()
        raise NotFound("There is no such account.") from None
