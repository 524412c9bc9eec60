"""One phone number at the Cloud API."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson

from services.gateway.channels.cloud_api import fields, outgoing
from services.gateway.channels.cloud_api.errors import Treatment, meaning_of
from services.gateway.channels.cloud_api.parse import parse
from services.gateway.channels.cloud_api.roster import roster
from services.gateway.channels.cloud_api.signature import verify
from services.gateway.channels.contract import (
    Accepted,
    Action,
    Capability,
    Destination,
    Outcome,
    Outgoing,
    Refused,
    Remove,
    Roster,
    TryAgain,
    Unclear,
)
from services.gateway.domain.items import Item
from services.gateway.domain.outgoing import UNSUPPORTED
from services.gateway.domain.troubles import PROVIDER_FAILED, UNKNOWN_NUMBER, UNREACHABLE, advice
from shared.contracts.gateway import ChatKind
from shared.errors import ProviderUnavailable
from shared.http.client import Answer, HttpClient, NotSent, OutcomeUnknown

SIGNATURE_HEADER = "x-hub-signature-256"
MAX_RETRY_AFTER = 300.0

NOT_IN_GROUP = 131212
PARTLY_DONE = 131201

_FAILED = ("failed_participants", "failed_join_requests")
"""Where an answer of success names what did not succeed."""


class CloudApi:
    """Speaks for one phone number."""

    name = "cloud_api"

    def __init__(
        self,
        client: HttpClient,
        *,
        api_base: str,
        phone_number_id: str,
        access_token: str,
        app_secrets: Sequence[str],
        verify_token: str,
    ) -> None:
        self._client = client
        self._number = phone_number_id
        self._base = api_base.rstrip("/")
        self._headers = {"authorization": f"Bearer {access_token}"}
        self._secrets = app_secrets
        self._verify_token = verify_token

    def authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Return whether Meta signed `body`."""
        return verify(body, headers.get(SIGNATURE_HEADER), self._secrets)

    def handshake(self, query: Mapping[str, str]) -> str | None:
        """Return the challenge of a subscription request that knows our token."""
        token = query.get("hub.verify_token", "").encode("utf-8", "surrogatepass")
        known = hmac.compare_digest(token, self._verify_token.encode())
        return query.get("hub.challenge") if known and query.get("hub.mode") == "subscribe" else None

    def parse(self, body: bytes) -> Iterator[Item]:
        """Yield everything `body` contains."""
        return parse(body, self._number)

    def capabilities(self, kind: ChatKind) -> frozenset[Capability]:
        """Return what can be done in chats of this kind; see `Channel.capabilities`."""
        return outgoing.capabilities(kind)

    async def send(self, to: Destination, message: Outgoing) -> Outcome:
        """Send `message`; see `Channel.send`."""
        answer = await self._ask(outgoing.message_call(self._number, to, message))
        return _outcome(answer) if isinstance(answer, Answer) else answer

    async def act(self, to: Destination, action: Action) -> Outcome:
        """Do `action`; see `Channel.act`."""
        call = outgoing.action_call(self._number, to, action)
        if call is None:
            return Refused(UNSUPPORTED)
        answer = await self._ask(call)
        if not isinstance(answer, Answer):
            return answer
        outcome = _done(answer)
        gone = isinstance(outcome, Refused) and outcome.provider_code == NOT_IN_GROUP
        # Somebody who is not there any more has been removed: by us, asked twice, or by themselves.
        return Accepted("") if gone and isinstance(action, Remove) else outcome

    async def find(self, to: Destination, client_id: str) -> str | None:
        """Return None: the Cloud API names messages itself."""
        del to, client_id
        return None

    async def probe(self) -> None:
        """Ask for the number itself; see `Channel.probe`."""
        answer = await self._read(f"{self._number}?fields=id")
        if answer is None or answer.status // 100 != 2:  # noqa: PLR2004
            reason = UNREACHABLE if answer is None else _trouble(_failure(answer))
            raise ProviderUnavailable("The Cloud API does not answer for this number.", reason)

    async def roster(self, group: str) -> Roster | None:
        """Return who is in a group; see `Channel.roster`."""
        answer = await self._read(f"{quote(group, safe='')}?fields=subject,participants")
        if answer is None:
            raise ProviderUnavailable("The Cloud API cannot be asked now.")
        return roster(answer.json()) if answer.status // 100 == 2 else None  # noqa: PLR2004

    async def _ask(self, call: outgoing.Call) -> Answer | TryAgain | Unclear:
        try:
            return await self._client.request(
                call.method,
                f"{self._base}/{call.path}",
                content=orjson.dumps(call.body),
                headers=self._headers,
            )
        except NotSent:
            return TryAgain("provider_unreachable", 0.5)
        except OutcomeUnknown:
            return Unclear()

    async def _read(self, path: str) -> Answer | None:
        """Return the answer, None where there is none.

        Raises:
            ProviderUnavailable: the account is refused.
        """
        try:
            answer = await self._client.get(f"{self._base}/{path}", self._headers)
        except (NotSent, OutcomeUnknown):
            return None
        _must_be_let_in(answer)
        return answer


