from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import pytest

from services.gateway import messages as module
from services.gateway.domain.facts import Resolved
from services.gateway.domain.items import Address, AddressKind, IncomingMessage, MediaRef, Place
from services.gateway.domain.known import Attached, Known, Whereabouts, digest_of, received
from services.gateway.messages import BATCH, MessageIndex
from shared import patience
from shared.contracts.gateway import Attachment, ChatKind, MessageKind
from shared.errors import PermanentError, StoreUnavailable
from shared.ids import deterministic_id
from shared.observability.health import Health
from shared.observability.metrics import REGISTRY
from tests.support.events import NOW
from tests.support.streams import running, turns

ABC_HEX = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
ABC_BASE64 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="


class Kept:
    """Keeps what it is given, unless it is away."""

    def __init__(self) -> None:
        self.batches: list[list[Known]] = []
        self.known: dict[str, Known] = {}
        self.errors: list[Exception] = []
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()
        self.looked_up: list[Collection[str]] = []

    async def add(self, messages: Sequence[Known]) -> None:
        self.asked.set()
        await self.open.wait()
        if self.errors:
            raise self.errors.pop(0)
        self.batches.append(list(messages))
        for each in messages:
            self.known.setdefault(each.message_id, each)

    async def find(self, message_id: str) -> Known | None:
        return self.known.get(message_id)

    async def chats_of(self, message_ids: Collection[str]) -> dict[str, Whereabouts]:
        self.looked_up.append(message_ids)
        return {
            each: Whereabouts(self.known[each].chat_id, self.known[each].chat_kind)
            for each in message_ids
            if each in self.known
        }


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PAUSE_SECONDS", (0.0, 0.001))
    monkeypatch.setattr(module, "LINGER_SECONDS", 0.001)


def message(number: int | str = 1, **changes) -> Known:
    known = Known(
        message_id=deterministic_id("message", str(number)),
        chat_id="c_00000000000000000001",
        chat_kind=ChatKind.GROUP,
        account="main",
        provider_id=f"wamid.{number}",
        by_us=False,
        at=NOW,
        member_id="m_00000000000000000001",
    )
    return replace(known, **changes)


def dropped(reason: str) -> float:
    return REGISTRY.get_sample_value("chaupal_message_index_dropped_total", {"reason": reason}) or 0.0


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)


async def test_what_is_remembered_is_found_before_while_and_after_it_is_written():
    kept = Kept()
    kept.open.clear()
    index = MessageIndex(kept, Health())
    index.remember(message())
    assert await index.find(message().message_id) == message()
    async with running(index):
        await kept.asked.wait()
        assert await index.find(message().message_id) == message()
        assert kept.known == {}
        kept.open.set()
        await until(lambda: bool(kept.known))
        assert await index.find(message().message_id) == message()
    assert await index.find(deterministic_id("message", "unknown")) is None


async def test_the_first_that_is_said_stays_and_is_written_once():
    kept = Kept()
    kept.open.clear()
    index = MessageIndex(kept, Health())
    index.remember(message())
    index.remember(message(provider_id="another"))
    async with running(index):
        await kept.asked.wait()
        index.remember(message(provider_id="a third"))
        kept.open.set()
    assert kept.batches == [[message()]]


async def test_messages_are_written_together():
    kept = Kept()
    index = MessageIndex(kept, Health())
    async with running(index):
        for number in range(BATCH * 2 + 1):
            index.remember(message(number))
    assert [len(each) for each in kept.batches] == [BATCH, BATCH, 1]


async def test_a_full_batch_is_not_lingered_over(monkeypatch):
    monkeypatch.setattr(module, "LINGER_SECONDS", 3600.0)
    kept = Kept()
    index = MessageIndex(kept, Health())
    async with running(index):
        for number in range(BATCH):
            index.remember(message(number))
        await until(lambda: bool(kept.batches))
        index.remember(message("late"))
        await turns()
        assert len(kept.batches) == 1
    assert [len(each) for each in kept.batches] == [BATCH, 1]


async def test_what_does_not_fit_is_dropped_and_counted():
    kept, before = Kept(), dropped("full")
    index = MessageIndex(kept, Health(), capacity=3)
    for number in range(5):
        index.remember(message(number))
    assert dropped("full") - before == 2
    assert await index.find(message(2).message_id) == message(2)
    assert await index.find(message(3).message_id) is None
    async with running(index):
        await until(lambda: len(kept.known) == 3)
        index.remember(message(4))
    assert len(kept.known) == 4
    assert dropped("full") - before == 2


async def test_while_the_database_is_away_it_waits_and_stays_bounded():
    kept, health, before = Kept(), Health(), dropped("full")
    kept.errors = [StoreUnavailable("away")] * 3
    index = MessageIndex(kept, health, capacity=4)
    for number in range(4):
        index.remember(message(number))
    async with running(index):
        await kept.asked.wait()
        index.remember(message(4))
        await until(lambda: bool(kept.known))
        await turns()
        assert health.unready() == {}
    assert len(kept.known) == 4
    assert dropped("full") - before == 1


async def test_a_stop_while_the_database_is_away_ends_and_counts_what_is_lost():
    kept, before = Kept(), dropped("not_written")
    kept.errors = [StoreUnavailable("away")] * 1000
    index = MessageIndex(kept, Health())
    for number in range(BATCH + 7):
        index.remember(message(number))
    async with running(index):
        await kept.asked.wait()
    assert dropped("not_written") - before == BATCH + 7


