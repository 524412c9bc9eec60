"""Files at a WAHA bridge: it keeps what it has received for some minutes, and fetches it anew when asked."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from services.gateway.channels.files import FileGone, FileRefused, Locate, fetch
from services.gateway.channels.waha.ids import Key
from services.gateway.domain.known import Known
from shared.errors import ProviderUnavailable
from shared.http.client import HttpClient, Incoming, NotSent, OutcomeUnknown
from shared.http.guard import AddressRefused, Guard

FILES = "/api/files/"

# Segments that lead nowhere but down: no dots alone, nothing encoded that could hide some.
_STEP = r"(?:[A-Za-z0-9_@=-]|%40)(?:[A-Za-z0-9_.@=-]|%40)*"
_SEGMENTS = re.compile(rf"(?:{_STEP}/)*{_STEP}", re.ASCII)


class WahaFiles:
    """The files of one session at a bridge."""

    def __init__(self, client: HttpClient, *, api_base: str, api_key: str, session: str) -> None:
        self._client = client
        self._base = api_base.rstrip("/")
        self._session = session
        self._headers = {"x-api-key": api_key}
        self._guard = Guard(hosts=(), origins=[self._base])

    async def open(self, known: Known) -> Incoming:
        """Return the file of a message; see `Files.open`."""
        first = known.media.ref.url if known.media else None

        async def as_told() -> str:
            return await self._checked(first)

        async def anew() -> str:
            return await self._checked(await self._asked_again(known.provider_id))

        places: list[Locate] = [as_told, anew] if first is not None else [anew]
        return await fetch(self._client, self._guard, self._headers, *places)

    async def _checked(self, url: str | None) -> str:
        """Return `url` if it is a file: the key opens all of the bridge, its sessions and codes included."""
        try:
            path = (await self._guard.check(url or "")).path.partition("?")[0]
        except AddressRefused as error:
            raise FileRefused(f"The file lies where nothing may be fetched: {error.reason}.") from error
        prefix = urlsplit(self._base).path + FILES
        if url is None or not path.startswith(prefix) or not _SEGMENTS.fullmatch(path.removeprefix(prefix)):
            raise FileRefused("The bridge names no file.")
        return url

    async def _asked_again(self, provider_id: str) -> str | None:
        key = Key.read(provider_id)
        if key is None:
            raise FileGone("The bridge does not have this file any more.")
        path = "/".join(
            quote(each, safe="") for each in (self._session, "chats", key.chat, "messages", provider_id)
        )
        try:
            answer = await self._client.get(f"{self._base}/api/{path}?downloadMedia=true", self._headers)
        except (NotSent, OutcomeUnknown) as error:
            raise ProviderUnavailable(f"The bridge does not answer: {error.code}.") from error
        body = answer.json()
        media = body.get("media") if isinstance(body, dict) else None
        url = media.get("url") if isinstance(media, dict) else None
        if not isinstance(url, str):
            raise FileGone("The bridge does not have this file any more.")
        return url
