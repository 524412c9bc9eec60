"""What must be true once everything has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from shared.contracts.gateway import MessageReceived
from shared.contracts.topics import INBOUND, OUTBOUND
from shared.log.record import Record
from tests.simulation.application import HEARING, SENDING
from tests.simulation.oracle import Oracle, Place, event_of, firsts


def complaints(oracle: Oracle) -> Iterator[str]:
    """Give what is wrong with where things have come to rest."""
    inbound, outbound = _topic(oracle, INBOUND.name), _topic(oracle, OUTBOUND.name)
    yield from _inputs(oracle, inbound)
    yield from _order_of_effects(oracle, inbound)
    yield from _publications(oracle, outbound)
    yield from _sends(oracle, outbound)
    yield from _timers(oracle)


def _topic(oracle: Oracle, topic: str) -> list[Record]:
    partitions = sorted((each for each in oracle.log if each.topic == topic), key=lambda each: each.number)
    return [record for partition in partitions for record in oracle.log[partition]]


def _inputs(oracle: Oracle, inbound: Iterable[Record]) -> Iterator[str]:
    heard = {each for messages in oracle.heard.values() for each in messages}
    places: Counter[str] = Counter()
    letters: Counter[str] = Counter()
    for record in inbound:
        if not oracle.handled(HEARING, record):
            yield f"{record.topic}/{record.partition}/{record.offset} was lost"
        if (event := event_of(record)) is not None and isinstance(event.data, MessageReceived):
            places[event.data.message_id] += 1
            letters[event.data.message_id] += oracle.letters[_place(HEARING, record)]
            places[event.data.message_id] += oracle.replays[_place(HEARING, record)]
    for message, count in places.items():
        if message not in heard and letters[message] < count:
            yield f"{message} was lost"
        if message in heard and letters[message] >= count:
            yield f"{message} had its effect and was set aside too"


def _order_of_effects(oracle: Oracle, inbound: Iterable[Record]) -> Iterator[str]:
    wanted: dict[str, dict[str, None]] = {}
    # What was set aside at one place may have its effect from another one, whenever that is.
    aside: set[str] = set()
    for record in inbound:
        event = event_of(record)
        if event is not None and isinstance(event.data, MessageReceived):
            wanted.setdefault(event.data.chat_id, {}).setdefault(event.data.message_id)
            aside |= {event.data.message_id} if oracle.letters[_place(HEARING, record)] else set()
    for chat, messages in wanted.items():
        heard = [each for each in oracle.heard[chat] if each not in aside]
        if (expected := [each for each in messages if each in set(heard)]) != heard:
            yield f"effects in {chat} came in the order {_short(heard)}, not {_short(expected)}"


def _publications(oracle: Oracle, outbound: Iterable[Record]) -> Iterator[str]:
    published = firsts(outbound)
    for each in (*oracle.decided, *oracle.fired):
        if each not in published:
            yield f"{each} was decided and never published"
    for each in published:
        if each not in oracle.decided and each not in oracle.fired:
            yield f"{each} was published and never decided"
    for chat in sorted(set(oracle.decided.values())):
        decided = [each for each, where in oracle.decided.items() if where == chat]
        found = [each for each, where in published.items() if where == chat and each in oracle.decided]
        if found != decided:
            yield f"what was decided in {chat} was published in another order"


def _sends(oracle: Oracle, outbound: Iterable[Record]) -> Iterator[str]:
    published, set_aside = list(outbound), set()
    for record in published:
        event = event_of(record)
        if event is not None and oracle.letters[_place(SENDING, record)]:
            set_aside.add(event.id)
    order = firsts(published)
    for each in order:
        if each not in oracle.chats and each not in set_aside:
            yield f"command {each} was lost"
        if each in oracle.chats and each not in oracle.delivered and each not in set_aside:
            yield f"that {each} was sent was never recorded"
    for chat in sorted(set(order.values())):
        wanted = [each for each in order if order[each] == chat and each not in set_aside]
        found = [each for each in oracle.chats if order.get(each) == chat and each not in set_aside]
        if wanted != found:
            yield f"commands of {chat} were first sent in the order {_short(found)}, not {_short(wanted)}"


def _timers(oracle: Oracle) -> Iterator[str]:
    for event, name in oracle.timers.items():
        if not oracle.fired[event] and event not in oracle.given_up:
            yield f"timer {name} never fired"
        if oracle.fired[event] and event in oracle.given_up:
            yield f"timer {name} fired though it was given up"


def _place(group: str, record: Record) -> Place:
    return group, record.topic, record.partition, record.offset


def _short(ids: Iterable[str]) -> str:
    return " ".join(each[-4:] if each.startswith("0000") else each[:6] for each in ids)
