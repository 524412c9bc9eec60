"""The part of WhatsApp's Graph API that a gateway uses: messages."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from services.simulator.api.broken import BrokenAnswer
from services.simulator.api.graph_body import answer, body_of
from services.simulator.api.graph_nodes import Nodes
from services.simulator.api.mishaps import Mishaps
from services.simulator.domain import graph, roster
from services.simulator.domain.changes import Changes
from services.simulator.domain.faults import Fault, Rule
from services.simulator.domain.people import digits
from services.simulator.domain.refusal import INVALID, GraphError
from services.simulator.settings import SimulatorSettings
from services.simulator.simulation import Simulation

PATH = "/simulator/graph/{version}"

Handler = Callable[[Request], Awaitable[Response]]


class GraphApi:
    """Answers the gateway as WhatsApp would."""

    def __init__(self, simulation: Simulation, settings: SimulatorSettings) -> None:
        self._simulation = simulation
        self._world = simulation.world
        self._token = settings.access_token
        self._number = settings.phone_number_id
        self._mishaps = Mishaps(simulation, _refusal)

    def router(self) -> APIRouter:
        """Return the routes."""
        router = APIRouter(prefix=PATH, tags=["graph"])
        nodes = Nodes(self._simulation, self._number)
        summary = "Send a message, a reaction, a pin or a read receipt"
        for method, path, handler, about in (
            ("POST", "/{node}/messages", self._messages, summary),
            *nodes.routes(),
        ):
            router.add_api_route(path, self._guarded(handler), methods=[method], summary=about)
        return router

    def _guarded(self, handler: Handler) -> Handler:
        async def guarded(request: Request) -> Response:
            try:
                self._authenticate(request)
                return await handler(request)
            except GraphError as error:
                trace_id = "A" + secrets.token_urlsafe(16)
                return answer(error.body(trace_id), error.status, error.headers)

        return guarded

    def _authenticate(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        right = hmac.compare_digest(token.encode(), self._token.get_secret_value().encode())
        if scheme.lower() != "bearer" or not right:
            raise GraphError(190, "The access token is missing or wrong.", status=401)

    async def _messages(self, request: Request) -> Response:
        if request.path_params["node"] != self._number:
            raise GraphError(100, "There is no object with this id.", subcode=33)
        body = await body_of(request)
        rule = await self._mishaps.before(self._meant(body))
        if rule and rule.fault is Fault.RESET:
            return BrokenAnswer()
        if isinstance(body, dict) and body.get("status") == "read":
            return await self._mark_read(body)
        send = graph.parse_send(body)
        chat = self._chat_of(send)
        self._check(send, chat)
        message_id = self._simulation.new_message_id(chat)
        told = self._mishaps.telling(rule, message_id)
        await self._simulation.commit(self._accept(send, chat, message_id, rule))
        await self._mishaps.until(told, message_id)
        member = self._world.members.get(chat)
        taken = graph.accepted(send, chat, member.user_id if member else None, message_id)
        return await self._mishaps.after(rule, answer(taken))

    def _meant(self, body: Any) -> str | None:
        """Return the chat that a call is about, as far as it can be told before anything is checked."""
        if not isinstance(body, dict):
            return None
        to, recipient = body.get("to"), body.get("recipient")
        if isinstance(to, str) and to:
            return to if to in self._world.groups else digits(to)
        found = (each.phone for each in self._world.members.values() if each.user_id == recipient)
        return next(found, None)

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
        now, limits = self._simulation.now(), self._simulation.limits
        if limits.window and send.free_form and not self._world.window_open(chat, now):
            raise GraphError(131047, "More than 24 hours have passed since a member last wrote in this chat.")
        for reference in (send.reply_to, send.target):
            found = self._world.messages.get(reference) if reference else None
            if reference and (found is None or found.chat != chat):
                raise GraphError(INVALID, "There is no message with this id in the chat.")
        if send.media_id and send.media_id not in self._world.files:
            raise GraphError(INVALID, "There is no file with this id.")
        self._simulation.meter.take(limits, chat, now, group=send.kind == "group")

    def _accept(self, send: graph.Send, chat: str, message_id: str, rule: Rule | None) -> Changes:
        now = self._simulation.now()
        if send.type == "reaction" and send.target:
            return self._world.accept_reaction(
                chat, send.target, send.text, message_id=message_id, at=now, opaque=send.opaque
            )
        if send.type == "pin" and send.target:
            return roster.pin(
                self._world, chat, send.target, send.text, message_id=message_id, at=now, opaque=send.opaque
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
            raise GraphError(INVALID, "Only messages of a direct chat can be marked as read.")
        await self._simulation.commit(self._world.read_by_bot(message.chat))
        return answer({"success": True})


def _refusal(rule: Rule) -> GraphError | None:
    match rule.fault:
        case Fault.FAIL:
            return GraphError(rule.code, "The simulator was asked to fail.", status=rule.status)
        case Fault.RATE_LIMIT:
            after = {"retry-after": str(rule.retry_after)}
            return GraphError(130429, "Too many messages from this number.", status=429, headers=after)
        case Fault.PAIR_LIMIT:
            return GraphError(131056, "Too many messages from this number to this person.")
        case Fault.TOKEN_EXPIRED:
            return GraphError(190, "The access token has expired.", status=401)
        case Fault.HANG:
            return GraphError(131016, "The call hung until the faults were changed.", status=503)
    return None
