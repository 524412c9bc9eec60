"""Moderation's REST API: the rules of each chat."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from services.moderation.domain.policy import MAX_RULES, MAX_TEXT, Conduct, Policy, Rule, decide_publish
from shared.errors import Invalid, NotFound
from shared.http.app import requires
from shared.http.keys import Actor
from shared.i18n import Language
from shared.stream.desk import Desk

READ, WRITE = "policies:read", "policies:write"

MAX_DIGITS = 10
"""Of a version in If-Match: far above any, and far below what Python refuses to read as a number."""

ChatId = Annotated[str, Path(pattern=r"^c_[0-9a-f]{20}$", description="A chat, from GET /gateway/v1/chats.")]
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class Policies(Protocol):
    """Where published rules are found."""

    async def policy(self, chat_id: str, version: int | None) -> Policy | None:
        """Return a version of a chat's rules, the newest where none is named."""
        ...


class PolicyBody(BaseModel):
    """The rules to put into force."""

    model_config = ConfigDict(extra="forbid")

    language: Language = Field(description="The chat's language; every rule needs a text in it.")
    rules: list[dict[Language, Text]] = Field(
        min_length=1,
        max_length=MAX_RULES,
        description="Each rule by language.",
        examples=[[{"hi": "विषय पर रहें।", "en": "Stay on topic."}]],
    )


class PolicyView(BaseModel):
    """A version of the rules of a chat."""

    chat_id: str
    version: int
    language: Language
    rules: list[dict[Language, str]]
    changed_by: str
    changed_at: dt.datetime


def policy_router(policies: Policies, desk: Desk[Conduct]) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/policies", tags=["policies"])

    @router.get("/{chat_id}", summary="The rules of a chat", dependencies=[Depends(requires(READ))])
    async def get_policy(
        chat_id: ChatId,
        response: Response,
        version: Annotated[int | None, Query(ge=1, le=2**31, description="An earlier version.")] = None,
    ) -> PolicyView:
        policy = await policies.policy(chat_id, version)
        if policy is None:
            raise NotFound("This chat has no rules of its own in this version.")
        return _view(chat_id, policy, response)

    @router.put("/{chat_id}", summary="Put rules into force")
    async def put_policy(
        chat_id: ChatId,
        body: PolicyBody,
        response: Response,
        actor: Annotated[Actor, Depends(requires(WRITE))],
        if_match: Annotated[
            str | None,
            Header(description="The ETag of the version this replaces; refused if another came between."),
        ] = None,
    ) -> PolicyView:
        rules = tuple(Rule({str(language): text for language, text in rule.items()}) for rule in body.rules)
        expected = _expected(if_match)
        conduct = await desk.decide(
            chat_id,
            lambda state, now: decide_publish(
                state,
                language=str(body.language),
                rules=rules,
                actor=actor.id,
                expected_version=expected,
                now=now,
            ),
        )
        if conduct.policy is None:
            raise NotFound("This chat has no rules.")
        return _view(chat_id, conduct.policy, response)

    return router


def _expected(if_match: str | None) -> int | None:
    if if_match is None:
        return None
    version = if_match.strip().removeprefix("W/").strip('"')
    if not version.isascii() or not version.isdigit() or len(version) > MAX_DIGITS:
        raise Invalid('If-Match takes the ETag of a version, such as "3".')
    return int(version)


def _view(chat_id: str, policy: Policy, response: Response) -> PolicyView:
    response.headers["ETag"] = f'"{policy.version}"'
    return PolicyView(
        chat_id=chat_id,
        version=policy.version,
        language=Language(policy.language),
        rules=[{Language(language): text for language, text in rule.texts.items()} for rule in policy.rules],
        changed_by=policy.changed_by,
        changed_at=policy.changed_at,
    )
