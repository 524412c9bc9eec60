"""Lets tests, benchmarks and the chat page play the members."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from services.simulator.api.members import add_member_routes
from services.simulator.api.requests import (
    FaultPlan,
    Joining,
    LimitSettings,
    NewGroup,
    NewMember,
    Paces,
    Phone,
    Reacting,
    Saying,
    SessionState,
)
from services.simulator.domain.dialect import CLOUD_API, WAHA
from services.simulator.domain.messages import Kind
from services.simulator.domain.people import BOT, Member, digits, other_side
from services.simulator.simulation import Simulation
from services.simulator.views import GroupView, MemberView, MessageView
from shared.errors import Forbidden, Invalid, NotFound

LONGEST_WAIT = 60.0
HEARTBEAT = 1.0
"""Also how long an open page may delay the end of the process."""


class Bot(BaseModel):
    """A number of the bot."""

    name: str
    phone: str


class Whole(BaseModel):
    """Everything a page needs to begin with."""

    bot: Bot
    waha: Bot | None = Field(description="The number that WAHA drives; null where there is none.")
    members: list[MemberView]
    groups: list[GroupView]
    cursor: int = Field(description="Pass it as `after` to see only what comes now.")


class Conversation(BaseModel):
    """Messages of one chat, oldest first."""

    messages: list[MessageView]
    cursor: int = Field(description="Pass it as `after` to go on.")


class Mischiefs(BaseModel):
    """What goes wrong, and how often it did."""

    plan: FaultPlan
    calls: int = Field(description="Messages calls since the plan was set.")
    hits: dict[str, int] = Field(description="Faults that happened, by name.")


class Posted(BaseModel):
    """What the gateway answered."""

    status: int | None = Field(description="The HTTP status, or null where no answer came.")


class Webhooks(BaseModel):
    """How webhooks fared since the process started or was reset."""

    waiting: int = Field(description="Not acknowledged yet.")
    delivered: int
    refused: int = Field(description="Attempts that got no 200.")
    dropped: int
    posted: int = Field(description="Requests made, copies included.")


def _not_from_elsewhere(request: Request) -> None:
    # The listener is open to every page in the developer's browser; none but ours may act here.
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise Forbidden("The simulator takes no requests from other sites.")


def script_router(simulation: Simulation, stopping: Callable[[], bool]) -> APIRouter:
    """Return the script API; `stopping` tells open streams that the process is about to end."""
    router = APIRouter(prefix="/v1", dependencies=[Depends(_not_from_elsewhere)])
    _people(router, simulation)
    _groups(router, simulation)
    _chats(router, simulation)
    _speaking(router, simulation)
    add_member_routes(router, simulation)
    _controls(router, simulation)
    _knobs(router, simulation)
    _stream(router, simulation, stopping)
    return router


def _people(router: APIRouter, simulation: Simulation) -> None:
    world = simulation.world

    @router.get("/world", tags=["people"], summary="Everybody and every group")
    async def whole() -> Whole:
        line = world.line
        driven = world.waha.session if world.waha else None
        return Whole(
            bot=Bot(name=line.name, phone=line.display_phone_number),
            waha=Bot(name=driven.push_name, phone=driven.phone) if driven else None,
            members=[MemberView.of(each) for each in world.members.values()],
            groups=[GroupView.of(each) for each in world.groups.values()],
            cursor=world.cursor,
        )

    @router.get("/members", tags=["people"], summary="Everybody")
    async def members() -> list[MemberView]:
        return [MemberView.of(each) for each in world.members.values()]

    @router.post("/members", tags=["people"], summary="Add a member, or rename one", status_code=201)
    async def enter(body: NewMember) -> MemberView:
        member = Member(**body.model_dump())
        await simulation.commit(world.enter(member))
        return MemberView.of(member)


def _groups(router: APIRouter, simulation: Simulation) -> None:
    world = simulation.world

    @router.get("/groups", tags=["people"], summary="Every group")
    async def groups() -> list[GroupView]:
        return [GroupView.of(each) for each in world.groups.values()]

    @router.post("/groups", tags=["people"], summary="Create a group", status_code=201)
    async def found(body: NewGroup) -> GroupView:
        if not set(body.admins) <= set(body.members):
            raise Invalid("An admin is a member too.")
        return GroupView.of(
            await simulation.found_group(
                body.subject,
                body.description,
                body.members,
                [*body.admins, BOT] if body.account == WAHA and body.bot_admin else body.admins,
                announce=body.announce,
                approval=body.approval,
                waha=body.account == WAHA,
            )
        )

    @router.get("/groups/{group}", tags=["people"], summary="One group")
    async def group(group: str) -> GroupView:
        return GroupView.of(world.group(group))

    @router.post("/groups/{group}/members", tags=["people"], summary="Let somebody join", status_code=201)
    async def join(group: str, body: Joining) -> GroupView:
        world.group(group)
        if body.phone not in world.members and body.name is not None:
            await simulation.commit(world.enter(Member(body.phone, body.name)))
        return GroupView.of(await simulation.join(group, body.phone))

    @router.delete(
        "/groups/{group}/members/{phone}",
        tags=["people"],
        summary="Let somebody leave, or with WAHA be removed by an admin",
    )
    async def leave(group: str, phone: Phone, by: Annotated[Phone | None, Query()] = None) -> GroupView:
        return GroupView.of(await simulation.leave(group, phone, by=by))


def _chats(router: APIRouter, simulation: Simulation) -> None:
    world = simulation.world

    def key(chat: str) -> str:
        return _key(simulation, chat)

    @router.get(
        "/chats/{chat}/messages",
        tags=["chats"],
        summary="Messages of a group, or of a member's direct chat with the bot: <phone>, <phone>@c.us",
    )
    async def messages(
        chat: str,
        after: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> Conversation:
        world.people(key(chat))
        found = [each for each in world.lines(key(chat), after, limit) if each.kind is not Kind.REACTION]
        return Conversation(messages=[MessageView.of(each) for each in found], cursor=world.cursor)

    @router.get(
        "/chats/{chat}/wait",
        tags=["chats"],
        summary="Wait until something is said: what came after the cursor, or nothing when the time is up",
    )
    async def wait(
        chat: str,
        after: Annotated[int, Query(ge=0)],
        author: Annotated[str | None, Query(alias="from", description="`bot` or a phone")] = None,
        timeout: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 10.0,  # noqa: ASYNC109 - the caller's wish
    ) -> Conversation:
        world.people(key(chat))
        speaker = author if author in (None, BOT) else digits(author)
        deadline = asyncio.get_running_loop().time() + timeout
        while True:
            found = [
                each
                for each in world.lines(key(chat), after)
                if each.kind is not Kind.NOTE and speaker in (None, each.author)
            ]
            left = deadline - asyncio.get_running_loop().time()
            if found or left <= 0:
                return Conversation(
                    messages=[MessageView.of(each) for each in found],
                    cursor=found[-1].seq if found else after,
                )
            await simulation.feed.change(key(chat), left)


def _speaking(router: APIRouter, simulation: Simulation) -> None:
    world = simulation.world

    def key(chat: str) -> str:
        return _key(simulation, chat)

    def author(chat: str, given: str | None) -> str:
        if given is None and chat in world.groups:
            raise Invalid("In a group, `from` says who speaks.")
        return given or other_side(chat)

    @router.post(
        "/chats/{chat}/messages", tags=["chats"], summary="Say something as a member", status_code=201
    )
    async def say(chat: str, body: Saying) -> MessageView:
        payload = body.payload
        if body.media is not None:
            file = world.files.get(body.media)
            if file is None:
                raise NotFound("There is no file with this id.")
            payload = {body.type: file.described(body.type, body.text, voice=body.voice), **payload}
        message = await simulation.say(
            key(chat),
            author(key(chat), body.author),
            text=body.text,
            reply_to=body.reply_to,
            type=body.type,
            payload=payload,
            forwarded=body.forwarded,
        )
        return MessageView.of(message)

    @router.post("/chats/{chat}/reactions", tags=["chats"], summary="React as a member", status_code=201)
    async def react(chat: str, body: Reacting) -> MessageView:
        target = await simulation.react(
            key(chat), author(key(chat), body.author), body.message_id, body.emoji
        )
        return MessageView.of(target)


def _key(simulation: Simulation, chat: str) -> str:
    return simulation.world.key(chat)


def _controls(router: APIRouter, simulation: Simulation) -> None:
    world = simulation.world

    @router.get(
        "/sends", tags=["controls"], summary="What the bot sent, in order of acceptance, reactions included"
    )
    async def sends(
        opaque: Annotated[str | None, Query(description="Only what carries this callback data")] = None,
        after: Annotated[int, Query(ge=0)] = 0,
    ) -> Conversation:
        sent = (world.messages[each] for each in world.sends)
        found = [each for each in sent if each.seq > after and opaque in (None, each.opaque)]
        return Conversation(messages=[MessageView.of(each) for each in found], cursor=world.cursor)

    @router.get("/webhooks", tags=["controls"], summary="How webhooks fared")
    async def webhooks() -> Webhooks:
        counts = simulation.dispatcher.counts
        names = ("delivered", "refused", "dropped", "posted")
        return Webhooks(waiting=simulation.dispatcher.waiting, **{each: counts[each] for each in names})

    @router.post(
        "/raw-webhooks",
        tags=["controls"],
        summary="Post this very body to the gateway, once, and say the answer",
    )
    async def raw_webhook(
        request: Request,
        signature: Annotated[Literal["right", "wrong", "missing"], Query()] = "right",
        account: Annotated[Literal["cloud_api", "waha"], Query()] = CLOUD_API,
    ) -> Posted:
        if account not in simulation.dispatcher.accounts:
            raise NotFound("There is no WAHA session here.")
        body = await request.body()
        signed = {"right": body, "wrong": body + b" ", "missing": None}[signature]
        return Posted(status=await simulation.dispatcher.post(account, body, signed))

    @router.post("/reset", tags=["controls"], summary="Forget everybody and everything", status_code=204)
    async def reset() -> Response:
        await simulation.reset()
        return Response(status_code=204)


def _knobs(router: APIRouter, simulation: Simulation) -> None:
    @router.get("/faults", tags=["controls"], summary="What goes wrong, and how often it did")
    async def faults() -> Mischiefs:
        at_work = simulation.mischief
        return Mischiefs(plan=FaultPlan.of(at_work.plan), calls=at_work.calls, hits=dict(at_work.hits))

    @router.put("/faults", tags=["controls"], summary="Let things go wrong; an empty plan ends it")
    async def misbehave(body: FaultPlan) -> Mischiefs:
        simulation.misbehave(body.plan())
        return await faults()

    @router.get("/session", tags=["controls"], summary="How the WAHA session is")
    async def session() -> SessionState:
        version = simulation.world.waha.version if simulation.world.waha else None
        return SessionState.model_validate({"status": simulation.session_status, "version": version})

    @router.put(
        "/session", tags=["controls"], summary="Let the WAHA session fail, wait for its phone, or work"
    )
    async def turn(body: SessionState) -> SessionState:
        await simulation.turn_session(body.status, body.version)
        return await session()

    @router.get("/pace", tags=["controls"], summary="How quickly messages arrive and are read")
    async def pace() -> Paces:
        return Paces.of(simulation.pace)

    @router.put("/pace", tags=["controls"], summary="Change how quickly messages arrive and are read")
    async def set_pace(body: Paces) -> Paces:
        simulation.pace = body.pace()
        return Paces.of(simulation.pace)

    @router.get("/limits", tags=["controls"], summary="How much WhatsApp takes")
    async def limits() -> LimitSettings:
        return LimitSettings.of(simulation.limits)

    @router.put(
        "/limits", tags=["controls"], summary="Change how much WhatsApp takes, and count from nothing"
    )
    async def set_limits(body: LimitSettings) -> LimitSettings:
        simulation.limits = body.limits()
        simulation.meter.clear()
        return LimitSettings.of(simulation.limits)


def _stream(router: APIRouter, simulation: Simulation, stopping: Callable[[], bool]) -> None:
    @router.get(
        "/stream",
        tags=["chats"],
        summary="Server-sent events: messages, members and groups as they change; `stale` asks to reload",
        response_class=StreamingResponse,
    )
    async def stream() -> StreamingResponse:
        return StreamingResponse(
            _events(simulation, stopping), media_type="text/event-stream", headers=_SSE_HEADERS
        )


_SSE_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


async def _events(simulation: Simulation, stopping: Callable[[], bool]) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    async for news in simulation.feed.follow(HEARTBEAT):
        if stopping():
            return
        yield b": still here\n\n" if news is None else _event(news)


def _event(news: Any) -> bytes:
    return b"data: " + orjson.dumps(news) + b"\n\n"
