"""What must be true of everything that happens, however it happens."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from shared.contracts.envelope import Envelope, decode, peek
from shared.contracts.gateway import MessageReceived, MessageSend
from shared.contracts.topics import INBOUND, OUTBOUND, again_topics, dead_letter_topic, replay_topic
from shared.errors import PermanentError
from shared.log.record import NewRecord, Partition, Record
from shared.stream.retry import retried
from tests.simulation.application import HEARING, SENDING
from tests.simulation.store import Change, Document

SERVICE = "moderation"
REPLAYS = replay_topic(SERVICE).name
AGAIN = frozenset(topic.name for topic in again_topics(SERVICE))
LETTERS = dead_letter_topic(SERVICE).name

Place = tuple[str, str, int, int]
"""Consumer, and where a record first stood."""

Put = tuple[Place, int]
"""A record's place, and how often it had been tried when it was put elsewhere."""


class Oracle:
    """Watches the commits of the store and the appends of the log, and knows nothing of what led to them."""

    def __init__(self, violated: Callable[[str], None]) -> None:
        self._violated = violated
        self.log: defaultdict[Partition, list[Record]] = defaultdict(list)
        self.heard: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        self.decided: dict[str, str] = {}
        """Chat of each command, by id, in the order of the decisions."""
        self.letters: Counter[Place] = Counter()
        self.resting: Counter[Put] = Counter()
        self.replays: Counter[Place] = Counter()
        """How often an operator let a dead letter be handled again."""
        self.parked: set[Place] = set()
        self.delivered: dict[str, float] = {}
        self.sends: list[str] = []
        self.chats: dict[str, str] = {}
        """Chat of each command that was sent, by id, in the order of the first sends."""
        self.fired: Counter[str] = Counter()
        self.timers: dict[str, str] = {}
        """Name of each timer ever set, by the id of its event."""
        self.given_up: set[str] = set()
        """Events of timers that were cancelled or moved."""
        self._commands: set[str] = set()
        self._checked: dict[tuple[str, Partition], int] = {}
        self.now: Callable[[], float] = lambda: 0.0

    # What happens

    def committed(self, changes: Sequence[Change]) -> None:
        """Take note of one transaction."""
        firing = {_id(row.after) for row in changes if row.collection == "_outbox" and row.after}
        deciding = any(change.collection == "tallies" for change in changes)
        for change in changes:
            match change.collection:
                case "tallies":
                    self._tally(change)
                case "_outbox" if change.before is None and change.after is not None:
                    self._row(change.after)
                case "_parked" if change.after is not None and "queue" in change.after:
                    self._park(change.after)
                case "deliveries" if change.before is None:
                    self.delivered[change.key] = self.now()
                case "_timers":
                    self._timer(change, firing, deciding=deciding)

    def appended(self, records: Iterable[Record]) -> None:
        """Take note of what now stands in the log."""
        for record in records:
            log = self.log[record.source]
            if record.offset != len(log):
                self._violated(f"{record.source} got offset {record.offset} after {len(log)} records")
            log.append(record)
            if record.topic == REPLAYS:
                again = retried(record)
                self.replays[again.consumer, again.topic, again.partition, again.offset] += 1

    def sent(self, command: Envelope[MessageSend], began: float) -> None:
        """Take note of a command that reached the outside world."""
        if self.delivered.get(command.id, began) < began:
            self._violated(f"{command.id} was sent again though that it was sent had been recorded")
        self.sends.append(command.id)
        self.chats.setdefault(command.id, command.data.chat_id)

    def committing(self, group: str, next_offsets: Mapping[Partition, int]) -> None:
        """Check that nothing is committed that is not done."""
        for partition, end in next_offsets.items():
            begin = self._checked.get((group, partition), 0)
            for record in self.log[partition][begin:end]:
                if not self.handled(group, record):
                    self._violated(
                        f"{group} committed {partition.topic}/{partition.number}@{end} "
                        f"though {record.offset} is not done"
                    )
            self._checked[group, partition] = max(begin, end)

    # What is known

    def handled(self, group: str, record: Record) -> bool:
        """Return whether `record` has had its effect in `group`, or is safe elsewhere."""
        place, attempts = _origin(group, record)
        if place[0] != group:
            return True
        if self.letters[place] or self.resting[place, attempts + 1]:
            return True
        if record.topic not in AGAIN and place in self.parked:
            return True
        event = event_of(record)
        if event is None:
            return not _concerns(group, record)
        return self.settled(group, event)

    def settled(self, group: str, event: Envelope[MessageReceived] | Envelope[MessageSend]) -> bool:
        """Return whether the effect of `event` has happened."""
        if group == HEARING:
            if not isinstance(event.data, MessageReceived):
                return True
            return event.data.message_id in self.heard[event.data.chat_id]
        return not isinstance(event.data, MessageSend) or event.id in self.delivered

    # Details

    def _tally(self, change: Change) -> None:
        after = tuple((change.after or {}).get("heard", ()))
        before = self.heard[change.key]
        self.heard[change.key] = after
        answers = [len((each or {}).get("answers", ())) for each in (change.before, change.after)]
        if after[: len(before)] != before or answers[1] < answers[0]:
            self._violated(f"the state of {change.key} went back")
        for message, count in Counter(after[len(before) :]).items():
            if message in before or count > 1:
                self._violated(f"{message} had its effect twice")

    def _row(self, row: Document) -> None:
        event_id, topic = _id(row), str(row["topic"])
        if topic == LETTERS:
            headers = row["headers"]
            told = {
                name: headers[f"x-dlq-{name}"].decode()
                for name in ("consumer", "topic", "partition", "offset")
            }
            place = (told["consumer"], told["topic"], int(told["partition"]), int(told["offset"]))
            self.letters[place] += 1
            if self.letters[place] > 1 + self.replays[place]:
                self._violated(f"{place} was set aside twice")
        elif topic in AGAIN:
            again = retried(Record(topic, 0, 0, row["key"], row["value"], row["headers"]))
            place = (again.consumer, again.topic, again.partition, again.offset)
            self.resting[place, again.attempts] += 1
            if self.resting[place, again.attempts] > 1 + self.replays[place]:
                self._violated(f"{place} was put to rest twice")
        elif "ce_due" in row["headers"]:
            self.fired[event_id] += 1
            if self.fired[event_id] > 1:
                self._violated(f"timer {event_id} fired twice")
        else:
            if event_id in self.decided:
                self._violated(f"{event_id} was decided twice")
            self.decided[event_id] = row["key"].decode()

    def _park(self, document: Document) -> None:
        consumer = str(document["queue"]).split("|")[0]
        self.parked.add((consumer, document["topic"], document["partition"], document["offset"]))

    def _timer(self, change: Change, firing: set[str], *, deciding: bool) -> None:
        if change.before is not None and (before := _id(change.before)) not in firing:
            if not deciding:
                self._violated(f"timer {change.key} vanished")
            if change.after is None or _id(change.after) != before:
                self.given_up.add(before)
        if change.after is not None:
            self.timers[_id(change.after)] = change.key


