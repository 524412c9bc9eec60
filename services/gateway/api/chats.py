"""The gateway's REST API: which chats there are, and whose they are."""

from __future__ import annotations

import zoneinfo
from typing import Annotated, Any, Final, Literal, Protocol, TypeAlias

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from services.gateway.api.ids import ChatPath
from services.gateway.domain.chat import Chat, Configuration
from shared.errors import NotFound
from shared.http.app import requires
from shared.http.etags import IfMatch, etag, version_in
from shared.http.paging import NEXT, Paged
from shared.i18n import Language

READ = "gateway:read"
WRITE = "chats:write"

ZONES = zoneinfo.available_timezones()

CommunityName: TypeAlias = Annotated[str, StringConstraints(pattern="^[a-z0-9][a-z0-9_-]{0,63}$")]

EXAMPLE: Final[dict[str, Any]] = {
    "chat_id": "c_4f1d0c9be2a7d3581f06",
    "account": "main",
    "channel": "cloud_api",
    "kind": "group",
    "subject": "SEO सीखें",
    "community": "seo-batch-7",
    "language": "hi",
    "zone": "Asia/Kolkata",
    "capabilities": ["files", "pin", "replies", "text"],
}


class Chats(Protocol):
    """Where the API finds chats."""

    async def page(self, after: str | None, limit: int, **equal: str) -> list[Chat]:
        """Return up to `limit` chats behind `after` that have what `equal` says."""
        ...

    async def find(self, chat_id: str) -> Chat | None:
        """Return what is told of a chat now."""
        ...

    async def configure(
        self, chat_id: str, configuration: Configuration, revision: int | None = None
    ) -> Chat | None:
        """Set what an operator says about a chat, and tell of it, unless it is at another revision."""
        ...


class ChatView(BaseModel):
    """A chat, without any address."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    chat_id: str
    account: str = Field(description="The WhatsApp account through which we are in it.")
    channel: str = Field(description="The provider of that account.")
    kind: str = Field(description="group or direct")
    subject: str | None = Field(description="What the group is called, where the provider has said so.")
    community: str | None = Field(description="The community it belongs to.")
    language: str | None = Field(description="What is spoken in it; null: the language of the installation.")
    zone: str | None = Field(description="Its time zone; null: that of the installation.")
    capabilities: list[str] = Field(description="What the channel can do there.")


class ChatPage(BaseModel):
    """Some chats, and where to go on."""

    chats: list[ChatView]
    next: str | None = Field(description=NEXT)


class ChatQuery(Paged):
    """Which chats; all that is said must fit."""

    community: CommunityName | None = Field(None, description="Those of one community.")
    account: str | None = Field(None, min_length=1, max_length=64, description="Those of one account.")
    kind: Literal["group", "direct"] | None = Field(None, description="Groups, or chats with one person.")
    after: str | None = Field(None, pattern="^c_[0-9a-f]{20}$", description="`next` of the page before.")


class ChatSettings(BaseModel):
    """What an operator says about a chat, whole: what is left out is unset."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"community": "seo-batch-7", "language": "hi", "zone": "Asia/Kolkata"}]
        },
    )

    community: CommunityName | None = Field(None, description="Letters, digits, - and _, in lower case.")
    language: Language | None = None
    zone: str | None = Field(None, max_length=64, description="As the IANA names it.")

    @field_validator("language", mode="before")
    @classmethod
    def _by_its_tag(cls, value: object) -> object:
        # The enum itself reads many spellings as the nearest language; a setting has to be one.
        if value is not None and value not in [str(each) for each in Language]:
            raise ValueError("one of " + ", ".join(Language))
        return value

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None and value not in ZONES:
            raise ValueError("no time zone of this name is known")
        return value


def chat_router(chats: Chats) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1", tags=["gateway"])
    may_read, may_write = Depends(requires(READ)), Depends(requires(WRITE))

    @router.get("/chats", summary="The chats this installation is in", dependencies=[may_read])
    async def list_chats(
        wanted: Annotated[ChatQuery, Query()],
    ) -> ChatPage:
        equal = wanted.model_dump(include={"community", "account", "kind"}, exclude_none=True)
        found = await chats.page(wanted.after, wanted.limit + 1, **equal)
        page = found[: wanted.limit]
        return ChatPage(
            chats=[chat_view(each) for each in page],
            next=page[-1].chat_id if len(found) > wanted.limit else None,
        )

    @router.get("/chats/{chat_id}", summary="One chat", dependencies=[may_read])
    async def get_chat(chat_id: ChatPath, response: Response) -> ChatView:
        return _tagged(await chats.find(chat_id), response)

    @router.put("/chats/{chat_id}", summary="Say whose a chat is and how it speaks", dependencies=[may_write])
    async def put_chat(
        chat_id: ChatPath, given: ChatSettings, response: Response, if_match: IfMatch = None
    ) -> ChatView:
        configuration = Configuration(
            community=given.community,
            language=str(given.language) if given.language else None,
            zone=given.zone,
        )
        return _tagged(await chats.configure(chat_id, configuration, version_in(if_match)), response)

    return router


def chat_view(chat: Chat) -> ChatView:
    """Return what is shown of a chat."""
    return ChatView(
        chat_id=chat.chat_id,
        account=chat.account,
        channel=chat.channel,
        kind=chat.kind,
        subject=chat.subject,
        community=chat.configuration.community,
        language=chat.configuration.language,
        zone=chat.configuration.zone,
        capabilities=list(chat.capabilities),
    )


def _tagged(chat: Chat | None, response: Response) -> ChatView:
    if chat is None:
        raise NotFound("There is no such chat.")
    response.headers["ETag"] = etag(chat.revision)
    return chat_view(chat)
