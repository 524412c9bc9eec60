"""The gateway's REST API about people: who is in a group, and who is the same person as whom."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.gateway.api.chats import READ
from services.gateway.api.ids import ChatPath, MemberPath
from services.gateway.domain.chat import Chat
from services.gateway.domain.items import AddressKind
from services.gateway.domain.person import Acquaintance, Person, Suggestion
from services.gateway.domain.roster import Membership
from shared.errors import NotFound
from shared.http.app import requires
from shared.http.keys import Actor
from shared.http.paging import NEXT, Paged

WRITE = "members:write"
_PAIR = "^m_[0-9a-f]{20}[|]m_[0-9a-f]{20}$"


class Merges(Protocol):
    """Where the API finds people, and says who is the same."""

    async def person(self, member_id: str) -> Person | None:
        """Return a member with all who have been merged into them."""
        ...

    async def preview(self, member_id: str, merged_id: str) -> tuple[Person, Person]:
        """Return both sides of a merge that may be made."""
        ...

    async def merge(self, member_id: str, merged_id: str, by: str) -> None:
        """Make `merged_id` a part of `member_id`."""
        ...

    async def unmerge(self, member_id: str, merged_id: str, by: str) -> None:
        """Make `merged_id` a member of their own again."""
        ...

    async def suggested(self, after: str | None, limit: int) -> list[Suggestion]:
        """Return up to `limit` pairs who may be one, behind the pair `after`."""
        ...

    async def survivors(self, member_ids: Sequence[str]) -> Mapping[str, str]:
        """Return to whom each of `member_ids` leads."""
        ...


class People(Protocol):
    """Where the API looks through members."""

    async def page(self, chat_id: str | None, after: str | None, limit: int) -> list[Acquaintance]:
        """Return up to `limit` members, of one chat where one is named, behind `after`."""
        ...


class Memberships(Protocol):
    """Where the API finds who is in a group."""

    async def page(self, chat_id: str, after: str | None, limit: int) -> list[Membership]:
        """Return up to `limit` members who are in a group, behind `after`."""
        ...


class Chats(Protocol):
    """Where the API finds chats."""

    async def find(self, chat_id: str) -> Chat | None:
        """Return what is told of a chat now."""
        ...


class MembershipQuery(Paged):
    """Which members of a group."""

    after: str | None = Field(None, pattern="^m_[0-9a-f]{20}$", description="`next` of the page before.")


class MemberQuery(Paged):
    """Which members."""

    chat_id: str | None = Field(
        None,
        pattern="^c_[0-9a-f]{20}$",
        description="Those who are in a group, or the one of a direct chat, from GET /gateway/v1/chats.",
    )
    after: str | None = Field(None, pattern="^m_[0-9a-f]{20}$", description="`next` of the page before.")


class SuggestionQuery(Paged):
    """Which suggestions."""

    after: str | None = Field(None, pattern=_PAIR, description="`next` of the page before.")


class MemberView(BaseModel):
    """A member in a list, without any address."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"member_id": "m_9a3c51e07bd24f6812aa", "kinds": ["phone", "bsuid"], "merged_into": None}
            ]
        }
    )

    member_id: str
    kinds: list[AddressKind] = Field(description="One for each address they are known by.")
    merged_into: str | None = Field(description="Whose part they are, where they have been merged.")


class MemberPage(BaseModel):
    """Some members, and where to go on."""

    members: list[MemberView]
    next: str | None = Field(description=NEXT)


class PersonView(BaseModel):
    """A member, without any address."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "member_id": "m_9a3c51e07bd24f6812aa",
                    "kinds": ["phone", "bsuid"],
                    "chats": ["c_4f1d0c9be2a7d3581f06"],
                    "deliveries": 12,
                    "merged_into": None,
                    "merged": [],
                }
            ]
        }
    )

    member_id: str
    kinds: list[AddressKind] = Field(description="One for each address they are known by.")
    chats: list[str] = Field(description="Direct chats with them and groups they are in; at most 500.")
    deliveries: int = Field(description="Messages sent to their direct chats that are still remembered.")
    merged_into: str | None = Field(description="Whose part they are, where they have been merged.")
    merged: list[str] = Field(description="Who has been merged into them.")


class MergePreview(BaseModel):
    """What two members are before they become one."""

    survivor: PersonView
    merged: PersonView


class Other(BaseModel):
    """The other one of two members."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"merged_id": "m_0c77d1f59e3b4a26d8e1"}]}
    )

    merged_id: Annotated[str, StringConstraints(pattern="^m_[0-9a-f]{20}$")] = Field(
        description="Who becomes a part, or was one."
    )


class SuggestionView(BaseModel):
    """Two members who may be one: something named one person by an address of each."""

    members: list[str] = Field(
        description="As they are now: who was merged since stands for who they became."
    )
    times: int = Field(description="How often it was met.")
    since: AwareDatetime


class SuggestionPage(BaseModel):
    """Some suggestions, and where to go on."""

    suggestions: list[SuggestionView]
    next: str | None = Field(description=NEXT)


