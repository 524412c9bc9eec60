"""One session of a WAHA server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from services.gateway.channels.contract import Resident, Roster
from services.gateway.channels.waha import answers, calls, fields, groups, ids
from services.gateway.channels.waha.calls import Call
from services.gateway.channels.waha.engine import WORKING, Session
from services.gateway.channels.waha.parse import parse
from services.gateway.channels.waha.signature import verify
from services.gateway.domain.items import GroupChange, Item
from services.gateway.domain.outgoing import (
    RATE_LIMITED,
    Action,
    AnswerJoin,
    Capability,
    Destination,
    Outcome,
    Outgoing,
    Refused,
    TryAgain,
    Unclear,
)
from services.gateway.domain.troubles import PROVIDER_FAILED
from shared.contracts.gateway import ChatKind
from shared.errors import ProviderUnavailable
from shared.http.client import Answer, HttpClient, NotSent, OutcomeUnknown

_NOT_FOUND = frozenset({400, 404, 422, 500})
"""How engines answer for a message or a group they do not have; not all of them know 404."""


class Waha:
    """Speaks for one number through one WAHA session."""

    name = "waha"

    def __init__(
        self, client: HttpClient, *, api_base: str, session: str, api_key: str, hmac_keys: Sequence[str]
    ) -> None:
        self._client = client
        self._base = api_base.rstrip("/")
        self._session = session
        self._headers = {"x-api-key": api_key, "accept": "application/json"}
        self._keys = hmac_keys
        self._known = Session()

    def authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Return whether our server signed `body`."""
        return verify(body, headers, self._keys)

    def handshake(self, query: Mapping[str, str]) -> str | None:
        """Return None: WAHA is told the address of a webhook and asks nobody to confirm it."""
        del query
        return None

    def parse(self, body: bytes) -> list[Item]:
        """Return everything `body` contains."""
        return parse(body, self._session)

    def capabilities(self, kind: ChatKind) -> frozenset[Capability]:
        """Return what can be done in chats of this kind; before a probe, what every engine does."""
        return self._known.capabilities(kind)

    async def send(self, to: Destination, message: Outgoing) -> Outcome:
        """Send `message`; see `Channel.send`."""
        chat = calls.chat_of(to)
        with_id = Capability.CLIENT_IDS in self.capabilities(ids.place_among([chat]).kind)
        call = calls.message(self._session, chat, message, with_id=with_id) if chat else None
        if call is None or chat is None:
            return Refused(answers.UNSUPPORTED)
        answer = await self._try(call)
        return answers.sent(answer, chat) if isinstance(answer, Answer) else answer

    async def act(self, to: Destination, action: Action) -> Outcome:
        """Do `action`; see `Channel.act`."""
        chat = calls.chat_of(to)
        if isinstance(action, AnswerJoin):
            return await self._answer_join(chat, action) if chat else Refused(answers.UNSUPPORTED)
        call = calls.action(self._session, chat, action, self._own_jid) if chat else None
        if call is None:
            return Refused(answers.UNSUPPORTED)
        answer = await self._try(call)
        return answers.done(answer) if isinstance(answer, Answer) else answer

    async def find(self, to: Destination, client_id: str) -> str | None:
        """Return the id of the message that we called `client_id`; see `Channel.find`."""
        chat = calls.chat_of(to)
        if chat is None:
            return None
        answer = await self._ask(calls.lookup(self._session, chat, client_id, self._own_jid))
        return answers.message_id(answer.json(), chat) if answer.status // 100 == 2 else None  # noqa: PLR2004

    async def probe(self) -> None:
        """Ask whether the session works, and which engine drives it; see `Channel.probe`."""
        answer = await self._ask(Call("GET", calls.path_of("sessions", self._session)))
        if answer.status >= 500:  # noqa: PLR2004
            raise ProviderUnavailable(f"WAHA cannot answer now: {answer.status}.", PROVIDER_FAILED)
        described = answer.json()
        status = fields.text(described, "status", limit=32) or "gone"
        if answer.status // 100 != 2 or status != WORKING:  # noqa: PLR2004
            raise answers.stands(status)
        server = await self._try(Call("GET", calls.path_of("server", "version")))
        # A server that does not tell its version is asked for less, and does the rest.
        self._known = Session.of(described, server.json() if isinstance(server, Answer) else None)

    async def roster(self, group: str) -> Roster | None:
        """Return who is in `group`; see `Channel.roster`."""
        if not self._known.us:
            # Without our own names we would be counted among the members.
            await self.probe()
        answer = await self._ask(
            Call("GET", calls.path_of(self._session, "groups", group, "participants", "v2"))
        )
        listed = answer.json()
        if answer.status // 100 != 2 or not isinstance(listed, list):  # noqa: PLR2004
            return None
        about = await self._ask(Call("GET", calls.path_of(self._session, "groups", group)))
        found = list(_residents(listed))
        ours = [each for each in found if self._known.us.intersection(each.names)]
        we_are_admin = ours[0].admin if ours else None
        return Roster(
            people=tuple(each for each in found if each not in ours),
            subject=_subject(about.json()),
            we_are_admin=we_are_admin,
            # WhatsApp shows them to admins alone.
            asking=await self._asking(group) if we_are_admin else (),
        )

    async def _asking(self, group: str) -> tuple[GroupChange, ...]:
        if Capability.ANSWER_JOIN not in self.capabilities(ChatKind.GROUP):
            return ()
        answer = await self._ask(calls.join_requests(self._session, group))
        return tuple(groups.pending(answer.json(), group)) if answer.status // 100 == 2 else ()  # noqa: PLR2004

    async def _answer_join(self, chat: str, action: AnswerJoin) -> Outcome:
        """Answer who asks, under the name by which they ask: WAHA keeps requests by it alone."""
        if action.person is None:
            return Refused(answers.UNKNOWN_REQUEST)
        listed = await self._try(calls.join_requests(self._session, chat))
        if not isinstance(listed, Answer):
            return listed
        requester = answers.requester(listed, action.person)
        if not isinstance(requester, str):
            return requester
        call = calls.join_answer(self._session, chat, requester, approved=action.approved)
        answer = await self._try(call)
        return answers.answered(answer) if isinstance(answer, Answer) else answer

    @property
    def _own_jid(self) -> str | None:
        """Our own name where ids of our own messages have to hold it."""
        return next(iter(self._known.jids), None) if self._known.engine.in_browser else None

    async def _try(self, call: Call) -> Answer | Outcome:
        try:
            return await self._request(call)
        except NotSent:
            return TryAgain("provider_unreachable", answers.FAULT_SECONDS)
        except OutcomeUnknown:
            return Unclear()

    async def _ask(self, call: Call) -> Answer:
        """Return the answer to a question.

        Raises:
            ProviderUnavailable: there is nobody who could answer it now.
        """
        try:
            answer = await self._request(call)
        except (NotSent, OutcomeUnknown) as error:
            raise ProviderUnavailable("WAHA does not answer.") from error
        if (gone := answers.unavailable(answer)) is not None:
            raise gone
        if answer.status // 100 != 2 and answer.status not in _NOT_FOUND:  # noqa: PLR2004
            too_fast = answer.status == 429  # noqa: PLR2004
            reason = RATE_LIMITED if too_fast else PROVIDER_FAILED
            raise ProviderUnavailable(f"WAHA cannot answer now: {answer.status}.", reason)
        return answer

    async def _request(self, call: Call) -> Answer:
        content = None if call.body is None else orjson.dumps(call.body)
        url = self._base + call.path
        return await self._client.request(call.method, url, content=content, headers=self._headers)


def _residents(listed: list[Any]) -> Iterator[Resident]:
    for names, role in groups.residents(fields.dicts({"all": listed}, "all")):
        yield Resident(names, role in groups.ADMINS)


def _subject(about: object) -> str | None:
    """Return what a group is called; every engine describes groups in its own words."""
    paths = ("subject",), ("Name",), ("name",), ("groupMetadata", "subject")
    return next((found for path in paths if (found := fields.text(about, *path, limit=256))), None)
