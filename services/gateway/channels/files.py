"""Fetching a member's file from a provider: from where the provider keeps it and from nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias

from services.gateway.domain.known import Known
from shared.errors import ProviderUnavailable, Rejected
from shared.http.client import HttpClient, Incoming, NotSent, OutcomeUnknown
from shared.http.guard import AddressRefused, Guard, NameUnknown

OK = 200
_EXPIRED = frozenset({401, 403, 404, 410})
"""What a provider says about an address that was good for some minutes only."""

_GONE = frozenset({404, 410})
_DENIED = frozenset({401, 403})

Locate: TypeAlias = Callable[[], Awaitable[str]]


class FileGone(Rejected):
    """The provider does not have the file any more."""

    code = "media_gone"
    status = 410


class FileRefused(Rejected):
    """The provider's answer leads where nobody should be led, or is none we can use."""

    code = "media_refused"
    status = 502


class Files(Protocol):
    """Where the files of one account are."""

    async def open(self, known: Known) -> Incoming:
        """Return the file of a message; its body is on its way, and the caller closes it.

        Raises:
            FileGone: the provider does not have it any more.
            FileRefused: it would have to be fetched from where nothing is to be fetched.
            ProviderUnavailable: the provider does not answer, or refuses us.
        """
        ...


async def fetch(client: HttpClient, guard: Guard, headers: Mapping[str, str], *places: Locate) -> Incoming:
    """Return a file from the first of `places` that has it.

    Args:
        client: how we ask.
        guard: says where the provider keeps files.
        headers: what proves to the provider who we are.
        places: each says an address; the next is asked for only where the one before has expired.

    Raises:
        FileGone: the last of them does not have it either.
        FileRefused: see `Files.open`.
        ProviderUnavailable: see `Files.open`.
    """
    status = 0
    for locate in places:
        incoming = await _ask(client, guard, headers, await locate())
        status = incoming.status
        if status == OK:
            return incoming
        await incoming.aclose()
        if status not in _EXPIRED:
            break
    raise failure(status)


def failure(status: int) -> FileGone | FileRefused | ProviderUnavailable:
    """Return what a status other than 200 means for a file."""
    if status in _GONE:
        return FileGone("The provider does not have this file any more.")
    if status in _DENIED or status == 429 or status >= 500:  # noqa: PLR2004
        return ProviderUnavailable(f"The provider does not hand out files now: status {status}.")
    return FileRefused(f"The provider did not hand out the file: status {status}.")


async def _ask(client: HttpClient, guard: Guard, headers: Mapping[str, str], url: str) -> Incoming:
    try:
        return await client.open(url, headers, guard)
    except AddressRefused as error:
        raise FileRefused(f"The file lies where nothing may be fetched: {error.reason}.") from error
    except (NameUnknown, NotSent, OutcomeUnknown) as error:
        raise ProviderUnavailable(f"The provider does not hand out files now: {error.code}.") from error
