"""Where sessions take place, in memory: scenes are taken out of it, and decisions put back into it."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import services.events
from services.events.domain.award import Award, award_key
from services.events.domain.board import Board
from services.events.domain.codes import Codes
from services.events.domain.community import Community
from services.events.domain.feedback import Feedback
from services.events.domain.member import Member
from services.events.domain.roll import Entry, Proof, Roll, Seat
from services.events.domain.scene import Scene
from services.events.domain.speaker import Speaker
from services.events.domain.webinar import Stage, Webinar, webinar_id
from shared.chats import Chat
from shared.clock import DEFAULT_ZONE
from shared.commands import Command, parse_command
from shared.contracts.base import EventModel
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageReceived
from shared.decision import Decision, Say
from shared.i18n import Catalogue, Language
from shared.replies import Speaker as Voice
from tests.support.events import chat_id, member_id
from tests.support.moderation import happens, writes

SCOPE = "community:seekho"
STARTS = dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC)
"""Tuesday 24 November 2026, 19:30 in India."""

ENDS = STARTS + dt.timedelta(hours=1)
HOST = 100
ADMIN = 101
CODES = Codes(b"a secret of the tests, and of nobody")
PUBLIC_URL = "https://chaupal.example"

_VOICE = Voice(Catalogue.load(Path(services.events.__path__[0]) / "locale"), Language.HI, DEFAULT_ZONE)

Decide = Callable[[Scene, Command, Envelope[MessageReceived], dt.datetime], Decision[Scene]]
EventT = TypeVar("EventT", bound=EventModel)


def text_of(say: Say, language: str | None = None) -> str:
    """Return what members read."""
    return _VOICE.text(say.phrase, language or say.language)


class Hall:
    """The sessions of the community `seekho`; member 100 is their host, and 101 an admin of the group."""

    def __init__(self) -> None:
        self.now = STARTS
        self.webinars: dict[str, Webinar | None] = {}
        self.rolls: dict[str, Roll] = {}
        self.members: dict[str, Member] = {}
        self.boards: dict[str, Board | None] = {}
        self.feedback: dict[str, Feedback | None] = {}
        self.awards: dict[str, Award | None] = {}
        self.speakers: dict[str, Speaker | None] = {}
        self.said: list[Say] = []
        self.facts: list[EventModel] = []
        self.last: Decision[Any] = Decision(None)
        self._numbers = itertools.count(1)

    def session(self, number: int = 12, **more: Any) -> Webinar:
        """Call a session, by default one that begins at `STARTS` and lasts an hour."""
        webinar = Webinar(
            webinar_id=webinar_id(more.get("scope", SCOPE), number),
            number=number,
            **{
                "scope": SCOPE,
                "chat_id": chat_id(0),
                "title": "SEO वेबिनार",
                "wall": "2026-11-24T19:30:00",
                "zone": "Asia/Kolkata",
                "starts_at": STARTS,
                "minutes": 60,
                "host": member_id(HOST),
                "created_at": STARTS - dt.timedelta(days=2),
                "changed_at": STARTS - dt.timedelta(days=2),
                **more,
            },
        )
        self.webinars[webinar.webinar_id] = webinar
        return webinar

    def webinar(self, number: int = 12) -> Webinar:
        """Return a session as it is."""
        found = self.webinars[webinar_id(SCOPE, number)]
        assert found is not None
        return found

    def ended(self, number: int = 12) -> Webinar:
        """End a session at its time."""
        ended = replace(self.webinar(number), stage=Stage.ENDED, ended_at=self.webinar(number).ends_at)
        self.webinars[ended.webinar_id] = ended
        self.now = max(self.now, ended.ends_at)
        return ended

    def seat(
        self, member: int, seat: Seat = Seat.CONFIRMED, *, came: bool = False, number: int = 12
    ) -> Entry:
        """Put somebody on the roll."""
        roll = self.roll(number)
        entry = Entry(
            seat,
            STARTS - dt.timedelta(days=1) + dt.timedelta(minutes=member),
            chat_id(0),
            offered_until=STARTS - dt.timedelta(minutes=15) if seat is Seat.OFFERED else None,
            attended_at=STARTS + dt.timedelta(minutes=5) if came else None,
            proof=Proof.CODE if came else None,
        )
        name = member_id(member)
        self.rolls[roll.webinar_id] = replace(
            roll,
            entries={**roll.entries, name: entry},
            taken=roll.taken + (seat in {Seat.CONFIRMED, Seat.OFFERED}),
            queue=(*roll.queue, name) if seat is Seat.WAITING else roll.queue,
        )
        self.members[name] = self.member(member).on(roll.webinar_id)
        return entry

    def roll(self, number: int = 12) -> Roll:
        """Return the roll of a session."""
        key = webinar_id(SCOPE, number)
        return self.rolls.get(key) or Roll(key)

    def entry(self, member: int, number: int = 12) -> Entry | None:
        """Return what somebody has on the roll of a session."""
        return self.roll(number).of(member_id(member))

    def member(self, member: int) -> Member:
        """Return a member, who has been seen in the group."""
        name = member_id(member)
        return self.members.get(name) or Member(name, scopes=frozenset({SCOPE}))

    def award(self, member: int, number: int = 12) -> Award | None:
        """Return what somebody holds for a session."""
        return self.awards.get(award_key(webinar_id(SCOPE, number), member_id(member)))

    def scene(self, by: int = ADMIN, *, direct: bool = False) -> Scene:
        """Return the scene in which a member acts."""
        chat = (
            Chat(chat_id(by + 500), ChatKind.DIRECT)
            if direct
            else Chat(chat_id(0), community="seekho", language="hi", admins=frozenset({member_id(ADMIN)}))
        )
        return Scene(
            chat,
            Community(chat.scope),
            self.member(by),
            webinars=dict(self.webinars),
            rolls=dict(self.rolls),
            others=dict(self.members),
            homes={SCOPE: Community(SCOPE)},
            boards=dict(self.boards),
            feedback=dict(self.feedback),
            awards=dict(self.awards),
            speakers=dict(self.speakers),
        )

    def keep(self, decision: Decision[Scene]) -> Decision[Scene]:
        """Put what was decided back."""
        state = decision.state
        self.webinars.update(state.webinars)
        self.rolls.update(state.rolls)
        self.members.update(state.others)
        self.members[state.member.member_id] = state.member
        self.boards.update(state.boards)
        self.feedback.update(state.feedback)
        self.awards.update(state.awards)
        self.speakers.update(state.speakers)
        self.said.extend(decision.say)
        assert all(text_of(each, language) for each in decision.say for language in Language)
        self.facts.extend(each.data for each in decision.emit)
        self.last = decision
        return decision

    def message(
        self, text: str, by: int, *, direct: bool = False, sent_at: dt.datetime | None = None
    ) -> Envelope[MessageReceived]:
        """Return the event of somebody writing just now."""
        kind = ChatKind.DIRECT if direct else ChatKind.GROUP
        chat = by + 500 if direct else 0
        at = sent_at or self.now
        return writes(next(self._numbers), text, by=by, at=at, chat=chat, chat_kind=kind)

    def says(
        self, decide: Decide, text: str, by: int, *, direct: bool = False, sent_at: dt.datetime | None = None
    ) -> str:
        """Let somebody give a command, and return the first answer, "" where there is none."""
        command = parse_command(text)
        assert isinstance(command, Command)
        event = self.message(text, by, direct=direct, sent_at=sent_at)
        decision = self.keep(decide(self.scene(by, direct=direct), command, event, self.now))
        return text_of(decision.say[0]) if decision.say else ""

    def rings(
        self, decide: Callable[[Scene, Any, dt.datetime], Decision[Scene]], data: EventModel
    ) -> list[Say]:
        """Let a timer fire, and all that it is continued by; return what was said."""
        said: list[Say] = []
        waiting = [data]
        while waiting:
            now = waiting.pop()
            decision = self.keep(decide(self.scene(), happens(now, at=self.now), self.now))
            said += decision.say
            waiting += [each.data for each in decision.emit if type(each.data) is type(data)]
        return said

    def heard(self, kind: type[EventT]) -> list[EventT]:
        """Return the facts of one type, in order."""
        return [each for each in self.facts if isinstance(each, kind)]