def _outcome(answer: Answer) -> Outcome:
    if answer.status // 100 == 2:  # noqa: PLR2004
        provider_id = _first_message_id(answer.json())
        # A body nobody can read: it may well have gone out, so it must not be sent again blindly.
        return Accepted(provider_id) if provider_id else Unclear()
    return _failure(answer)


def _done(answer: Answer) -> Outcome:
    """Return what became of an action; a success may hold the failure of the one thing that was asked."""
    if answer.status // 100 == 2:  # noqa: PLR2004
        code = _inner_code(answer.json())
        return Accepted("") if code is None else Refused(meaning_of(answer.status, code).code, code)
    return _failure(answer)


def _failure(answer: Answer) -> Outcome:
    if answer.status == 504:  # noqa: PLR2004 - somebody between us gave up waiting for an answer
        return Unclear()
    code = _error_code(answer.json())
    meaning = meaning_of(answer.status, code)
    match meaning.treatment:
        case Treatment.PAUSE:
            raise ProviderUnavailable(
                f"The Cloud API refuses this account: {meaning.code}, code {code}.", meaning.code
            )
        case Treatment.RETRY:
            return TryAgain(meaning.code, max(meaning.seconds, _retry_after(answer)))
        case Treatment.REFUSE:
            return Refused(meaning.code, code)


def _trouble(outcome: Outcome) -> str:
    """Return why the number itself cannot be asked for."""
    match outcome:
        case TryAgain(code, _):
            return code if advice(code) else PROVIDER_FAILED
        case Refused():
            return UNKNOWN_NUMBER
        case _:
            return UNREACHABLE


def _must_be_let_in(answer: Answer) -> None:
    if answer.status // 100 != 2:  # noqa: PLR2004
        _failure(answer)


def _first_message_id(body: Any) -> str | None:
    try:
        found = body["messages"][0]["id"]
    except (TypeError, KeyError, IndexError):
        return None
    return found if isinstance(found, str) and found else None


def _error_code(body: Any) -> int | None:
    try:
        code = body["error"]["code"]
    except (TypeError, KeyError):
        return None
    return code if isinstance(code, int) else None


def _inner_code(body: Any) -> int | None:
    """Return the code of the error that stands within an answer of success."""
    if not isinstance(body, dict):
        return None
    failed = [each for name in _FAILED for each in fields.dicts(body, name)]
    if not failed:
        return None
    codes = (code for each in (body, *failed) for code in fields.error_codes(each))
    return next((code for code in codes if isinstance(code, int)), PARTLY_DONE)


def _retry_after(answer: Answer) -> float:
    given = answer.headers.get("retry-after", "")
    return min(float(given), MAX_RETRY_AFTER) if given.isascii() and given.isdigit() else 0.0
