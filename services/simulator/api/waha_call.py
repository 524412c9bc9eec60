"""One call of WAHA's REST interface: who may make it, about which chat, and how it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Request, Response

from services.simulator.domain.messages import Message
from services.simulator.domain.people import BOT, Group, Member
from services.simulator.domain.waha import jids
from services.simulator.domain.waha.dialect import Waha
from services.simulator.domain.waha.refusal import (
    NOT_AUTHORIZED,
    NOT_FOUND,
    WahaError,
    failed,
    malformed,
    missing,
    no_session,
    not_working,
)
from services.simulator.domain.waha.session import WORKING
from services.simulator.simulation import Simulation
from shared.errors import ChaupalError


class Call:
    """A request, and what it is about."""

    def __init__(self, request: Request, body: Any, simulation: Simulation, waha: Waha) -> None:
        self.method, self.address = request.method, request.url.path
        self.path: Mapping[str, Any] = request.path_params
        self.query: Mapping[str, str] = request.query_params
        self.body = body
        self._simulation = simulation
        self._world = simulation.world
        self._waha = waha

    @classmethod
    async def read(cls, request: Request, simulation: Simulation, waha: Waha) -> Call:
        """Return the call that `request` is.

        Raises:
            WahaError: its body is no JSON, or too large.
        """
        try:
            content = await request.body()
            return cls(request, orjson.loads(content) if content else None, simulation, waha)
        except orjson.JSONDecodeError as error:
            raise malformed("The body is not JSON.") from error
        except ChaupalError as error:
            raise malformed(error.sentence, 413) from error

    def working(self) -> None:
        """Check that the session is there and can do something.

        Raises:
            WahaError: it is not, or cannot.
        """
        in_body = self.body.get("session", "default") if isinstance(self.body, dict) else "default"
        name = self.path.get("session", in_body)
        if name != self._waha.session.name:
            raise no_session(str(name))
        if self._simulation.session_status != WORKING:
            raise not_working(self._waha.session.name, self._simulation.session_status)

    @property
    def about(self) -> str | None:
        """The chat that it is about, as far as that can be told before anything is checked."""
        named = [self.path.get("chat"), self.path.get("group")]
        if isinstance(self.body, dict):
            message = self.body.get("messageId")
            named += [self.body.get("chatId"), jids.chat_in(message) if isinstance(message, str) else None]
        jid = next((each for each in named if isinstance(each, str)), None)
        return self.key(jid) if jid else None

    def key(self, jid: str) -> str | None:
        """Return the chat that WAHA calls `jid`, None where there is none."""
        if jid in self._world.groups:
            return jid
        member = jids.person(self._world.members, jid)
        return f"{member.phone}@{jids.PHONE}" if member else None

    def person(self, jid: str) -> Member | None:
        """Return who `jid` names."""
        return jids.person(self._world.members, jid)

    def chat(self, jid: str) -> str:
        """Return the chat that WAHA calls `jid`.

        Raises:
            WahaError: it is nobody's.
        """
        if (found := self.key(jid)) is None:
            raise failed(NOT_FOUND)
        return found

    def group(self) -> Group:
        """Return the group in the path.

        Raises:
            WahaError: our number is in no such group.
        """
        found = self._world.groups.get(self.path["group"])
        if found is None or not found.id.endswith(jids.GROUP):
            raise failed(NOT_FOUND)
        return found

    def moderated(self) -> Group:
        """Return the group in the path, of which we are an admin.

        Raises:
            WahaError: we are none, or are not in it.
        """
        group = self.group()
        if BOT not in group.admins:
            raise failed(NOT_AUTHORIZED)
        return group

    def message(self, whole: str, chat: str | None = None) -> Message:
        """Return the message with this id, whatever it says of its author.

        Raises:
            WahaError: there is none in the chat.
        """
        chat = chat or self.key(jids.chat_in(whole) or "")
        wanted = jids.bare(whole)
        lines = self._world.lines(chat) if chat else ()
        found = next((each for each in lines if jids.bare(each.id) == wanted), None)
        if found is None:
            raise missing("Message not found")
        return found


def answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer in JSON."""
    return Response(orjson.dumps(body), status, dict(headers or {}), "application/json")


def refused(error: WahaError) -> Response:
    """Return a refusal."""
    return answer(error.body, error.status, error.headers)
