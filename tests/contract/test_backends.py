from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection

import pytest

from shared.errors import LogUnavailable, PermanentError
from shared.log.backend import Consumer
from shared.log.record import MAX_RECORD_BYTES, NewRecord, Partition, Record
from tests.support.log_place import KEYS, Place, values
from tests.support.streams import done, eventually, take, turns


class TestReading:
    async def test_records_of_one_key_come_in_the_order_they_were_appended(self, place: Place) -> None:
        for round_ in range(4):
            await place.log.append(
                [place.new(key, b"%d" % (round_ * 3 + n)) for n in range(3) for key in KEYS]
            )
        async with place.member() as consumer:
            records = await take(consumer, 60)
        for key in KEYS:
            mine = [record for record in records if record.key == key]
            assert values(mine) == [b"%d" % n for n in range(12)]
            assert len({record.partition for record in mine}) == 1
        assert len({record.partition for record in records}) > 1

    async def test_offsets_of_a_partition_count_from_zero_without_gaps(self, place: Place) -> None:
        await place.log.append([place.new(key) for key in KEYS for _ in range(3)])
        async with place.member() as consumer:
            records = await take(consumer, 15)
        for number in range(3):
            offsets = [record.offset for record in records if record.partition == number]
            assert offsets == list(range(len(offsets)))

    async def test_bytes_come_back_as_they_were(self, place: Place) -> None:
        written = [
            NewRecord(place.topic.name, b"\xff\x00k", bytes(range(256)), {"ce_id": "नमस्ते 🙏".encode()}),
            NewRecord(place.topic.name, b"\xff\x00k", b"", {"empty": b"", "dotted.$name": b"\x00\xff"}),
            NewRecord(place.topic.name, b"\xff\x00k", b"no headers"),
        ]
        await place.log.append(written)
        async with place.member() as consumer:
            records = await take(consumer, 3)
        assert [(each.topic, each.key, each.value, dict(each.headers)) for each in records] == [
            (each.topic, each.key, each.value, dict(each.headers)) for each in written
        ]

    async def test_a_group_that_never_committed_starts_at_the_beginning(self, place: Place) -> None:
        await place.log.append([place.new(value=b"before anybody listened")])
        async with place.member() as consumer:
            assert values(await take(consumer, 1)) == [b"before anybody listened"]

    async def test_a_poll_returns_no_more_than_it_was_asked_for_and_the_rest_later(
        self, place: Place
    ) -> None:
        await place.log.append([place.new(key, b"%d" % n) for n in range(4) for key in KEYS])
        async with place.member() as consumer:
            found: list[Record] = []
            while len(found) < 20:
                records = await consumer.poll(3, 5.0)
                assert 1 <= len(records) <= 3
                found += records
            assert len({(record.partition, record.offset) for record in found}) == 20
            assert not await consumer.poll(3, 0.05)

    async def test_a_poll_that_waits_returns_soon_after_an_append(self, place: Place) -> None:
        async with place.member() as consumer:
            assert not await consumer.poll(10, 0.05)
            waiting = asyncio.create_task(consumer.poll(10, 20.0))
            await turns()
            assert not waiting.done()
            await place.log.append([place.new(value=b"wake")])
            async with asyncio.timeout(5):
                assert values(await waiting) == [b"wake"]

    async def test_a_poll_returns_nothing_when_the_time_is_up(self, place: Place) -> None:
        async with place.member() as consumer:
            assert not await consumer.poll(10, 0.05)

    async def test_a_topic_that_was_not_asked_for_is_not_read(self, place: Place) -> None:
        await place.log.append([NewRecord(place.other.name, b"k", b"other"), place.new(value=b"mine")])
        async with place.member() as consumer:
            assert values(await take(consumer, 1)) == [b"mine"]
            assert not await consumer.poll(10, 0.05)

    async def test_a_member_may_read_several_topics(self, place: Place) -> None:
        await place.log.append([NewRecord(place.other.name, b"k", b"other"), place.new(value=b"mine")])
        async with place.member("both", place.topic.name, place.other.name) as consumer:
            assert sorted(values(await take(consumer, 2))) == [b"mine", b"other"]
            assert {each.topic for each in consumer.assignment} == {place.topic.name, place.other.name}

    async def test_a_member_that_only_idles_misses_nothing(self, place: Place) -> None:
        await place.log.append([place.new(key, b"1") for key in KEYS])
        async with place.member() as consumer:
            first = await take(consumer, 2)
            await place.log.append([place.new(key, b"2") for key in KEYS])
            for _ in range(3):
                await consumer.idle()
            rest = await take(consumer, 8)
        assert len({(each.partition, each.offset) for each in [*first, *rest]}) == 10


