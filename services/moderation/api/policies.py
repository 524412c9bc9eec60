"""Policies by REST: read, publish, return to an earlier one, copy, export, import and compare."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Final, Protocol, TypeAlias

from fastapi import APIRouter, Depends, Header, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.moderation.api.scopes import ScopeName, ScopePath, inner, outer
from services.moderation.domain.judging.judge import Detectors
from services.moderation.domain.policy.difference import differences
from services.moderation.domain.policy.document import DEFAULT, Document, Policy
from services.moderation.domain.policy.publishing import Publishing, copy, publish, rollback
from services.moderation.domain.policy.regression import Regression
from services.moderation.domain.room import Room
from services.moderation.domain.scopes import chat_of, community_of, version_key
from services.moderation.policies import PolicySubject
from shared.decision import Decision
from shared.errors import Invalid, NotFound
from shared.http.app import requires
from shared.http.etags import IfMatch, etag, version_in
from shared.http.keys import Actor
from shared.i18n import Language
from shared.replies import Speaker
from shared.stream.desk import Desk

READ, WRITE = "policies:read", "policies:write"

FORMAT: Final = 1
"""Of exported documents; another shape gets another number."""
PAGE: Final = 50
NEWEST: Final = 2**31

Writer: TypeAlias = Annotated[Actor, Depends(requires(WRITE))]
Format: TypeAlias = Annotated[
    int | None, Header(alias="Policy-Format", description="Of an exported document; only 1 is known.")
]
Force: TypeAlias = Annotated[
    bool, Query(description="Publish although it would hit again what was found to be fine.")
]
Version: TypeAlias = Annotated[int, Query(ge=0, le=NEWEST, description="0: the built-in rules.")]
Decide: TypeAlias = Callable[[Publishing, dt.datetime], Decision[Publishing]]


class Versions(Protocol):
    """Where published policies are found."""

    async def find(self, key: str) -> Policy | None:
        """Return the version under `<scope>|<version>`."""
        ...

    async def page(self, scope: str, before: int | None, limit: int) -> list[Policy]:
        """Return versions of a scope's policy, the newest first."""
        ...


class Rooms(Protocol):
    """Where chats are found."""

    async def find(self, key: str) -> Room | None:
        """Return a chat."""
        ...

    async def of_community(self, community: str) -> list[Room]:
        """Return the chats of a community."""
        ...


class Examples(Protocol):
    """Where examples of what is fine are found."""

    async def of_scope(self, scope: str) -> list[Regression]:
        """Return the examples that a scope's policies are held against."""
        ...


class PolicyView(BaseModel):
    """A version of a policy."""

    scope: str
    version: int
    document: Document
    changed_by: str
    changed_at: AwareDatetime
    note: str | None = Field(description="Where the document came from, if from another version or scope.")


class PolicyPage(BaseModel):
    """Some versions, the newest first, and where to go on."""

    versions: list[PolicyView]
    next: int | None = Field(description="Pass it as `before` to get the next page; null on the last one.")


class Rollback(BaseModel):
    """An earlier version that is to hold again."""

    model_config = ConfigDict(extra="forbid")

    version: int = Field(ge=1, le=NEWEST)


class Copy(BaseModel):
    """Where a policy is to hold too."""

    model_config = ConfigDict(extra="forbid")

    to: ScopeName


class DiffView(BaseModel):
    """What is different between two versions, a line for each thing."""

    changes: list[str]


class Publisher:
    """Finds what a decision about a policy has to be made on, and has it made."""

    def __init__(self, desk: Desk[Publishing], versions: Versions, rooms: Rooms, examples: Examples) -> None:
        self._desk = desk
        self._versions = versions
        self._rooms = rooms
        self._examples = examples

    async def version(self, scope: str, version: int | None) -> Policy | None:
        """Return a version of a scope's own policy, the newest where none is named."""
        if version is not None:
            return await self._versions.find(version_key(scope, version))
        return next(iter(await self._versions.page(scope, None, 1)), None)

    async def existing(self, scope: str, version: int | None) -> Policy:
        """Return a version of a scope's own policy, the newest where none is named; 0 is the built-in one.

        Raises:
            NotFound: there is none.
            StoreUnavailable: the database does not answer.
        """
        policy = DEFAULT if version == 0 else await self.version(scope, version)
        if policy is None:
            raise NotFound("There are no rules of its own in this version.")
        return policy

    async def publish(self, scope: str, decide: Decide, version: int | None = None) -> Policy:
        """Return the scope's policy after `decide`.

        Raises:
            Rejected: whatever `decide` raises.
            StoreUnavailable: the database does not answer.
        """
        community, chat_id = community_of(scope), chat_of(scope)
        rooms = await self._rooms.of_community(community) if community else []
        room = await self._rooms.find(chat_id) if chat_id else None
        examples = await self._examples.of_scope(room.scope if room else scope)
        subject = PolicySubject(
            scope, version, tuple(each.chat_id for each in rooms), tuple(each.case for each in examples)
        )
        state = await self._desk.decide(subject, decide)
        if state.policy is None:
            raise NotFound("There are no rules of its own.")
        return state.policy


