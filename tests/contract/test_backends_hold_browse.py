from __future__ import annotations

import contextlib
import math
import time

from shared.log.record import NewRecord, Partition, Record
from tests.support.log_place import KEYS, Place, values
from tests.support.streams import eventually, take


class TestHolding:
    async def test_a_member_that_goes_back_reads_again(self, place: Place) -> None:
        await place.log.append([place.new(value=b"%d" % n) for n in range(5)])
        async with place.member() as consumer:
            records = await take(consumer, 5)
            await consumer.hold({records[2].source: records[2].offset}, 0)
            assert values(await take(consumer, 3)) == [b"2", b"3", b"4"]
            await consumer.hold({Partition(place.other.name, 0): 0}, 0)
            assert not await consumer.poll(10, 0.05)

    async def test_what_is_held_comes_again_and_not_too_early(self, place: Place) -> None:
        await place.log.append([place.new(value=b"%d" % n) for n in range(5)])
        async with place.member() as consumer:
            (first,) = await take(consumer, 1)
            began = time.monotonic()
            await consumer.hold({first.source: 0}, 0.4)
            # One poll is enough: it waits for the end of the hold, which comes before its own.
            records = await consumer.poll(10, 10.0)
            assert 0.4 <= time.monotonic() - began < 5.0
            assert [each.value for each in [*records, *await take(consumer, 5 - len(records))]] == [
                b"%d" % n for n in range(5)
            ]

    async def test_what_is_held_holds_up_nobody_else(self, place: Place) -> None:
        await place.log.append([place.new(value=b"held"), NewRecord(place.other.name, b"k", b"free")])
        async with place.member("both", place.topic.name, place.other.name) as consumer:
            held = next(each for each in await take(consumer, 2) if each.value == b"held")
            await consumer.hold({held.source: held.offset}, math.inf)
            await place.log.append(
                [place.new(value=b"behind"), NewRecord(place.other.name, b"k", b"free too")]
            )
            assert values(await take(consumer, 1)) == [b"free too"]
            assert not await consumer.poll(10, 0.3)
            # Not reading at all for a while brings it back no sooner.
            await consumer.idle()
            assert not await consumer.poll(10, 0.3)
            assert await consumer.lag() == {place.topic.name: 2, place.other.name: 0}
            await consumer.hold({held.source: held.offset}, 0)
            assert values(await take(consumer, 2)) == [b"held", b"behind"]

    async def test_a_poll_that_waits_only_for_what_is_held_lets_others_work(self, place: Place) -> None:
        await place.log.append([place.new()])
        async with place.member() as consumer:
            (record,) = await take(consumer, 1)
            await consumer.hold({record.source: record.offset}, math.inf)
            began, worked = time.monotonic(), time.process_time()
            assert not await consumer.poll(10, 0.5)
            assert time.monotonic() - began >= 0.5
            assert time.process_time() - worked < 0.25

    async def test_what_is_held_can_be_committed(self, place: Place) -> None:
        await place.log.append([place.new(value=b"%d" % n) for n in range(3)])
        async with place.member() as consumer:
            records = await take(consumer, 3)
            await consumer.hold({records[1].source: records[1].offset}, math.inf)
            await consumer.commit({records[0].source: records[0].next_offset})
        async with place.member() as consumer:
            assert values(await take(consumer, 2)) == [b"1", b"2"]

    async def test_a_later_hold_takes_the_place_of_an_earlier_one(self, place: Place) -> None:
        await place.log.append([place.new(value=b"%d" % n) for n in range(3)])
        async with place.member() as consumer:
            records = await take(consumer, 3)
            await consumer.hold({records[0].source: records[0].offset}, math.inf)
            await consumer.hold({records[1].source: records[1].offset}, 0.05)
            assert values(await take(consumer, 2)) == [b"1", b"2"]

    async def test_a_hold_ends_when_the_partition_is_taken_away(self, place: Place) -> None:
        await place.log.append([place.new()])
        async with place.member() as first:
            (record,) = await take(first, 1)
            await first.hold({record.source: record.offset}, math.inf)
            found: list[Record] = []
            async with place.member() as second:

                async def read() -> bool:
                    for member in (first, second):
                        found.extend(await member.poll(10, 0.02))
                    return bool(found)

                await eventually(read, "the record that was held")
            assert (found[0].source, found[0].offset) == (record.source, record.offset)


class TestBrowsing:
    async def test_all_that_stands_in_a_topic_is_seen_in_order_and_nothing_moves(self, place: Place) -> None:
        written = [place.new(key, b"%d" % n) for n in range(300) for key in KEYS]
        await place.log.append(written[:1000])
        await place.log.append([*written[1000:], NewRecord(place.other.name, b"k", b"not asked for")])
        pages = [page async for page in place.log.browse(place.topic.name)]
        assert all(0 < len(page) <= 500 for page in pages)
        found = [record for page in pages for record in page]
        assert len(found) == len(written)
        for number in range(3):
            offsets = [record.offset for record in found if record.partition == number]
            assert offsets == list(range(len(offsets)))
        assert sorted((each.key, each.value) for each in found) == sorted((e.key, e.value) for e in written)
        async with place.member() as consumer:
            assert len(await take(consumer, 1500)) == 1500

    async def test_what_is_written_meanwhile_is_left_out(self, place: Place) -> None:
        await place.log.append([place.new(value=b"%d" % n) for n in range(600)])
        found: list[Record] = []
        async with contextlib.aclosing(place.log.browse(place.topic.name)) as pages:  # type: ignore[type-var]
            async for page in pages:
                found += page
                await place.log.append([place.new(value=b"later")])
        assert values(found) == [b"%d" % n for n in range(600)]

    async def test_an_empty_or_unknown_topic_has_no_pages(self, place: Place) -> None:
        for topic in (place.topic.name, f"{place.topic.name}.unheard_of"):
            assert not [page async for page in place.log.browse(topic)]

    async def test_a_log_that_was_not_opened_can_be_browsed(self, place: Place) -> None:
        await place.log.append([place.new(value=b"1")])
        # As another process does, beside the one that owns the log.
        beside = place.make()
        assert [values(page) async for page in beside.browse(place.topic.name)] == [[b"1"]]
        await beside.stop()
        await place.log.append([place.new(value=b"2")])