async def test_what_the_database_refuses_is_counted_and_the_rest_goes_on():
    kept, before = Kept(), dropped("refused")
    kept.errors = [PermanentError("too large")]
    index = MessageIndex(kept, Health())
    async with running(index):
        index.remember(message(1))
        await until(lambda: dropped("refused") - before == 1)
        index.remember(message(2))
    assert list(kept.known) == [message(2).message_id]


@pytest.mark.parametrize(
    "changes",
    [
        {"provider_id": "x" * 1025},
        {"media": Attached(MediaRef(url="x" * 8193))},
        {"media": Attached(MediaRef(id="x" * 8000, url="x" * 200))},
    ],
)
async def test_names_of_absurd_length_are_not_kept(changes):
    before = dropped("excessive")
    index = MessageIndex(Kept(), Health())
    index.remember(message(**changes))
    assert dropped("excessive") - before == 1
    assert await index.find(message().message_id) is None


async def test_chats_are_told_of_messages_at_hand_and_kept_ones():
    kept = Kept()
    index = MessageIndex(kept, Health())
    index.remember(message(1))
    kept.known[message(2).message_id] = message(2, chat_id="c_2", chat_kind=ChatKind.DIRECT)
    ids = [message(number).message_id for number in (1, 2, 3)]
    assert await index.chats_of(ids) == {
        ids[0]: Whereabouts("c_00000000000000000001", ChatKind.GROUP, ids[0]),
        ids[1]: Whereabouts("c_2", ChatKind.DIRECT),
    }
    assert kept.looked_up == [ids[1:]]
    assert (await index.chats_of(ids[:1])).keys() == {ids[0]}
    assert len(kept.looked_up) == 1


async def test_the_loop_shows_that_it_is_alive_while_nothing_happens(monkeypatch):
    monkeypatch.setattr(module, "IDLE_SECONDS", 0.0)
    health = Health()
    index = MessageIndex(Kept(), health)
    assert index.name == "index of messages"
    async with running(index):
        await turns()
        assert health.unready() == {}
        assert health.check(index.name).beaten is not None


@pytest.mark.parametrize(
    "written", [ABC_HEX, ABC_HEX.upper(), ABC_BASE64, ABC_BASE64.rstrip("="), ABC_BASE64.replace("+", "-")]
)
def test_a_digest_is_read_as_providers_write_it(written):
    assert digest_of(written) == bytes.fromhex(ABC_HEX)


@pytest.mark.parametrize(
    "written",
    [None, "", "abc", ABC_HEX[:-2], ABC_HEX + "00", ABC_BASE64 + "AAAA", "é" * 44, "\ud800", "=" * 44],
)
def test_what_is_no_digest_is_not_compared(written):
    assert digest_of(written) is None


PERSON = (Address(AddressKind.PHONE, "919000000101"),)
IDS = Resolved("cloud_api", "main", {PERSON[0]: "m_1"}, {"group": "c_1", "m_1": "c_2"})


def incoming(**changes) -> IncomingMessage:
    item = IncomingMessage(
        provider_id="wamid.1",
        place=Place(ChatKind.GROUP, "group"),
        sender=PERSON,
        sent_at=dt.datetime(1999, 1, 1, tzinfo=dt.UTC),
        kind=MessageKind.IMAGE,
        type_name="image",
    )
    return replace(item, **changes)


def test_a_message_of_a_member_is_known_by_what_answers_need():
    assert received(incoming(), IDS, NOW) == Known(
        message_id=IDS.id("message", "wamid.1"),
        chat_id="c_1",
        chat_kind=ChatKind.GROUP,
        account="main",
        provider_id="wamid.1",
        by_us=False,
        at=NOW,
        member_id="m_1",
    )
    assert received(incoming(place=Place(ChatKind.DIRECT)), IDS, NOW).chat_id == "c_2"


def test_a_bridges_message_is_found_by_the_short_id_that_its_deletion_names():
    ids = Resolved("waha", "main", IDS.members, IDS.chats)
    known = received(incoming(provider_id="false_120363@g.us_3EB0AA_919000000101@c.us"), ids, NOW)
    assert known.alias == ids.id("message", "3EB0AA") != known.message_id
    assert known.provider_id == "false_120363@g.us_3EB0AA_919000000101@c.us"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"media_id": "77"}, Attached(MediaRef(id="77"))),
        ({"media": MediaRef(url="http://waha/x"), "media_id": "77"}, Attached(MediaRef(url="http://waha/x"))),
        ({"media": MediaRef()}, None),
        (
            {
                "media_id": "77",
                "attachment": Attachment(
                    mime_type="Audio/OGG; codecs=opus", filename="x.html", sha256=ABC_BASE64
                ),
            },
            Attached(MediaRef(id="77"), "audio/ogg", bytes.fromhex(ABC_HEX)),
        ),
        (
            {
                "media_id": "77",
                "attachment": Attachment(mime_type="text/html\r\nx: y", filename=None, sha256="no"),
            },
            Attached(MediaRef(id="77")),
        ),
    ],
)
def test_a_file_is_known_by_where_it_is_and_what_was_declared(changes, expected):
    assert received(incoming(**changes), IDS, NOW).media == expected
