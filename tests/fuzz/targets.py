"""What is fuzzed: each takes any bytes, and lets nothing escape but a finding."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from services.gateway.channels.cloud_api import fields as cloud_api_fields
from services.gateway.channels.cloud_api import signature as cloud_api_signature
from services.gateway.channels.cloud_api.parse import parse as parse_cloud_api
from services.gateway.channels.contract import Channel
from services.gateway.channels.waha import fields as waha_fields
from services.gateway.channels.waha import ids as waha_ids
from services.gateway.channels.waha import signature as waha_signature
from services.gateway.channels.waha.parse import parse as parse_waha
from services.gateway.domain.facts import message_key
from services.gateway.domain.items import Address, AddressKind, Item, Unread
from services.gateway.domain.known import Known, Whereabouts
from services.gateway.ingest import Ingest
from services.gateway.store import Identities
from shared.clock import SystemClock
from shared.contracts.envelope import decode, encode
from shared.errors import Undecodable, UnknownType, UnknownVersion
from shared.log.backend import Backend
from shared.log.record import MAX_RECORD_BYTES, NewRecord
from tests.fuzz import corpus

SECRETS = ("a-secret", "the-secret-before-it")
PARSERS: Mapping[str, Callable[[bytes], Iterable[Item]]] = {"cloud_api": parse_cloud_api, "waha": parse_waha}


class Finding(AssertionError):
    """Something held for every input, and not for this one."""


def hold(condition: object, what: str) -> None:
    """Raise a finding unless `condition` holds; `assert` would be gone where Python optimises."""
    if not condition:
        raise Finding(what)


@dataclass(frozen=True, slots=True)
class Target:
    """One function under fuzz."""

    name: str
    run: Callable[[bytes], None]
    """Returns for every input whose outcome is declared."""
    seeds: Callable[[], dict[str, bytes]]
    json: bool = False
    """Whether inputs are JSON, and are better changed as such."""


def _parse(name: str) -> Callable[[bytes], None]:
    def run(body: bytes) -> None:
        items = list(PARSERS[name](body))
        hold(all(isinstance(each, Item) for each in items), "something else than an item came out")
        if not body.lstrip().startswith(b"{"):
            hold(items and all(isinstance(each, Unread) for each in items), "no object, and yet understood")
        for each in items:
            _hashable_people(each)

    return run


def _hashable_people(item: Item) -> None:
    for address in getattr(item, "sender", ()):
        hold(address.value, "an address of nobody")
        hold(len(address.value) <= cloud_api_fields.MAX_IDENTIFIER, "a key of absurd length")
        address.value.encode()


class _People:
    """Knows everybody and every chat at once."""

    async def members(
        self, channel: str, account: str, people: Iterable[tuple[Address, ...]]
    ) -> dict[Address, str]:
        return {each: f"m_{hash(each) & 0xFFFFFFFF:020x}" for person in people for each in person}

    async def chats(self, channel: str, account: str, wanted: Mapping[str, Any]) -> dict[str, str]:
        for place in wanted:
            place.encode()
        return {place: f"c_{hash(place) & 0xFFFFFFFF:020x}" for place in wanted}

    async def moved(self, *args: Any, **more: Any) -> None:
        return None


class _Messages:
    """Knows one message, so that what speaks of others is kept."""

    def remember(self, known: Known) -> None:
        known.provider_id.encode()

    async def chats_of(self, message_ids: Collection[str]) -> dict[str, Whereabouts]:
        return {}


class _Log:
    """Keeps what is appended until it is asked."""

    def __init__(self) -> None:
        self.records: list[NewRecord] = []

    async def append(self, records: Sequence[NewRecord]) -> None:
        self.records = list(records)


class _Reader:
    """A channel that reads, and nothing else."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parse = PARSERS[name]


