"""A webhook of tens of thousands of items is read, told and forgotten slice by slice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import pytest

from services.gateway.channels.cloud_api.parse import parse
from services.gateway.channels.contract import Channel
from services.gateway.domain.items import Address, Item
from services.gateway.ingest import SLICE, Ingest
from services.gateway.store import Identities
from shared.clock import SystemClock
from shared.contracts.envelope import decode
from shared.contracts.topics import UNPARSED
from shared.errors import LogUnavailable
from shared.log.backend import Backend
from shared.log.record import NewRecord
from tests.support.cloud_api import body_of

MANY = 10 * SLICE + 7


class Log:
    """Keeps the ids of what is appended, and is away at one of the appends."""

    def __init__(self, away_at: int | None = None) -> None:
        self.ids: list[str] = []
        self.longest = 0
        self.appends = 0
        self._away_at = away_at

    async def append(self, records: Sequence[NewRecord]) -> None:
        self.appends += 1
        if self.appends == self._away_at:
            raise LogUnavailable("gone")
        self.longest = max(self.longest, len(records))
        assert UNPARSED.name not in {each.topic for each in records}
        self.ids += [decode(each.value, each.headers).id for each in records]


class People:
    """Everybody is somebody."""

    async def members(
        self, channel: str, account: str, people: Iterable[tuple[Address, ...]]
    ) -> dict[Address, str]:
        return {each: f"m_{int(each.value):020x}" for person in people for each in person}

    async def chats(self, channel: str, account: str, wanted: Mapping[str, Any]) -> dict[str, str]:
        return {place: f"c_{number:020x}" for number, place in enumerate(wanted)}


class Reader:
    """Reads, and notes how many items have been made that the log does not have yet."""

    name = "cloud_api"

    def __init__(self, log: Log) -> None:
        self._log = log
        self.most_at_hand = 0

    def parse(self, body: bytes) -> Iterator[Item]:
        for number, item in enumerate(parse(body), 1):
            self.most_at_hand = max(self.most_at_hand, number - len(self._log.ids))
            yield item


def accept(log: Log, body: bytes, reader: Reader | None = None) -> Any:
    ingest = Ingest(cast("Backend", log), cast("Identities", People()), SystemClock())
    return ingest.accept(cast("Channel", reader or Reader(log)), "main", body)


def statuses(count: int) -> bytes:
    parts = [
        {"id": f"wamid.{each}", "status": "read", "recipient_id": "919000000101"} for each in range(count)
    ]
    return body_of({"statuses": parts})


async def test_only_one_slice_is_at_hand_and_everything_arrives_once():
    log = Log()
    reader = Reader(log)
    await accept(log, statuses(MANY), reader)
    assert len(set(log.ids)) == len(log.ids) == MANY
    assert reader.most_at_hand <= SLICE
    assert log.longest <= SLICE


async def test_others_have_their_turn_between_slices_even_where_the_log_never_waits():
    turns = 0

    async def somebody_else() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    other = asyncio.create_task(somebody_else())
    await accept(Log(), statuses(MANY))
    other.cancel()
    assert turns >= MANY // SLICE


async def test_a_webhook_of_one_slice_is_one_append():
    log = Log()
    await accept(log, statuses(SLICE))
    assert log.appends == 1


@pytest.mark.parametrize("away_at", [1, 2, 11])
async def test_what_a_failure_leaves_behind_comes_again_under_the_same_ids(away_at: int):
    whole, broken = Log(), Log(away_at)
    await accept(whole, statuses(MANY))
    with pytest.raises(LogUnavailable):
        await accept(broken, statuses(MANY))
    assert broken.ids == whole.ids[: (away_at - 1) * SLICE]
    left = len(broken.ids)
    await accept(broken, statuses(MANY))
    assert broken.ids[left:] == whole.ids


async def test_one_item_that_is_many_events_is_appended_in_slices_too():
    people = [{"wa_id": f"9190000{each:05d}"} for each in range(MANY)]
    told = {"type": "group_participants_add", "group_id": "g-1", "added_participants": people}
    change = {"field": "group_participants_update", "value": {"groups": [told]}}
    log = Log()
    await accept(log, json.dumps({"entry": [{"id": "1", "changes": [change]}]}).encode())
    assert len(set(log.ids)) == MANY
    assert log.longest == SLICE
