"""The part of WAHA's REST interface that is about groups."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from functools import partial

from fastapi import Response

from services.simulator.api.waha_call import Call, answer
from services.simulator.domain import graph, ids, roster
from services.simulator.domain.people import Group
from services.simulator.domain.waha import calls, jids
from services.simulator.domain.waha.dialect import Waha
from services.simulator.domain.waha.refusal import malformed, missing
from services.simulator.simulation import Simulation

CREATED = 201

_GROUP = "/{session}/groups/{group}"
_REQUESTS = f"{_GROUP}/participants/join-requests"
_ADMINS_ONLY = f"{_GROUP}/settings/security/messages-admin-only"

Handler = Callable[[Call], Awaitable[Response]]


class Groups:
    """Reads and changes groups."""

    def __init__(self, simulation: Simulation, waha: Waha) -> None:
        self._simulation = simulation
        self._world = simulation.world
        self._waha = waha

    def routes(self) -> tuple[tuple[str, str, Handler, str], ...]:
        """Return method, path, handler and summary of each route."""
        return (
            ("GET", "/{session}/groups", self._list, "The groups of the number"),
            ("GET", _GROUP, self._read, "What a group is called"),
            ("GET", f"{_GROUP}/participants/v2", self._participants, "Who is in a group"),
            ("GET", _REQUESTS, self._asking, "Who asks to come into a group"),
            ("POST", f"{_REQUESTS}/approve", partial(self._settle, approved=True), "Let in who asks"),
            ("POST", f"{_REQUESTS}/reject", partial(self._settle, approved=False), "Send away who asks"),
            ("GET", f"{_GROUP}/invite-code", self._invite, "The link by which people join"),
            ("POST", f"{_GROUP}/participants/add", self._add, "Add people"),
            ("POST", f"{_GROUP}/participants/remove", self._remove, "Remove people"),
            ("POST", f"{_GROUP}/admin/promote", partial(self._rank, admin=True), "Make people admins"),
            ("POST", f"{_GROUP}/admin/demote", partial(self._rank, admin=False), "Make admins members"),
            ("GET", _ADMINS_ONLY, self._is_restricted, "Whether only admins may write"),
            ("PUT", _ADMINS_ONLY, self._restrict, "Let only admins write, or everybody"),
            ("PUT", f"{_GROUP}/subject", self._rename, "Give a group another name"),
            ("PUT", f"{_GROUP}/description", self._describe, "Give a group another description"),
        )

    async def _list(self, call: Call) -> Response:
        del call
        return answer([_shown(each) for each in self._world.groups.values() if each.id.endswith(jids.GROUP)])

    async def _read(self, call: Call) -> Response:
        return answer(_shown(call.group()))

    async def _participants(self, call: Call) -> Response:
        group = call.group()
        people = [self._world.member(each) for each in group.members]
        return answer(self._waha.participants(group, people))

    async def _invite(self, call: Call) -> Response:
        return answer(call.group().invite_link.rpartition("/")[2])

    async def _add(self, call: Call) -> Response:
        group = call.moderated()
        results = []
        for jid in calls.participants(call.body):
            person = call.person(jid)
            if person is not None:
                await self._simulation.join(group.id, person.phone)
            results.append({"jid": jid, "status": "200" if person else "404"})
        return answer(results, CREATED)

    async def _remove(self, call: Call) -> Response:
        group = call.moderated()
        results = []
        for jid in calls.participants(call.body):
            person = call.person(jid)
            there = person is not None and person.phone in self._world.group(group.id).members
            if person is not None and there:
                await self._simulation.leave(group.id, person.phone, request_id=secrets.token_hex(8))
            results.append({"jid": jid, "status": "200" if there else "404"})
        return answer(results, CREATED)

    async def _asking(self, call: Call) -> Response:
        self._know_requests(call)
        asked = call.moderated().requests
        people = ((self._world.member(who), ids.requested_at(each)) for each, who in asked.items())
        return answer(self._waha.asking(people))

    async def _settle(self, call: Call, *, approved: bool) -> Response:
        self._know_requests(call)
        group = call.moderated()
        results: list[dict[str, object]] = []
        for jid in calls.participants(call.body):
            person = call.person(jid)
            phone, now = person.phone if person else None, self._world.group(group.id)
            request = next((each for each, who in now.requests.items() if who == phone), None)
            if request is None:
                there = phone in now.members
                results.append({"requesterId": jid, "success": False, "error": 409 if there else 404})
                continue
            settle = partial(roster.answer_request, self._world, group.id, request, approved=approved)
            await self._simulation.act(group.id, settle)
            results.append({"requesterId": jid, "success": True})
        return answer(results, CREATED)

    def _know_requests(self, call: Call) -> None:
        """Answer as a server that has no such path.

        Raises:
            WahaError: the server is older than requests to join.
        """
        if not self._waha.knows_join_requests:
            raise missing(f"Cannot {call.method} {call.address}")

    async def _rank(self, call: Call, *, admin: bool) -> Response:
        group = call.moderated()
        results = []
        for jid in calls.participants(call.body):
            person = call.person(jid)
            there = person is not None and person.phone in group.members
            if person is not None and there:
                rank = partial(roster.rank, self._world, group.id, person.phone, admin=admin)
                await self._simulation.act(group.id, rank)
            results.append({"jid": jid, "status": "200" if there else "404"})
        return answer(results, CREATED)

    async def _is_restricted(self, call: Call) -> Response:
        return answer({"adminsOnly": call.group().admins_only})

    async def _restrict(self, call: Call) -> Response:
        group = call.moderated()
        admins_only = calls.flag(call.body, "adminsOnly")
        await self._simulation.act(
            group.id,
            lambda note, at: roster.restrict(self._world, group.id, note, at, admins_only=admins_only),
        )
        return answer({"success": True})

    async def _rename(self, call: Call) -> Response:
        subject = calls.required(call.body, "subject")
        if len(subject) > graph.LONGEST_SUBJECT:
            raise malformed(f"subject takes at most {graph.LONGEST_SUBJECT} characters")
        return await self._change(call, subject=subject)

    async def _describe(self, call: Call) -> Response:
        description = calls.required(call.body, "description")
        if len(description) > graph.LONGEST_DESCRIPTION:
            raise malformed(f"description takes at most {graph.LONGEST_DESCRIPTION} characters")
        return await self._change(call, description=description)

    async def _change(self, call: Call, **new: str) -> Response:
        group = call.group()
        await self._simulation.act(
            group.id, lambda note, at: roster.describe(self._world, group.id, note, at, **new)
        )
        return answer({"success": True})


def _shown(group: Group) -> dict[str, object]:
    """Return a group as the engine describes it."""
    return {
        "id": group.id,
        "subject": group.subject,
        "desc": group.description,
        "creation": int(group.created.timestamp()),
        "size": len(group.members) + 1,
        "announce": group.admins_only,
        "joinApprovalMode": group.approval,
    }