def event_of(record: Record) -> Envelope[MessageReceived] | Envelope[MessageSend] | None:
    """Return what `record` says; None where it cannot be read or says something of no concern here."""
    try:
        envelope = decode(record.value, record.headers)
    except PermanentError:
        return None
    return envelope if isinstance(envelope.data, (MessageReceived, MessageSend)) else None  # type: ignore[return-value]


def _concerns(group: str, record: Record) -> bool:
    try:
        name, _ = peek(record.headers)
    except PermanentError:
        return True
    wanted = MessageReceived if group == HEARING else MessageSend
    return name == wanted.TYPE


def _origin(group: str, record: Record) -> Put:
    if record.topic in AGAIN:
        again = retried(record)
        return (again.consumer, again.topic, again.partition, again.offset), again.attempts
    return (group, record.topic, record.partition, record.offset), 0


def _id(row: Document | NewRecord | None) -> str:
    headers = row.headers if isinstance(row, NewRecord) else (row or {}).get("headers", {})
    return bytes(headers.get("ce_id", b"")).decode()


def firsts(records: Iterable[Record]) -> dict[str, str]:
    """Return the chat of each event in `records`, by id, in the order in which they first stand there."""
    found: dict[str, str] = {}
    for record in records:
        if (event := event_of(record)) is not None:
            found.setdefault(event.id, event.data.chat_id)
    return found


GROUPS = {HEARING: INBOUND.name, SENDING: OUTBOUND.name}
