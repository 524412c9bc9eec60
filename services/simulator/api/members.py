"""The script API for what members do to what was said, and to groups."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from services.simulator.api.requests import (
    Answering,
    Editing,
    Joining,
    NewNumber,
    Phone,
    Pressing,
    Regrouping,
    Voting,
    Who,
)
from services.simulator.domain import afterthoughts, ids, roster
from services.simulator.domain.people import Member, is_bridged, other_side
from services.simulator.simulation import Simulation
from services.simulator.views import FileView, GroupView, MemberView, MessageView
from shared.errors import Invalid, NotFound

SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif"})
"""What a browser may show as it is; anything else is a download."""


def add_member_routes(router: APIRouter, simulation: Simulation) -> None:
    """Add the routes to `router`."""
    _afterthoughts(router, simulation)
    _groups(router, simulation)
    _admins(router, simulation)
    _files(router, simulation)


def _afterthoughts(router: APIRouter, simulation: Simulation) -> None:
    world = simulation.world

    def where(chat: str, author: str | None) -> tuple[str, str]:
        if chat not in world.groups:
            return world.key(chat), author or other_side(world.key(chat))
        if author is None:
            raise Invalid("In a group, `from` says who it is.")
        return chat, author

    @router.patch("/chats/{chat}/messages/{message}", tags=["chats"], summary="Edit a message as its author")
    async def edit(chat: str, message: str, body: Editing) -> MessageView:
        place, who = where(chat, body.author)
        await simulation.act(
            place,
            lambda new, at: afterthoughts.edit(world, place, who, message, body.text, message_id=new, at=at),
            who,
        )
        return MessageView.of(world.messages[message])

    @router.delete(
        "/chats/{chat}/messages/{message}",
        tags=["chats"],
        summary="Delete a message for everyone, as its author; with WAHA, also as an admin",
    )
    async def revoke(
        chat: str, message: str, author: Annotated[Phone | None, Query(alias="from")] = None
    ) -> MessageView:
        place, who = where(chat, author)
        await simulation.act(
            place,
            lambda new, at: afterthoughts.revoke(world, place, who, message, message_id=new, at=at),
            who,
        )
        return MessageView.of(world.messages[message])

    @router.post(
        "/chats/{chat}/presses",
        tags=["chats"],
        summary="Press a button of the bot's message, or choose a row of its list",
        status_code=201,
    )
    async def press(chat: str, body: Pressing) -> MessageView:
        place, who = where(chat, body.author)
        new = await simulation.act(
            place,
            lambda new, at: afterthoughts.press(
                world, place, who, body.message_id, body.choice, message_id=new, at=at
            ),
            who,
        )
        return MessageView.of(world.messages[new])

    @router.post("/chats/{chat}/votes", tags=["chats"], summary="Vote in a poll, with WAHA", status_code=201)
    async def vote(chat: str, body: Voting) -> MessageView:
        place, who = where(chat, body.author)
        await simulation.act(
            place,
            lambda new, at: afterthoughts.vote(
                world, place, who, body.message_id, body.options, message_id=new, at=at
            ),
            who,
        )
        return MessageView.of(world.messages[body.message_id])


def _groups(router: APIRouter, simulation: Simulation) -> None:
    world = simulation.world

    @router.patch("/groups/{group}", tags=["people"], summary="Change what a group is called, or who gets in")
    async def change(group: str, body: Regrouping) -> GroupView:
        world.group(group)
        if body.approval is not None:
            await simulation.commit(
                roster.approve_each(world, group, simulation.now(), approval=body.approval)
            )
        if (only := body.admins_only) is not None:
            await simulation.act(
                group, lambda note, at: roster.restrict(world, group, note, at, admins_only=only)
            )
        await simulation.act(
            group,
            lambda note, at: roster.describe(
                world, group, note, at, subject=body.subject, description=body.description
            ),
        )
        return GroupView.of(world.groups[group])

    @router.post(
        "/groups/{group}/join-requests", tags=["people"], summary="Let somebody ask to join", status_code=201
    )
    async def ask(group: str, body: Joining) -> GroupView:
        world.group(group)
        if body.phone not in world.members and body.name is not None:
            await simulation.commit(world.enter(Member(body.phone, body.name)))
        now = simulation.now()
        request = ids.request_id(now, secrets.token_bytes(4))
        await simulation.commit(roster.ask_to_join(world, group, body.phone, request, now))
        return GroupView.of(world.groups[group])

    @router.delete(
        "/groups/{group}/join-requests/{phone}", tags=["people"], summary="Let somebody ask no more"
    )
    async def withdraw(group: str, phone: Phone) -> GroupView:
        await simulation.commit(roster.withdraw(world, group, phone, simulation.now()))
        return GroupView.of(world.groups[group])

    @router.put("/members/{phone}/number", tags=["people"], summary="Give somebody another number")
    async def renumber(phone: Phone, body: NewNumber) -> MemberView:
        world.member(phone)
        await simulation.act(body.phone, lambda new, at: roster.renumber(world, phone, body.phone, new, at))
        return MemberView.of(world.members[body.phone])


def _admins(router: APIRouter, simulation: Simulation) -> None:
    world = simulation.world

    @router.put(
        "/groups/{group}/join-requests/{phone}",
        tags=["people"],
        summary="With WAHA: let somebody in who asks, or not, as an admin does in the app",
    )
    async def settle(group: str, phone: Phone, body: Answering) -> GroupView:
        asked = world.group(group).requests
        request = next((each for each, who in asked.items() if who == phone), None)
        if request is None or not is_bridged(group):
            raise NotFound("There is no request that an admin could answer.")
        await simulation.act(
            group,
            lambda note, at: roster.answer_request(world, group, request, note, at, approved=body.approved),
        )
        return GroupView.of(world.groups[group])

    async def ranked(group: str, who: str, *, admin: bool) -> GroupView:
        world.group(group)
        await simulation.act(group, lambda note, at: roster.rank(world, group, who, note, at, admin=admin))
        return GroupView.of(world.groups[group])

    @router.put("/groups/{group}/admins/{who}", tags=["people"], summary="With WAHA: make somebody an admin")
    async def promote(group: str, who: Who) -> GroupView:
        return await ranked(group, who, admin=True)

    @router.delete(
        "/groups/{group}/admins/{who}", tags=["people"], summary="With WAHA: make an admin a member"
    )
    async def demote(group: str, who: Who) -> GroupView:
        return await ranked(group, who, admin=False)


def _files(router: APIRouter, simulation: Simulation) -> None:
    @router.post(
        "/media",
        tags=["chats"],
        summary="Keep a file that a member is about to send: the body as it is, its kind in Content-Type",
        status_code=201,
    )
    async def upload(
        request: Request, filename: Annotated[str | None, Query(max_length=240)] = None
    ) -> FileView:
        kind = request.headers.get("content-type", "application/octet-stream")
        body = await request.body()
        if not body:
            raise Invalid("The file is empty.")
        return FileView.of(await simulation.upload(body, kind, filename))

    @router.get("/media/{media}", tags=["chats"], summary="The bytes of a file", response_class=Response)
    async def download(media: str) -> Response:
        file = simulation.world.files.get(media)
        if file is None:
            raise NotFound("There is no file with this id.")
        headers = {
            "x-content-type-options": "nosniff",
            "content-security-policy": "sandbox; default-src 'none'",
        }
        if file.mime_type not in SHOWN:
            headers["content-disposition"] = "attachment"
        return Response(file.body, media_type=file.mime_type, headers=headers)
