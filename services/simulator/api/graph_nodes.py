"""The part of WhatsApp's Graph API that is about groups, files and the number itself."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response

from services.simulator.api.graph_body import answer, body_of
from services.simulator.domain import graph, roster
from services.simulator.domain.payloads import approval_mode
from services.simulator.domain.people import Group, digits
from services.simulator.domain.refusal import INVALID, MALFORMED, GraphError, text_of
from services.simulator.simulation import Simulation
from shared.errors import NotFound

MOST_AT_ONCE = 8
"""People who can be removed, and requests that can be answered, in one call."""

Handler = Callable[[Request], Awaitable[Response]]


class Nodes:
    """Answers what is asked of things other than messages."""

    def __init__(self, simulation: Simulation, number: str) -> None:
        self._simulation = simulation
        self._world = simulation.world
        self._number = number

    def routes(self) -> tuple[tuple[str, str, Handler, str], ...]:
        """Return method, path, handler and summary of each route."""
        return (
            ("POST", "/{node}/groups", self._create_group, "Create a group; a webhook brings its id"),
            ("GET", "/{node}/groups", self._list_groups, "List the groups of the number"),
            ("GET", "/{node}/invite_link", self._invite_link, "The link by which people join a group"),
            ("DELETE", "/{node}/participants", self._remove, "Remove people from a group"),
            ("GET", "/{node}/join_requests", self._list_requests, "Who asks to come into a group"),
            ("POST", "/{node}/join_requests", self._approve, "Let in those who ask"),
            ("DELETE", "/{node}/join_requests", self._reject, "Do not let in those who ask"),
            ("GET", "/{node}/content", self._content, "The bytes of a file"),
            ("GET", "/{node}", self._node, "Read a group, the number, or where a file is"),
            ("POST", "/{node}", self._describe, "Give a group another subject or description"),
        )

    def _own_number(self, request: Request) -> None:
        if request.path_params["node"] != self._number:
            raise GraphError(MALFORMED, "There is no object with this id.", subcode=33)

    def _group(self, request: Request) -> Group:
        group = self._world.groups.get(request.path_params["node"])
        if group is None:
            raise GraphError(131041, "There is no group with this id.")
        return group

    async def _create_group(self, request: Request) -> Response:
        self._own_number(request)
        body = await body_of(request)
        subject, description = _names(body)
        if subject is None:
            raise GraphError(MALFORMED, f"subject takes 1 to {graph.LONGEST_SUBJECT} characters.")
        mode = body.get("join_approval_mode", "auto_approve")
        if mode not in ("auto_approve", "approval_required"):
            raise GraphError(INVALID, "join_approval_mode must be auto_approve or approval_required.")
        request_id = _request_id()
        await self._simulation.found_group(
            subject, description or "", request_id=request_id, approval=mode == "approval_required"
        )
        return answer({"messaging_product": "whatsapp", "request_id": request_id})

    async def _list_groups(self, request: Request) -> Response:
        self._own_number(request)
        groups = [
            {"id": each.id, "subject": each.subject, "created_at": int(each.created.timestamp())}
            for each in self._world.groups.values()
        ]
        return answer({"data": {"groups": groups}, "paging": {"cursors": {}}})

    async def _invite_link(self, request: Request) -> Response:
        return answer({"messaging_product": "whatsapp", "invite_link": self._group(request).invite_link})

    async def _describe(self, request: Request) -> Response:
        group = self._group(request)
        subject, description = _names(await body_of(request))

        await self._simulation.act(
            group.id,
            lambda note, at: roster.describe(
                self._world, group.id, note, at, subject=subject, description=description
            ),
        )
        return answer({"messaging_product": "whatsapp", "request_id": _request_id()})

    async def _remove(self, request: Request) -> Response:
        group = self._group(request)
        people = _listed(await body_of(request), "participants", "participants takes a list of {user}.")
        if len(people) > MOST_AT_ONCE:
            raise GraphError(131204, f"At most {MOST_AT_ONCE} people can be removed at once.")
        request_id = _request_id()
        for each in people:
            user = text_of(each, "user")
            phone = self._phone_of(user) if user else None
            try:
                await self._simulation.leave(group.id, phone or "", request_id=request_id)
            except NotFound as error:
                raise GraphError(131212, "Somebody to remove is not in the group.") from error
        return answer({"messaging_product": "whatsapp", "request_id": request_id})

    def _phone_of(self, user: str) -> str | None:
        by_id = (each.phone for each in self._world.members.values() if each.user_id == user)
        return next(by_id, None) or digits(user) or None

    async def _list_requests(self, request: Request) -> Response:
        asked = self._group(request).requests
        return answer(
            {
                "data": [{"join_request_id": each, "wa_id": who} for each, who in asked.items()],
                "paging": {"cursors": {}},
            }
        )

    async def _approve(self, request: Request) -> Response:
        return await self._answer(request, approved=True)

    async def _reject(self, request: Request) -> Response:
        return await self._answer(request, approved=False)

    async def _answer(self, request: Request, *, approved: bool) -> Response:
        group = self._group(request)
        asked = _listed(await body_of(request), "join_requests", "join_requests takes a list of ids.")
        settled: list[str] = []
        for each in asked:
            if isinstance(each, str) and each in self._world.group(group.id).requests:
                await self._settle(group.id, each, approved=approved)
                settled.append(each)
        failed = [each for each in asked if each not in settled]
        if not settled:
            raise GraphError(131213, "There is no such request to join this group.")
        told: dict[str, Any] = {"messaging_product": "whatsapp"}
        told["approved_join_requests" if approved else "rejected_join_requests"] = settled
        if failed:
            told["failed_join_requests"] = [
                {"join_request_id": each, "errors": [{"code": 131213}]} for each in failed
            ]
        return answer(told, 206 if failed else 200)

    async def _settle(self, group: str, request: str, *, approved: bool) -> None:
        await self._simulation.act(
            group,
            lambda note, at: roster.answer_request(self._world, group, request, note, at, approved=approved),
        )

    async def _content(self, request: Request) -> Response:
        file = self._world.files.get(request.path_params["node"])
        if file is None:
            raise GraphError(MALFORMED, "There is no object with this id.", status=404, subcode=33)
        return Response(file.body, media_type=file.mime_type)

    async def _node(self, request: Request) -> Response:
        node = request.path_params["node"]
        if node == self._number:
            line = self._world.line
            number = {"display_phone_number": line.display_phone_number, "verified_name": line.name}
            return answer({"id": line.phone_number_id, **number})
        if (file := self._world.files.get(node)) is not None:
            # Beside the API, as whoever asked has addressed it: from within a container too.
            return answer(file.found_at(f"{str(request.url).partition('?')[0]}/content"))
        if node.isdigit():
            raise GraphError(MALFORMED, "There is no object with this id.", subcode=33)
        group = self._group(request)
        fields = {
            "messaging_product": "whatsapp",
            "subject": group.subject,
            "description": group.description,
            "creation_timestamp": int(group.created.timestamp()),
            "suspended": False,
            "join_approval_mode": approval_mode(group),
            "total_participant_count": len(group.members),
            "participants": [
                {"wa_id": each, "user_id": self._world.member(each).user_id} for each in group.members
            ],
        }
        wanted = request.query_params.get("fields", "subject,description").split(",")
        chosen = {name: value for name, value in fields.items() if name in wanted}
        return answer({"messaging_product": "whatsapp", "id": group.id, **chosen})


def _request_id() -> str:
    return secrets.token_hex(16).upper()


def _listed(body: Any, key: str, sentence: str) -> list[Any]:
    found = body.get(key) if isinstance(body, dict) else None
    if not isinstance(found, list) or not found:
        raise GraphError(MALFORMED, sentence)
    return found


def _names(body: Any) -> tuple[str | None, str | None]:
    """Return the subject and the description that a call gives a group, None where it gives none."""
    if not isinstance(body, dict):
        raise GraphError(MALFORMED, "The body must be a JSON object.")
    subject, description = body.get("subject"), body.get("description")
    if "subject" in body and (not isinstance(subject, str) or not 0 < len(subject) <= graph.LONGEST_SUBJECT):
        raise GraphError(MALFORMED, f"subject takes 1 to {graph.LONGEST_SUBJECT} characters.")
    if "description" in body and (
        not isinstance(description, str) or len(description) > graph.LONGEST_DESCRIPTION
    ):
        raise GraphError(MALFORMED, f"description takes at most {graph.LONGEST_DESCRIPTION} characters.")
    return subject, description
