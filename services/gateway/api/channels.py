"""The gateway's REST API about its accounts: what each can do, and whether its provider lets it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.gateway.api.chats import READ
from services.gateway.domain.line import Line
from services.gateway.domain.troubles import SCAN_QR, advice
from shared.errors import NotFound
from shared.http.app import requires


class Lines(Protocol):
    """Where the API finds accounts."""

    async def all(self) -> Sequence[Line]:
        """Return every account, by name."""
        ...


class ChannelView(BaseModel):
    """One account at its provider."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "account": "large",
                    "channel": "waha",
                    "state": "down",
                    "since": "2026-11-05T09:14:40Z",
                    "reason": SCAN_QR,
                    "explanation": advice(SCAN_QR),
                    "slowed_until": None,
                    "probed_at": "2026-11-05T09:12:00Z",
                    "webhook_at": "2026-11-05T09:14:31Z",
                    "accepted_at": "2026-11-05T09:14:32Z",
                    "capabilities": {"direct": ["choices", "text"], "group": ["pin", "text"]},
                }
            ]
        }
    )

    account: str
    channel: str = Field(description="The provider.")
    state: str = Field(
        description="up; down, where the provider refuses the account and its messages wait; or unknown."
    )
    since: AwareDatetime | None = Field(description="Since when it is so.")
    reason: str | None = Field(
        description="The code of why it is down, or of why it sends less than it could; null: all is well."
    )
    explanation: str | None = Field(description="The reason in a sentence, and what to do about it.")
    slowed_until: AwareDatetime | None = Field(description="Until when it sends less than it could.")
    probed_at: AwareDatetime | None = Field(description="When it last answered for the account.")
    webhook_at: AwareDatetime | None = Field(description="When a signed webhook last came.")
    accepted_at: AwareDatetime | None = Field(description="When it last took a message.")
    capabilities: dict[str, list[str]] = Field(description="What it can do, by kind of chat.")


class ChannelPage(BaseModel):
    """All accounts."""

    channels: list[ChannelView]


def channel_router(lines: Lines) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/channels", tags=["channels"], dependencies=[Depends(requires(READ))])

    @router.get("", summary="The accounts of this installation")
    async def list_channels() -> ChannelPage:
        return ChannelPage(channels=[_view(each) for each in await lines.all()])

    @router.get("/{account}", summary="One account")
    async def get_channel(account: Annotated[str, Path(max_length=128)]) -> ChannelView:
        found = next((each for each in await lines.all() if each.account == account), None)
        if found is None:
            raise NotFound("There is no such account.")
        return _view(found)

    return router


def _view(line: Line) -> ChannelView:
    return ChannelView(
        account=line.account,
        channel=line.channel,
        state="unknown" if line.up is None else "up" if line.up else "down",
        since=line.since,
        reason=line.trouble,
        explanation=advice(line.trouble),
        slowed_until=line.slowed_until,
        probed_at=line.probed_at,
        webhook_at=line.webhook_at,
        accepted_at=line.accepted_at,
        capabilities={kind: list(each) for kind, each in line.capabilities.items()},
    )
