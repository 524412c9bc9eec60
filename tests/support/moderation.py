"""A group as moderation knows it, in memory: scenes are taken out of it, and decisions put back into it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import services.moderation
from services.moderation.domain.cases.case import Case, case_id
from services.moderation.domain.cases.enforce import decide_judged
from services.moderation.domain.history.judged import Judged
from services.moderation.domain.judging.hearing import context_of, hear
from services.moderation.domain.judging.verdict import (
    Category,
    Finding,
    Intent,
    Reason,
    Script,
    Span,
    Verdict,
)
from services.moderation.domain.members.standing import Person, Standing
from services.moderation.domain.policy.document import DEFAULT, Document, Policy
from services.moderation.domain.room import Community, Room
from services.moderation.domain.scene import Scene
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import ChatKind, MessageEdited, MessageKind, MessageReceived
from shared.decision import Cancel, Decision, Emit, Say, Wake
from shared.i18n import Catalogue, Language
from shared.ids import deterministic_id
from shared.replies import Speaker
from tests.support.events import chat_id, member_id, message_id

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
"""Monday 23 November 2026, 10:00 in India."""

ABLE = frozenset({"text", "replies", "mentions", "delete_foreign", "remove_member"})
"""What a linked device can do."""

UNABLE = frozenset({"text", "replies"})
"""What a channel can do that only writes."""

DataT = TypeVar("DataT", bound=EventModel)
EventT = TypeVar("EventT", bound=EventModel)

_SPEAKER = Speaker(
    Catalogue.load(Path(services.moderation.__path__[0]) / "locale"), Language.HI, ZoneInfo("Asia/Kolkata")
)


def policy(version: int = 5, **document: Any) -> Policy:
    """Return the built-in policy with parts of its document replaced, checked as a published one is."""
    whole = Document.model_validate({**dict(DEFAULT.document), **document})
    return Policy(version, whole, "reena", NOW - dt.timedelta(days=30))


def ago(days: float) -> dt.datetime:
    """Return the time that long before `NOW`."""
    return NOW - dt.timedelta(days=days)


def later(**span: float) -> dt.datetime:
    """Return the time that long after `NOW`."""
    return NOW + dt.timedelta(**span)


def text_of(say: Say, language: str | None = None) -> str:
    """Return what members read."""
    return _SPEAKER.text(say.phrase, language or say.language)


def facts(decision: Decision[Any], kind: type[EventT]) -> list[EventT]:
    """Return the facts and commands of one type that follow from a decision."""
    return [each.data for each in decision.emit if isinstance(each.data, kind)]


def happens(data: DataT, *, at: dt.datetime = NOW, source: str = "/chaupal/test") -> Envelope[DataT]:
    """Return an event about `data`; the same data at the same time is the same event."""
    event_id = deterministic_id("test", data.TYPE, data.model_dump_json(), at.isoformat())
    return originate(data, event_id=event_id, source=source, key=getattr(data, "chat_id", ""), time=at)


def writes(
    number: int,
    text: str | None = "नमस्ते",
    *,
    by: int = 1,
    chat: int = 0,
    at: dt.datetime = NOW,
    **more: Any,
) -> Envelope[MessageReceived]:
    """Return the event of member `by` writing message `number`."""
    data = MessageReceived(
        chat_id=chat_id(chat),
        chat_kind=more.pop("chat_kind", ChatKind.GROUP),
        message_id=message_id(number),
        member_id=member_id(by),
        sent_at=at,
        kind=more.pop("kind", MessageKind.TEXT),
        text=text,
        **more,
    )
    return happens(data, at=at)


def edits(
    number: int, text: str, *, by: int = 1, chat: int = 0, at: dt.datetime = NOW
) -> Envelope[MessageEdited]:
    """Return the event of member `by` changing message `number`."""
    data = MessageEdited(
        chat_id=chat_id(chat),
        chat_kind=ChatKind.GROUP,
        message_id=message_id(number),
        member_id=member_id(by),
        text=text,
        edited_at=at,
    )
    return happens(data, at=at)


def breaks(
    intent: Intent = Intent.REMOVE,
    category: Category = Category.SPAM,
    *,
    check: str = "links",
    code: str = "unknown_link",
    rule: tuple[int, str] = (3, "links"),
    shadow: bool = False,
    exempt: str | None = None,
) -> Verdict:
    """Return the verdict that a message breaks a rule; as the judge gives it for shadow and the exempt."""
    finding = Finding(check, code, category, 0.95, intent, (Span(0, 4),))
    counts = not shadow and exempt is None
    return Verdict(
        intent if counts else Intent.ALLOW,
        (Reason(rule[1], rule[0], finding, shadow=shadow),),
        {check: 0.95},
        Script.DEVANAGARI,
        exempt,
    )


SCAM = breaks(category=Category.SCAM, check="scam", code="fee_and_promise", rule=(4, "income"))
"""The verdict on what is plainly a scam."""


@dataclass(slots=True)
class Group:
    """The chats, members, messages and cases of one community."""

    policy: Policy = DEFAULT
    community: str | None = "seekho"
    capabilities: frozenset[str] = ABLE
    admins: frozenset[str] = frozenset()
    rooms: dict[str, Room] = field(default_factory=dict)
    communities: dict[str, Community] = field(default_factory=dict)
    persons: dict[str, Person] = field(default_factory=dict)
    standings: dict[tuple[str, str], Standing] = field(default_factory=dict)
    judged: dict[str, Judged] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    steps: dict[str, str] = field(default_factory=dict)
    emitted: list[Emit] = field(default_factory=list)
    said: list[Say] = field(default_factory=list)
    timers: dict[str, Wake] = field(default_factory=dict)

    def room(self, chat: int = 0) -> Room:
        """Return a chat of the community."""
        name = chat_id(chat)
        new = Room(
            name,
            community=self.community,
            language="hi",
            channel="waha",
            capabilities=self.capabilities,
            admins=self.admins,
        )
        return self.rooms.setdefault(name, new)

    def person(self, number: int) -> Person:
        """Return a member over all communities."""
        return self.persons.setdefault(member_id(number), Person(member_id(number)))

    def standing(self, number: int) -> Standing:
        """Return how a member stands in this community."""
        scope, name = self.room().scope, self.person(number).now
        return self.standings.setdefault((scope, name), Standing(scope, name))

    def settled(self, number: int, *, days: float = 60, accepted: int = 10, **more: Any) -> Standing:
        """Let a member have been there for some time."""
        known = replace(self.standing(number), since=ago(days), accepted=accepted, **more)
        self.standings[known.scope, known.member_id] = known
        return known

    def case(self, number: int = 1) -> Case:
        """Return a case by its number."""
        return self.cases[case_id(self.room().scope, number)]

    def scene(
        self,
        by: int = 1,
        *,
        chat: int = 0,
        message: str | None = None,
        target: str | None = None,
        other: int | None = None,
        cases: tuple[int, ...] = (),
    ) -> Scene:
        """Return the scene around something that member `by` does.

        Args:
            by: who acts.
            chat: where.
            message: the id of the message it is about.
            target: the id of the message it answers.
            other: whom it is about, where that is somebody else.
            cases: numbers of cases that are named.
        """
        room = self.room(chat)
        community = self.communities.setdefault(room.scope, Community(room.scope, self.policy))
        standing = self.standing(by)
        judged, answered = self.judged.get(message or ""), self.judged.get(target or "")
        strikes = (*standing.strikes, *(self.standing(other).strikes if other is not None else ()))
        named = {case_id(room.scope, each) for each in cases}
        named |= {each.case for each in (judged, answered) if each is not None and each.case is not None}
        return Scene(
            room=room,
            community=community,
            person=self.person(by),
            standing=standing,
            judged=judged,
            target=answered,
            other=self.person(other) if other is not None else None,
            other_standing=self.standing(other) if other is not None else None,
            cases={each: self.cases.get(each) for each in sorted(named)},
            steps=dict(self.steps),
            siblings={each.case: self.cases.get(each.case) for each in strikes},
        )

    def keep(self, decision: Decision[Scene]) -> Decision[Scene]:
        """Store what has changed, and remember what follows from it."""
        scene = decision.state
        self.rooms[scene.room.chat_id] = scene.room
        self.communities[scene.community.scope] = scene.community
        for person in (scene.person, scene.other):
            if person is not None:
                self.persons[person.member_id] = person
        for standing in (scene.standing, scene.other_standing):
            if standing is not None:
                self.standings[standing.scope, standing.member_id] = standing
        for judged in (scene.judged, scene.target, *scene.earlier.values()):
            if judged is not None:
                self.judged[judged.message_id] = judged
        cases: Mapping[str, Case | None] = {**scene.siblings, **scene.cases}
        self.cases |= {name: case for name, case in cases.items() if case is not None}
        self.steps |= scene.steps
        self.emitted += decision.emit
        self.said += decision.say
        for each in decision.wake:
            if isinstance(each, Cancel):
                self.timers.pop(each.name, None)
            else:
                self.timers[each.name] = each
        return decision

    def does(self, scene: Scene, decide: Callable[[Scene], Decision[Scene]]) -> Decision[Scene]:
        """Decide on a scene of this group, and keep what comes of it."""
        return self.keep(decide(scene))

    def judges(
        self,
        event: Envelope[MessageReceived] | Envelope[MessageEdited],
        verdict: Verdict | None = None,
        *,
        on_topic: float | None = None,
    ) -> Decision[Scene]:
        """Let a message be judged so, at the time of its event; fine where no verdict is given."""
        by = int(event.data.member_id.removeprefix("m_"), 16)
        chat = int(event.data.chat_id.removeprefix("c_"), 16)
        scene = self.scene(by, chat=chat, message=event.data.message_id)
        message = hear(scene, event)
        return self.keep(
            decide_judged(
                scene,
                event,
                verdict or Verdict(Intent.ALLOW, script=message.normal.script),
                message=message,
                context=context_of(scene, message, event.time),
                now=event.time,
                on_topic=on_topic,
            )
        )

    def due(self, until: dt.datetime) -> list[Wake]:
        """Take out the timers that are due by `until`, in their order."""
        found = sorted(
            (each for each in self.timers.values() if each.due <= until), key=lambda each: each.due
        )
        for each in found:
            del self.timers[each.name]
        return found