class TestCommitting:
    async def test_what_was_committed_is_not_read_again(self, place: Place) -> None:
        await place.log.append([place.new(key, b"1") for key in KEYS])
        async with place.member() as consumer:
            await consumer.commit(done(await take(consumer, 5)))
        await place.log.append([place.new(key, b"2") for key in KEYS])
        async with place.member() as consumer:
            assert values(await take(consumer, 5)) == [b"2"] * 5
            assert not await consumer.poll(10, 0.05)

    async def test_what_was_not_committed_goes_to_the_next_member(self, place: Place) -> None:
        await place.log.append([place.new(value=b"%d" % n) for n in range(4)])
        async with place.member() as consumer:
            records = await take(consumer, 4)
            await consumer.commit(done(records[:2]))
        async with place.member() as consumer:
            assert values(await take(consumer, 2)) == [b"2", b"3"]

    async def test_each_partition_is_committed_by_itself(self, place: Place) -> None:
        await place.log.append([place.new(key) for key in KEYS])
        async with place.member() as consumer:
            records = await take(consumer, 5)
            committed = records[0].source
            await consumer.commit({committed: max(r.next_offset for r in records if r.source == committed)})
        async with place.member() as consumer:
            again = await take(consumer, len([each for each in records if each.source != committed]))
            assert committed not in {each.source for each in again}
            assert not await consumer.poll(10, 0.05)

    async def test_groups_know_nothing_of_each_other(self, place: Place) -> None:
        await place.log.append([place.new(value=b"1")])
        async with place.member("one") as one, place.member("two") as two:
            await one.commit(done(await take(one, 1)))
            assert values(await take(two, 1)) == [b"1"]
        async with place.member("one") as one, place.member("two") as two:
            assert values(await take(two, 1)) == [b"1"]
            assert not await one.poll(10, 0.05)

    async def test_positions_and_records_outlive_the_process(self, place: Place) -> None:
        await place.log.append([place.new(value=b"1"), place.new(value=b"2")])
        async with place.member() as consumer:
            await consumer.commit(done((await take(consumer, 2))[:1]))
        await place.close()
        await place.open()
        await place.log.append([place.new(value=b"3")])
        async with place.member() as consumer:
            records = await take(consumer, 2)
        assert values(records) == [b"2", b"3"]
        assert [each.offset for each in records] == [1, 2]

    async def test_a_partition_of_somebody_else_is_not_committed(self, place: Place) -> None:
        await place.log.append([NewRecord(place.other.name, b"k", b"other")])
        group = "foreign"
        async with place.member(group, place.topic.name) as consumer:
            await consumer.poll(1, 0.05)
            await consumer.commit({Partition(place.other.name, 0): 1})
        async with place.member(group, place.other.name) as consumer:
            assert values(await take(consumer, 1)) == [b"other"]

    async def test_the_lag_is_what_lies_beyond_what_was_read(self, place: Place) -> None:
        async with place.member() as consumer:
            await place.log.append([place.new(key) for key in KEYS])
            records = await take(consumer, 5)
            assert await consumer.lag() == {place.topic.name: 0}
            await consumer.hold({records[0].source: records[0].offset}, 0)
            behind = len([each for each in records if each.source == records[0].source])
            assert await consumer.lag() == {place.topic.name: behind}


