from __future__ import annotations

from collections import Counter

from shared.contracts.envelope import decode
from shared.contracts.gateway import MessageReceived
from shared.errors import Undecodable, UnknownType
from shared.log.record import NewRecord, Record
from tests.chaos.ledger import INBOUND
from tests.chaos.load import Load


def _placed(records: list[NewRecord]) -> list[Record]:
    return [
        Record(INBOUND, 0, place, each.key, each.value, each.headers) for place, each in enumerate(records)
    ]


def _kind(record: NewRecord) -> str:
    try:
        data = decode(record.value, record.headers).data
    except (Undecodable, UnknownType) as error:
        return error.code
    assert isinstance(data, MessageReceived)
    assert data.text is not None
    return "raises" if "poison" in data.text else "sound"


def test_the_same_seed_is_the_same_load() -> None:
    one, other = Load(5, 500), Load(5, 500)
    assert one.inputs == other.inputs
    assert [each.headers["ce_id"] for each in one.records()] == [
        each.headers["ce_id"] for each in other.records()
    ]
    assert Load(6, 500).inputs != one.inputs


def test_one_pass_after_the_other_yields_the_same() -> None:
    load = Load(5, 500)
    assert list(load.records()) == list(load.records())


def test_every_message_is_there_in_order_and_its_copies_come_behind_it() -> None:
    load = Load(7, 3_000)
    stamps = [load.stamp(record) for record in _placed(list(load.records()))]
    assert None not in stamps
    assert Counter(stamps) == Counter({each.stamp: each.copies for each in load.inputs})
    first = list(dict.fromkeys(stamps))
    for chat in load.chats:
        numbers = [stamp[1] for stamp in first if stamp is not None and stamp[0] == chat]
        assert numbers == list(range(len(numbers)))
    assert load.copies == len(stamps) - 3_000
    assert 100 < load.copies < 200


def test_poison_is_spread_and_bad_in_three_ways() -> None:
    load = Load(3, 10_000, duplicates=0)
    assert load.poison == len(load.poisoned) == 10
    kinds = Counter(map(_kind, load.records()))
    assert kinds["sound"] == 9_990
    assert set(kinds) == {"sound", "raises", "undecodable", "unknown_type"}
    assert not Load(3, 1_000, poison=0).poison


def test_a_dead_letter_is_known_by_the_event_it_carries() -> None:
    load = Load(3, 10)
    record = next(load.records())
    why = {"x-dlq-topic": b"in", "x-dlq-partition": b"4", "x-dlq-offset": b"17"}
    letter = Record("dlq", 0, 0, record.key, record.value, {**record.headers, **why})
    stranger = Record("dlq", 0, 1, b"", b"", why)
    (known, unknown) = load.dead([letter, stranger])
    assert (known.stamp, known.place) == (load.inputs[0].stamp, "in/4/17")
    assert unknown.stamp is None
