"""One phone number at the Cloud API."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from services.gateway.channels.cloud_api.errors import Treatment, meaning_of
from services.gateway.channels.cloud_api.parse import parse
from services.gateway.channels.cloud_api.signature import verify
from services.gateway.channels.contract import Accepted, Destination, Outcome, Refused, TryAgain, Unclear
from services.gateway.domain.items import AddressKind, Item
from shared.errors import ProviderUnavailable
from shared.http.client import Answer, HttpClient, NotSent, OutcomeUnknown

SIGNATURE_HEADER = "x-hub-signature-256"
MAX_RETRY_AFTER = 300.0


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
        self._url = f"{api_base.rstrip('/')}/{phone_number_id}/messages"
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

    def parse(self, body: bytes) -> list[Item]:
        """Return everything `body` contains."""
        return parse(body, self._number)

    async def send_text(self, to: Destination, text: str, mark: str) -> Outcome:
        """Send `text`; see `Channel.send_text`."""
        message = {
            "messaging_product": "whatsapp",
            **_recipient(to),
            "type": "text",
            "text": {"body": text, "preview_url": False},
            "biz_opaque_callback_data": mark,
        }
        try:
            answer = await self._client.post(self._url, orjson.dumps(message), self._headers)
        except NotSent:
            return TryAgain("provider_unreachable", 0.5)
        except OutcomeUnknown:
            return Unclear()
        return _outcome(answer)


def _recipient(to: Destination) -> dict[str, str]:
    if to.group is not None:
        return {"recipient_type": "group", "to": to.group}
    if to.person is None:
        raise ValueError("a message goes to a group or to a person")
    if to.person.kind is AddressKind.PHONE:
        # Without the plus, Meta puts the sender's own country code before the number.
        return {"recipient_type": "individual", "to": f"+{to.person.value}"}
    return {"recipient_type": "individual", "recipient": to.person.value}


def _outcome(answer: Answer) -> Outcome:
    body = answer.json()
    if answer.status // 100 == 2:  # noqa: PLR2004
        provider_id = _first_message_id(body)
        # A body nobody can read: it may well have gone out, so it must not be sent again blindly.
        return Accepted(provider_id) if provider_id else Unclear()
    if answer.status == 504:  # noqa: PLR2004 - somebody between us gave up waiting for an answer
        return Unclear()
    code = _error_code(body)
    meaning = meaning_of(answer.status, code)
    match meaning.treatment:
        case Treatment.PAUSE:
            raise ProviderUnavailable(f"The Cloud API refuses this account: {meaning.code}, code {code}.")
        case Treatment.RETRY:
            return TryAgain(meaning.code, max(meaning.seconds, _retry_after(answer)))
        case Treatment.REFUSE:
            return Refused(meaning.code, code)


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


def _retry_after(answer: Answer) -> float:
    given = answer.headers.get("retry-after", "")
    return min(float(given), MAX_RETRY_AFTER) if given.isascii() and given.isdigit() else 0.0