class TestSharing:
    async def test_two_members_share_the_partitions_and_the_last_takes_all(self, place: Place) -> None:
        drained: list[Collection[Partition]] = []
        holder: list[Consumer] = []

        async def drain(partitions: Collection[Partition]) -> None:
            # What is in flight must still be committable here: that is what the call is for.
            await holder[0].commit({each: at for each, at in at_work.items() if each in partitions})
            drained.append(partitions)

        await place.log.append([place.new(key, b"%d" % n) for n in range(2) for key in KEYS])
        everywhere = {Partition(place.topic.name, number) for number in range(3)}
        async with place.member(on_revoke=drain) as first:
            holder.append(first)
            records = await take(first, 10)
            at_work = done(records)
            assert first.assignment == everywhere
            async with place.member() as second:

                async def shared() -> bool:
                    # Polling is what lets a member notice that the group has changed.
                    await first.poll(1, 0.02)
                    await second.poll(1, 0.02)
                    mine, yours = first.assignment, second.assignment
                    return bool(mine and yours) and mine | yours == everywhere and not mine & yours

                await eventually(shared, "a fair share for both")
                assert set(drained[0]) == everywhere
                at_work = {}
                # Committed while they were handed over, so neither sees them again.
                assert not await first.poll(10, 0.05)
                assert not await second.poll(10, 0.05)
                await place.log.append([place.new(key, b"new") for key in KEYS])
                theirs = [each for each in await _until(second, b"new") if each.source in second.assignment]
                assert theirs

            # What neither member committed is read by the one that stays.
            seen: set[tuple[int, int]] = set()

            async def taken_over() -> bool:
                seen.update((each.partition, each.offset) for each in await first.poll(10, 0.05))
                return {(each.partition, each.offset) for each in theirs} <= seen

            await eventually(taken_over, "the records of the member that left")
            assert first.assignment == everywhere

    async def test_a_member_too_many_waits_aloud(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        group = "crowd"
        async with (
            place.member(group, place.other.name) as first,
            place.member(group, place.other.name) as second,
        ):

            async def settled() -> bool:
                await asyncio.gather(first.poll(1, 0.02), second.poll(1, 0.02))
                return sum(len(each.assignment) for each in (first, second)) == 1

            await eventually(settled, "one with the partition and one without")
            await eventually(warned(capsys), "a warning")

    async def test_a_topic_nobody_has_made_cannot_be_read(self, place: Place) -> None:
        with pytest.raises(PermanentError, match="no topic"):
            await place.log.subscribe("group", [place.topic.name, f"{place.topic.name}.unheard_of"])

    async def test_members_that_join_at_once_do_not_read_the_same(self, place: Place) -> None:
        await place.log.append([place.new(b"%d" % n) for n in range(30)])
        async with contextlib.AsyncExitStack() as stack:
            members = await asyncio.gather(
                *(stack.enter_async_context(place.member()) for _ in range(2)),
            )

            async def settled() -> bool:
                # Without a commit the records come again after the group has settled.
                await asyncio.gather(*(each.poll(1, 0.02) for each in members))
                return sum(len(each.assignment) for each in members) == 3 and all(
                    each.assignment for each in members
                )

            await eventually(settled, "a settled group")
            assert not members[0].assignment & members[1].assignment


def warned(capsys: pytest.CaptureFixture[str]) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        seen.append(capsys.readouterr().out)
        return "log.idle_member" in "".join(seen)

    seen: list[str] = []
    return look


async def _until(consumer: Consumer, value: bytes) -> list[Record]:
    found: list[Record] = []

    async def read() -> bool:
        found.extend(await consumer.poll(10, 0.05))
        return any(each.value == value for each in found)

    await eventually(read, f"{value!r}")
    return found


class TestAppending:
    async def test_many_appends_at_once_are_each_acknowledged_and_kept_once(self, place: Place) -> None:
        await asyncio.gather(
            *(place.log.append([place.new(b"%d" % (n % 7), b"%d" % n)]) for n in range(200)),
        )
        async with place.member() as consumer:
            records = await take(consumer, 200)
            assert sorted(values(records)) == sorted(b"%d" % n for n in range(200))
            assert not await consumer.poll(10, 0.05)

    async def test_nothing_to_append_is_no_error(self, place: Place) -> None:
        await place.log.append([])

    async def test_a_topic_that_does_not_exist_is_refused_for_good(self, place: Place) -> None:
        with pytest.raises(PermanentError, match="no topic"):
            await place.log.append([NewRecord(f"{place.topic.name}.unheard_of", b"k", b"v")])
        await place.log.append([place.new()])

    @pytest.mark.parametrize("part", ["value", "header"])
    async def test_a_record_that_is_too_large_is_refused_for_good(self, place: Place, part: str) -> None:
        blob = b"x" * MAX_RECORD_BYTES
        record = place.new(value=blob) if part == "value" else place.new(h=blob)
        with pytest.raises(PermanentError, match="larger"):
            await place.log.append([record])
        await place.log.append([place.new(value=b"small")])
        async with place.member() as consumer:
            assert values(await take(consumer, 1)) == [b"small"]

    async def test_the_largest_record_fits(self, place: Place) -> None:
        header = {"x-note": b"h" * 1000}
        room = MAX_RECORD_BYTES - 1000 - len("x-note") - len(b"key")
        await place.log.append([NewRecord(place.topic.name, b"key", b"v" * room, header)])
        async with place.member() as consumer:
            (record,) = await take(consumer, 1)
        assert len(record.value) == room

    async def test_the_largest_record_can_be_set_aside(self, place: Place) -> None:
        why = {f"x-dlq-{name}": b"r" * 200 for name in ("reason", "error", "consumer", "topic")}
        value = b"v" * (MAX_RECORD_BYTES - len(b"key"))
        await place.log.append([NewRecord(place.topic.name, b"key", value, why)])
        async with place.member() as consumer:
            (record,) = await take(consumer, 1)
        assert len(record.value) == len(value)

    async def test_topics_that_exist_are_left_as_they_are(self, place: Place) -> None:
        await place.log.append([place.new(value=b"1")])
        async with place.member() as consumer:
            await place.log.ensure_topics(place.topics)
            await place.log.append([place.new(value=b"2")])
            assert values(await take(consumer, 2)) == [b"1", b"2"]

    async def test_the_largest_record_can_be_tried_again(self, place: Place) -> None:
        ours = {"x-not-before": b"t" * 32, "x-retry-reason": b"r" * 200, "x-retry-topic": b"t" * 200}
        value = b"v" * (MAX_RECORD_BYTES - len(b"key"))
        await place.log.append([NewRecord(place.topic.name, b"key", value, ours)])
        async with place.member() as consumer:
            (record,) = await take(consumer, 1)
        assert len(record.value) == len(value)

    async def test_x02_a_log_that_has_stopped_takes_nothing_and_says_so(self, place: Place) -> None:
        await place.log.ping()
        await place.close()
        with pytest.raises(LogUnavailable):
            await place.log.append([place.new(value=b"late")])
        with pytest.raises(LogUnavailable):
            await place.log.ping()
        await place.open()
        await place.log.append([place.new(value=b"in time")])
        async with place.member() as consumer:
            assert values(await take(consumer, 1)) == [b"in time"]