def _facts(name: str) -> Callable[[bytes], None]:
    log = _Log()
    ingest = Ingest(cast("Backend", log), cast("Identities", _People()), SystemClock(), _Messages())
    channel = cast("Channel", _Reader(name))

    def run(body: bytes) -> None:
        _finish(ingest.accept(channel, "main", body))
        for record in log.records:
            hold(len(record.value) < MAX_RECORD_BYTES, "a record that no log takes")
            decode(record.value, record.headers)
        first = [(each.headers["ce_id"], each.key) for each in log.records]
        _finish(ingest.accept(channel, "main", body))
        hold(
            first == [(each.headers["ce_id"], each.key) for each in log.records], "other ids the second time"
        )

    return run


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Run what never waits, without the cost of an event loop."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise Finding("it waits for something")


def _signature(data: bytes) -> None:
    header, algorithm, body = [*data.split(corpus.FIELD, 2), b"", b""][:3]
    # As a server hands headers over, and as no server does.
    for text in (header.decode("latin-1"), header.decode("utf-8", "surrogateescape")):
        told = algorithm.decode("latin-1")
        given = cloud_api_signature.verify(body, text, SECRETS)
        hold(given == (text in [cloud_api_signature.sign(body, each) for each in SECRETS]), "cloud_api")
        headers = {waha_signature.SIGNATURE_HEADER: text, waha_signature.ALGORITHM_HEADER: told}
        if waha_signature.verify(body, headers, SECRETS):
            hold(text in [waha_signature.sign(body, each) for each in SECRETS], "waha")
            hold(told.strip().lower() == waha_signature.ALGORITHM, "waha with another algorithm")
    for secret in SECRETS:
        hold(
            cloud_api_signature.verify(body, cloud_api_signature.sign(body, secret), SECRETS),
            "cloud_api refused",
        )
        right = {waha_signature.SIGNATURE_HEADER: waha_signature.sign(body, secret)}
        hold(waha_signature.verify(body, right, SECRETS), "waha refused")


def _addresses(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    for kind in AddressKind:
        found = cloud_api_fields.address(text, kind)
        again = found and cloud_api_fields.address(found.value, found.kind)
        hold(found is None or (again and again.value == found.value != ""), "another address the second time")
    for part in ({"wa_id": text, "user_id": text}, text, {"input": text, "parent_user_id": text}):
        with contextlib.suppress(ValueError):
            for each in cloud_api_fields.named(part):
                hold(each.value, "an address of nobody")
    with contextlib.suppress(ValueError):
        hold((waha_fields.identifier({"id": text}, "id") or "x").encode(), "an id of nothing")
    for person in waha_ids.people(text, waha_ids.spelled(text)):
        hold(person.value, "an address of nobody")
        waha_ids.jid_of(person)
    waha_ids.place_among([text, None])
    if key := waha_ids.Key.read(text):
        hold(waha_ids.Key.read(str(key)), "written as something that cannot be read")
        hold(waha_ids.bare(text) == key.id, "two names of one message")
    for channel in PARSERS:
        hold(isinstance(message_key(channel, text), str), "no key")


def _envelope(data: bytes) -> None:
    head, _, value = data.partition(corpus.FIELD)
    pairs = [line.partition(b":") for line in head.split(b"\n")]
    headers = {name.decode("latin-1"): rest for name, _, rest in pairs}
    try:
        found = decode(value, headers)
    except (Undecodable, UnknownType, UnknownVersion):
        return
    hold(decode(*encode(found)) == found, "it does not survive being written")


TARGETS: Mapping[str, Target] = {
    each.name: each
    for each in (
        Target("cloud_api_parse", _parse("cloud_api"), corpus.cloud_api, json=True),
        Target("waha_parse", _parse("waha"), corpus.waha, json=True),
        Target("cloud_api_facts", _facts("cloud_api"), corpus.cloud_api, json=True),
        Target("waha_facts", _facts("waha"), corpus.waha, json=True),
        Target("signatures", _signature, corpus.signed),
        Target("addresses", _addresses, corpus.names),
        Target("envelope", _envelope, corpus.records),
    )
}