def policy_router(
    publisher: Publisher, versions: Versions, detectors: Detectors, speaker: Speaker
) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/policies", tags=["policies"])
    _reading(router, publisher, versions, detectors, speaker)
    _publishing(router, publisher, detectors)
    return router


def _reading(
    router: APIRouter, publisher: Publisher, versions: Versions, detectors: Detectors, speaker: Speaker
) -> None:
    reading = [Depends(requires(READ))]
    existing = publisher.existing

    @router.get("/{scope}/versions", summary="All versions of a policy", dependencies=reading)
    async def get_versions(
        scope: ScopePath,
        before: Annotated[
            int | None, Query(ge=1, le=NEWEST, description="`next` of the page before.")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    ) -> PolicyPage:
        found = await versions.page(inner(scope), before, limit + 1)
        following = found[limit - 1].version if len(found) > limit else None
        return PolicyPage(versions=[_view(inner(scope), each) for each in found[:limit]], next=following)

    @router.get("/{scope}:export", summary="A policy as a document, to be imported", dependencies=reading)
    async def get_export(
        scope: ScopePath,
        response: Response,
        version: Annotated[int | None, Query(ge=0, le=NEWEST)] = None,
    ) -> Document:
        policy = await existing(inner(scope), version)
        response.headers["ETag"] = etag(policy.version)
        response.headers["Policy-Format"] = str(FORMAT)
        return policy.document

    @router.get("/{scope}:diff", summary="What is different between two versions", dependencies=reading)
    async def get_diff(
        scope: ScopePath,
        before: Annotated[Version, Query(alias="from")],
        after: Annotated[Version, Query(alias="to")],
        language: Language = Language.EN,
    ) -> DiffView:
        old, new = await existing(inner(scope), before), await existing(inner(scope), after)
        found = differences(old.document, new.document, language, detectors=detectors)
        return DiffView(changes=[speaker.text(each, language) for each in found])

    @router.get("/{scope}", summary="The policy of a chat or a community", dependencies=reading)
    async def get_policy(
        scope: ScopePath,
        response: Response,
        version: Annotated[int | None, Query(ge=1, le=NEWEST, description="An earlier version.")] = None,
    ) -> PolicyView:
        policy = await existing(inner(scope), version)
        response.headers["ETag"] = etag(policy.version)
        return _view(inner(scope), policy)


def _publishing(router: APIRouter, publisher: Publisher, detectors: Detectors) -> None:
    @router.put("/{scope}", summary="Put a policy into force, or import one")
    async def put_policy(  # noqa: PLR0917 - what a request may carry
        scope: ScopePath,
        body: Document,
        response: Response,
        actor: Writer,
        if_match: IfMatch = None,
        policy_format: Format = None,
        *,
        force: Force = False,
    ) -> PolicyView:
        if policy_format not in {None, FORMAT}:
            raise Invalid(f"This installation reads policies of format {FORMAT}.")
        expected = version_in(if_match)

        def decide(state: Publishing, now: dt.datetime) -> Decision[Publishing]:
            return publish(
                state,
                body,
                detectors=detectors,
                actor=actor.id,
                expected_version=expected,
                now=now,
                force=force,
            )

        return _answer(response, scope, await publisher.publish(inner(scope), decide))

    @router.post("/{scope}:rollback", summary="Return to an earlier version")
    async def post_rollback(
        scope: ScopePath,
        body: Rollback,
        response: Response,
        actor: Writer,
        if_match: IfMatch = None,
        *,
        force: Force = False,
    ) -> PolicyView:
        expected = version_in(if_match)

        def decide(state: Publishing, now: dt.datetime) -> Decision[Publishing]:
            return rollback(
                state,
                body.version,
                detectors=detectors,
                actor=actor.id,
                expected_version=expected,
                now=now,
                force=force,
            )

        return _answer(response, scope, await publisher.publish(inner(scope), decide, body.version))

    @router.post("/{scope}:copy", summary="Put a policy into force elsewhere too")
    async def post_copy(
        scope: ScopePath,
        body: Copy,
        response: Response,
        actor: Writer,
        if_match: IfMatch = None,
        *,
        force: Force = False,
    ) -> PolicyView:
        source = await publisher.existing(inner(scope), None)
        expected = version_in(if_match)

        def decide(state: Publishing, now: dt.datetime) -> Decision[Publishing]:
            return copy(
                state,
                scope,
                source,
                detectors=detectors,
                actor=actor.id,
                expected_version=expected,
                now=now,
                force=force,
            )

        return _answer(response, body.to, await publisher.publish(inner(body.to), decide))


def _answer(response: Response, scope: str, policy: Policy) -> PolicyView:
    response.headers["ETag"] = etag(policy.version)
    return _view(scope, policy)


def _view(scope: str, policy: Policy) -> PolicyView:
    return PolicyView(
        scope=outer(scope),
        version=policy.version,
        document=policy.document,
        changed_by=policy.changed_by,
        changed_at=policy.changed_at,
        note=policy.note,
    )
