"""What one decision of events is made on: everything it touches, loaded and stored together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from services.events.domain.award import Award
from services.events.domain.board import Board
from services.events.domain.community import Community, Terms
from services.events.domain.course import Course
from services.events.domain.feedback import Feedback
from services.events.domain.member import Member
from services.events.domain.reach import Sent
from services.events.domain.roll import Roll
from services.events.domain.speaker import Speaker
from services.events.domain.webinar import Webinar
from shared.chats import Chat
from shared.contracts.gateway import ChatKind


@dataclass(frozen=True, slots=True)
class Scene:
    """The state of a decision."""

    chat: Chat
    community: Community
    member: Member
    """Who acts."""
    webinars: Mapping[str, Webinar | None] = field(default_factory=dict)
    """By id; new ones are added."""
    rolls: Mapping[str, Roll] = field(default_factory=dict)
    """Of these webinars."""
    others: Mapping[str, Member] = field(default_factory=dict)
    """Members of whom the decision is, beside who acts."""
    sends: Mapping[str, Sent | None] = field(default_factory=dict)
    """What was sent to people of these webinars, by the id of the command; new ones are added."""
    homes: Mapping[str, Community] = field(default_factory=dict)
    """Of webinars of other scopes than the chat's, by scope: who writes to us directly means such."""
    boards: Mapping[str, Board | None] = field(default_factory=dict)
    """Of these webinars."""
    feedback: Mapping[str, Feedback | None] = field(default_factory=dict)
    """Of these webinars."""
    awards: Mapping[str, Award | None] = field(default_factory=dict)
    """What the members of whom the decision is hold for these webinars, by `award_key`."""
    speakers: Mapping[str, Speaker | None] = field(default_factory=dict)
    """Of these webinars, those who are invited too; by id."""

    courses: Mapping[str, Course | None] = field(default_factory=dict)
    """Series, by id; new ones are added."""

    @property
    def admin(self) -> bool:
        """Whether who acts may call sessions here."""
        return not self.hosts.isdisjoint({self.member.member_id, self.member.now})

    @property
    def hosts(self) -> frozenset[str]:
        """Who may call sessions here: the admins of the chat at its provider, and those the terms name."""
        return self.chat.admins | self.community.terms.hosts

    @property
    def language(self) -> str | None:
        """The language to speak in the chat."""
        return self.chat.spoken

    @property
    def direct(self) -> bool:
        """Whether what is said in the chat is read by one member alone."""
        return self.chat.kind is ChatKind.DIRECT

    def terms_of(self, webinar: Webinar) -> Terms:
        """Return the terms of a webinar's community."""
        home = self.community if webinar.scope == self.community.scope else self.homes.get(webinar.scope)
        return (home or self.community).terms

    def found(self, number: int) -> Webinar | None:
        """Return the webinar that is meant by a number here.

        In a chat it is that of the chat's scope. Who writes to us directly means a scope they have been seen
        in, as long as that leaves one webinar.
        """
        known = [each for each in self.webinars.values() if each is not None and each.number == number]
        here = [each for each in known if each.scope == self.chat.scope]
        fits = here or [each for each in known if each.scope in self.member.scopes]
        if len(fits) > 1:
            fits = [each for each in fits if each.ahead] or fits
        return fits[0] if len(fits) == 1 else None

    def roll(self, webinar: Webinar) -> Roll:
        """Return the roll of a webinar."""
        return self.rolls.get(webinar.webinar_id) or Roll(webinar.webinar_id)

    def with_roll(self, roll: Roll) -> Scene:
        """Return the scene with that roll."""
        return replace(self, rolls={**self.rolls, roll.webinar_id: roll})

    def with_webinar(self, webinar: Webinar) -> Scene:
        """Return the scene with that webinar."""
        return replace(self, webinars={**self.webinars, webinar.webinar_id: webinar})
