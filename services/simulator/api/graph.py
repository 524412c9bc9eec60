"""The part of WhatsApp's Graph API that a gateway uses."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from starlette.types import Receive, Scope, Send

from services.simulator.domain import graph
from services.simulator.domain.changes import Changes
from services.simulator.domain.faults import Fault, Rule
from services.simulator.domain.graph import GraphError
from services.simulator.domain.people import Group, digits
from services.simulator.settings import SimulatorSettings
from services.simulator.simulation import Simulation
from shared.errors import ChaupalError, NotFound

PATH = "/simulator/graph/{version}"

Handler = Callable[[Request], Awaitable[Response]]


class BrokenAnswer(Response):
    """An answer that ends before it is complete: the server then closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head of an answer and nothing else."""
        del scope, receive
        headers = [(b"content-type", b"application/json"), (b"content-length", b"512")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})


class GraphApi:
    """Answers the gateway as WhatsApp would."""

    def __init__(self, simulation: Simulation, settings: SimulatorSettings) -> None:
        self._simulation = simulation
        self._world = simulation.world
        self._token = settings.access_token
        self._number = settings.phone_number_id

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix=PATH, tags=["graph"])
        for method, path, handler, summary in (
            ("POST", "/{node}/messages", self._messages, "Send a message, a reaction or a read receipt"),
            ("POST", "/{node}/groups", self._create_group, "Create a group; a webhook brings its id"),
            ("GET", "/{node}/groups", self._list_groups, "List the groups of the number"),
            ("GET", "/{node}/invite_link", self._invite_link, "The link by which people join a group"),
            ("DELETE", "/{node}/participants", self._remove, "Remove people from a group"),
            ("GET", "/{node}", self._node, "Read the fields of a group or of the number"),
        ):
            router.add_api_route(path, self._guarded(handler), methods=[method], summary=summary)
        return router

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                self._authenticate(request)
                return await handler(request)
            except GraphError as error:
                trace_id = "A" + secrets.token_urlsafe(16)
                return _json(error.body(trace_id), error.status, error.headers)

        return guarded

    def _authenticate(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(token.encode(), self._token.get_secret_value().encode())
        if scheme.lower() != "bearer" or not right:
            raise GraphError(190, "The access token is missing or wrong.", status=401)

    def _own_number(self, request: Request) -> None:
        if request.path_params["node"] != self._number:
            raise GraphError(100, "There is no object with this id.", subcode=33)

    def _group(self, request: Request) -> Group:
        group = self._world.groups.get(request.path_params["node"])
        if group is None:
            raise GraphError(131041, "There is no group with this id.")
        return group

    async def _messages(self, request: Request) -> Response:
        self._own_number(request)
        rule = await self._before()
        body = await _body(request)
        if isinstance(body, dict) and body.get("status") == "read":
            return await self._mark_read(body)
        send = graph.parse_send(body)
        chat = self._chat_of(send)
        self._check(send, chat)
        message_id = self._simulation.new_message_id(chat)
        await self._simulation.commit(self._accept(send, chat, message_id, rule))
        member = self._world.members.get(chat)
        answer = graph.accepted(send, chat, member.user_id if member else None, message_id)
        return await self._after(rule, answer)

    async def _before(self) -> Rule | None:
        latency = self._simulation.mischief.plan.latency
        if latency:
            await asyncio.sleep(latency)
        rule = self._simulation.fault()
        if rule is None:
            return None
        match rule.fault:
            case Fault.FAIL:
                raise GraphError(rule.code, "The simulator was asked to fail.", status=rule.status)
            case Fault.RATE_LIMIT:
                after = {"retry-after": str(rule.retry_after)}
                raise GraphError(130429, "Too many messages from this number.", status=429, headers=after)
            case Fault.HANG:
                await self._simulation.mischief_changed.wait()
                raise GraphError(131016, "The call hung until the faults were changed.", status=503)
            case _:
                return rule

    async def _after(self, rule: Rule | None, answer: dict[str, Any]) -> Response:
        match rule and rule.fault:
            case Fault.DROP:
                return BrokenAnswer()
            case Fault.GARBAGE:
                return Response(b"<html>accepted", media_type="text/html")
            case Fault.HANG_ACCEPTED:
                await self._simulation.mischief_changed.wait()
        return _json(answer)

    def _chat_of(self, send: graph.Send) -> str:
        if send.kind == "group":
            group = self._world.groups.get(send.address)
            if group is None:
                raise GraphError(131041, "There is no group with this id.")
            if not group.members:
                raise GraphError(131020, "Nobody but the business is in this group.")
            return group.id
        if send.kind == "user_id":
            found = next(
                (each for each in self._world.members.values() if each.user_id == send.address), None
            )
        else:
            found = self._world.members.get(send.chat)
        if found is None:
            raise GraphError(131026, "This recipient is not on WhatsApp.")
        return found.phone

    def _check(self, send: graph.Send, chat: str) -> None:
        if send.free_form and not self._world.window_open(chat, self._simulation.now()):
            raise GraphError(131047, "More than 24 hours have passed since a member last wrote in this chat.")
        for reference in (send.reply_to, send.target):
            found = self._world.messages.get(reference) if reference else None
            if reference and (found is None or found.chat != chat):
                raise GraphError(131009, "There is no message with this id in the chat.")

    def _accept(self, send: graph.Send, chat: str, message_id: str, rule: Rule | None) -> Changes:
        now = self._simulation.now()
        if send.type == "reaction" and send.target:
            return self._world.accept_reaction(
                chat, send.target, send.text, message_id=message_id, at=now, opaque=send.opaque
            )
        return self._world.accept(
            chat,
            message_id,
            now,
            text=send.text,
            type=send.type,
            reply_to=send.reply_to,
            opaque=send.opaque,
            payload=send.payload,
            failure=rule.code if rule and rule.fault is Fault.UNDELIVERED else None,
        )

    async def _mark_read(self, body: dict[str, Any]) -> Response:
        message_id = body.get("message_id")
        message = self._world.messages.get(message_id) if isinstance(message_id, str) else None
        if message is None or message.chat in self._world.groups:
            raise GraphError(131009, "Only messages of a direct chat can be marked as read.")
        await self._simulation.commit(self._world.read_by_bot(message.chat))
        return _json({"success": True})

    async def _create_group(self, request: Request) -> Response:
        self._own_number(request)
        body = await _body(request)
        subject = body.get("subject") if isinstance(body, dict) else None
        description = body.get("description", "") if isinstance(body, dict) else ""
        if not isinstance(subject, str) or not 0 < len(subject) <= graph.LONGEST_SUBJECT:
            raise GraphError(100, f"subject takes 1 to {graph.LONGEST_SUBJECT} characters.")
        if not isinstance(description, str) or len(description) > graph.LONGEST_DESCRIPTION:
            raise GraphError(100, f"description takes at most {graph.LONGEST_DESCRIPTION} characters.")
        request_id = secrets.token_hex(16).upper()
        await self._simulation.found_group(subject, description, request_id=request_id)
        return _json({"messaging_product": "whatsapp", "request_id": request_id})

    async def _list_groups(self, request: Request) -> Response:
        self._own_number(request)
        groups = [
            {"id": each.id, "subject": each.subject, "created_at": int(each.created.timestamp())}
            for each in self._world.groups.values()
        ]
        return _json({"data": {"groups": groups}, "paging": {"cursors": {}}})

    async def _invite_link(self, request: Request) -> Response:
        return _json({"messaging_product": "whatsapp", "invite_link": self._group(request).invite_link})

    async def _remove(self, request: Request) -> Response:
        group = self._group(request)
        body = await _body(request)
        people = body.get("participants") if isinstance(body, dict) else None
        if not isinstance(people, list) or not people:
            raise GraphError(100, "participants takes a list of {user}.")
        request_id = secrets.token_hex(16).upper()
        for each in people:
            user = each.get("user") if isinstance(each, dict) else None
            phone = self._phone_of(user) if isinstance(user, str) else None
            if phone is None or phone not in group.members:
                raise GraphError(131212, "Somebody to remove is not in the group.")
            try:
                await self._simulation.leave(group.id, phone, request_id=request_id)
            except NotFound as error:
                raise GraphError(131212, "Somebody to remove is not in the group.") from error
        return _json({"messaging_product": "whatsapp", "request_id": request_id})

    def _phone_of(self, user: str) -> str | None:
        by_id = (each.phone for each in self._world.members.values() if each.user_id == user)
        return next(by_id, None) or digits(user) or None

    async def _node(self, request: Request) -> Response:
        if request.path_params["node"] == self._number:
            line = self._world.line
            number = {"display_phone_number": line.display_phone_number, "verified_name": line.name}
            return _json({"id": line.phone_number_id, **number})
        group = self._group(request)
        fields = {
            "messaging_product": "whatsapp",
            "subject": group.subject,
            "description": group.description,
            "creation_timestamp": int(group.created.timestamp()),
            "suspended": False,
            "join_approval_mode": "auto_approve",
            "total_participant_count": len(group.members),
            "participants": [
                {"wa_id": each, "user_id": self._world.member(each).user_id} for each in group.members
            ],
        }
        wanted = request.query_params.get("fields", "subject,description").split(",")
        chosen = {name: value for name, value in fields.items() if name in wanted}
        return _json({"messaging_product": "whatsapp", "id": group.id, **chosen})


async def _body(request: Request) -> Any:
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise GraphError(100, "The body is not JSON.") from error
    except ChaupalError as error:
        raise GraphError(100, error.sentence, status=413) from error


def _json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, "application/json")