class MembershipView(BaseModel):
    """Somebody who is in a group."""

    member_id: str
    admin: bool
    joined_at: AwareDatetime | None = Field(description="Null where nobody has seen them come.")


class MembershipPage(BaseModel):
    """Some members of a group, and where to go on."""

    members: list[MembershipView]
    next: str | None = Field(description=NEXT)


def member_router(
    chats: Chats,
    memberships: Memberships,
    people: People,
    merges: Merges,
    forget: Callable[[], Awaitable[None]],
) -> APIRouter:
    """Return the routes.

    Args:
        chats: where chats are found.
        memberships: who is in which group.
        people: whom this installation knows.
        merges: who is the same person as whom.
        forget: makes this process forget what it knows of addresses; the others do so within seconds.
    """
    router = APIRouter(prefix="/v1", tags=["members"])
    may_read = Depends(requires(READ))

    @router.get("/chats/{chat_id}/members", summary="Who is in a group", dependencies=[may_read])
    async def list_members(
        chat_id: ChatPath,
        wanted: Annotated[MembershipQuery, Query()],
    ) -> MembershipPage:
        if await chats.find(chat_id) is None:
            raise NotFound("There is no such chat.")
        found = await memberships.page(chat_id, wanted.after, wanted.limit + 1)
        page = found[: wanted.limit]
        survivors = await merges.survivors([each.member_id for each in page])
        shown: dict[str, MembershipView] = {}
        for each in page:
            member_id = survivors[each.member_id]
            before = shown.get(member_id)
            admin = each.admin or (before is not None and before.admin)
            shown[member_id] = MembershipView(member_id=member_id, admin=admin, joined_at=each.joined_at)
        last = page[-1].member_id if len(found) > wanted.limit else None
        return MembershipPage(members=list(shown.values()), next=last)

    @router.get("/members", summary="Whom this installation knows", dependencies=[may_read])
    async def list_people(wanted: Annotated[MemberQuery, Query()]) -> MemberPage:
        found = await people.page(wanted.chat_id, wanted.after, wanted.limit + 1)
        page = found[: wanted.limit]
        survivors = await merges.survivors([each.member_id for each in page])
        return MemberPage(
            members=[_listed(each, survivors[each.member_id]) for each in page],
            next=page[-1].member_id if len(found) > wanted.limit else None,
        )

    @router.get("/members/suggested-merges", summary="Members who may be one person", dependencies=[may_read])
    async def list_suggestions(
        wanted: Annotated[SuggestionQuery, Query()],
    ) -> SuggestionPage:
        found = await merges.suggested(wanted.after, wanted.limit + 1)
        page = found[: wanted.limit]
        survivors = await merges.survivors([member for each in page for member in each.members])
        now = [(each, sorted({survivors[member] for member in each.members})) for each in page]
        return SuggestionPage(
            suggestions=[
                SuggestionView(members=members, times=each.times, since=each.since)
                for each, members in now
                if len(members) > 1
            ],
            next="|".join(page[-1].members) if len(found) > wanted.limit else None,
        )

    @router.get("/members/{member_id}", summary="One member", dependencies=[may_read])
    async def get_member(member_id: MemberPath) -> PersonView:
        return await _person(merges, member_id)

    @router.post(
        "/members/{member_id}/merge-preview",
        summary="What would become one",
        dependencies=[Depends(requires(WRITE))],
    )
    async def preview_merge(member_id: MemberPath, other: Other) -> MergePreview:
        survivor, merged = await merges.preview(member_id, other.merged_id)
        return MergePreview(survivor=_view(survivor), merged=_view(merged))

    @router.post("/members/{member_id}/merge", summary="Make two members one")
    async def merge(
        member_id: MemberPath, other: Other, actor: Annotated[Actor, Depends(requires(WRITE))]
    ) -> PersonView:
        await merges.merge(member_id, other.merged_id, actor.id)
        await forget()
        return await _person(merges, member_id)

    @router.post("/members/{member_id}/unmerge", summary="Take a merge back")
    async def unmerge(
        member_id: MemberPath, other: Other, actor: Annotated[Actor, Depends(requires(WRITE))]
    ) -> PersonView:
        await merges.unmerge(member_id, other.merged_id, actor.id)
        await forget()
        return await _person(merges, member_id)

    return router


async def _person(merges: Merges, member_id: str) -> PersonView:
    found = await merges.person(member_id)
    if found is None:
        raise NotFound("There is no such member.")
    return _view(found)


def _listed(member: Acquaintance, survivor: str) -> MemberView:
    merged_into = survivor if survivor != member.member_id else None
    return MemberView(member_id=member.member_id, kinds=list(member.kinds), merged_into=merged_into)


def _view(person: Person) -> PersonView:
    return PersonView(
        member_id=person.member_id,
        kinds=list(person.kinds),
        chats=list(person.chats),
        deliveries=person.deliveries,
        merged_into=person.merged_into,
        merged=list(person.merged),
    )
