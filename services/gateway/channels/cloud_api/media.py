"""Files at the Cloud API: an id is exchanged for an address that is good for five minutes."""

from __future__ import annotations

import re

from services.gateway.channels.files import OK, FileGone, FileRefused, failure, fetch
from services.gateway.domain.known import Known
from shared.errors import ProviderUnavailable
from shared.http.client import HttpClient, Incoming, NotSent, OutcomeUnknown
from shared.http.guard import Guard, Resolve, origin_of

META = "graph.facebook.com"
HOSTS = ("lookaside.fbsbx.com", ".fbcdn.net", ".whatsapp.net")
"""Where Meta keeps files; nothing else is asked, and nobody else sees the token."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}", re.ASCII)
_NO_SUCH_OBJECT = 100


class CloudApiFiles:
    """The files of one account at the Cloud API."""

    def __init__(
        self, client: HttpClient, *, api_base: str, access_token: str, resolve: Resolve | None = None
    ) -> None:
        self._client = client
        self._base = api_base.rstrip("/")
        self._headers = {"authorization": f"Bearer {access_token}"}
        # A stand-in for Meta, as in development, keeps its files beside its API.
        elsewhere = [self._base] if origin_of(self._base).host != META else []
        self._guard = Guard(hosts=HOSTS, origins=elsewhere, resolve=resolve)

    async def open(self, known: Known) -> Incoming:
        """Return the file of a message; see `Files.open`."""
        media_id = known.media.ref.id if known.media else None
        if media_id is None or not _ID.fullmatch(media_id):
            # It becomes part of a path that we ask for with our token.
            raise FileRefused("The provider's id of the file is none.")

        async def locate() -> str:
            return await self._address(media_id)

        return await fetch(self._client, self._guard, self._headers, locate, locate)

    async def _address(self, media_id: str) -> str:
        try:
            answer = await self._client.get(f"{self._base}/{media_id}", self._headers)
        except (NotSent, OutcomeUnknown) as error:
            raise ProviderUnavailable(f"The provider does not answer: {error.code}.") from error
        body = answer.json()
        if answer.status != OK:
            raise failure(answer.status) if not _unknown(body) else FileGone("The provider has forgotten it.")
        url = body.get("url") if isinstance(body, dict) else None
        if not isinstance(url, str):
            raise FileRefused("The provider said no address.")
        return url


def _unknown(body: object) -> bool:
    """Return whether an answer says that there is no such object: an id of Meta's lives a week."""
    error = body.get("error") if isinstance(body, dict) else None
    return isinstance(error, dict) and error.get("code") == _NO_SUCH_OBJECT
