"""Which states a decision of feedback is made on, whatever it begins with."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from services.feedback.domain.community import Community
from services.feedback.domain.member import Member
from services.feedback.domain.merging import Union
from services.feedback.domain.post import Post
from services.feedback.domain.reviews.item import Item
from services.feedback.domain.scene import Scene
from services.feedback.domain.strategies.counting import day_in
from services.feedback.domain.strategies.metrics import (
    ACTIVE_MEMBERS,
    OVERTURNED,
    Measured,
)
from services.feedback.domain.strategies.registered import Reading, Registered
from services.feedback.domain.strategies.tally import Tally, tally_key
from services.feedback.domain.subjects import SuggestionSubject
from services.feedback.domain.suggestions.finding import number_in
from services.feedback.domain.suggestions.suggestion import Suggestion, scope_in, suggestion_id
from services.feedback.domain.suggestions.voices import Voices
from services.feedback.domain.surveys.panel import Panel
from services.feedback.domain.surveys.survey import Receipts, Responses, Sent, Survey
from shared.chats import DEFAULT_ZONE, Chat
from shared.commands import COMMANDS, Command, parse_command
from shared.contracts.gateway import ChatKind
from shared.stream import keys
from shared.stream.keys import SoFar
from shared.stream.subscription import Bundle, Part, States

OURS: Final = frozenset(each.name for each in COMMANDS if each.owner == "feedback")
LEADING_WORDS: Final = 3
"""Of a command, among which there may be numbers of suggestions."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the states of scenes are kept."""

    chats: States[Chat]
    communities: States[Community]
    members: States[Member]
    posts: States[Post]
    suggestions: States[Suggestion | None]
    voices: States[Voices]
    tallies: States[Tally]
    strategies: States[Registered | None]
    readings: States[Reading]
    reviews: States[Item | None]
    surveys: States[Survey | None]
    responses: States[Responses]
    receipts: States[Receipts]
    panels: States[Panel]
    sends: States[Sent | None]


def around_message(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a message; its subject is the event that tells of it."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.member),
            "homes": Part(stores.communities, _homes, many=True),
            "posts": Part(stores.posts, _posts, many=True),
            "suggestions": Part(stores.suggestions, _meant, many=True),
            "voices": Part(stores.voices, _heard, many=True),
            "tallies": Part(stores.tallies, _active, many=True),
            "reviews": Part(stores.reviews, _to_review, many=True),
            "surveys": Part(stores.surveys, _answerable, many=True),
            "responses": Part(stores.responses, surveyed, many=True),
        },
    )


def around_case(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of what is said of a message: that it is gone, or breaks a rule, or does not."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.member),
            "posts": Part(stores.posts, _named_post, many=True),
            "suggestions": Part(stores.suggestions, _suggested, many=True),
            "tallies": Part(stores.tallies, _cases, many=True),
        },
    )


def around_movement(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of somebody's coming, going or rising, or of a chat; its subject is the event."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.member),
        },
    )


def around_union(stores: Stores) -> Bundle[Union]:
    """Return the bundle of two members who are one, or are not; its subject is the event that says so."""
    return Bundle(
        Union,
        {
            "kept": Part(stores.members, keys.kept),
            "gone": Part(stores.members, keys.gone),
            "others": Part(stores.members, keys.others, many=True),
            "suggestions": Part(stores.suggestions, _spoken_of, many=True),
            "voices": Part(stores.voices, _loaded, many=True),
            "responses": Part(stores.responses, _answered_by, many=True),
        },
    )


def around_review(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of something that is reviewed; see `ReviewSubject`."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.nobody),
            "community": Part(stores.communities, lambda subject, _: (subject.scope,)),
            "member": Part(stores.members, keys.nobody),
            "reviews": Part(stores.reviews, lambda subject, _: (subject.item_id,), many=True),
        },
    )


def around_suggestion(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a suggestion that a REST client names; see `SuggestionSubject`."""
    return Bundle(
        Scene,
        {
            "suggestions": Part(stores.suggestions, _asked_for, many=True),
            "chat": Part(stores.chats, _where_made),
            "community": Part(stores.communities, lambda subject, _: (scope_in(subject.suggestion_id),)),
            "member": Part(stores.members, keys.nobody),
            "voices": Part(stores.voices, _loaded, many=True),
        },
    )


def _command(subject: object) -> Command | None:
    """Return the command of ours that a message gives."""
    found = parse_command(getattr(subject, "text", None) or "")
    return found if isinstance(found, Command) and found.name in OURS else None


def _homes(subject: Any, so_far: SoFar) -> Collection[str]:
    """Return the communities whose suggestions who writes to us directly may mean."""
    if _command(subject) is None or subject.chat_kind is not ChatKind.DIRECT:
        return ()
    return tuple(sorted(so_far["member"].scopes))


def _posts(subject: Any, so_far: SoFar) -> Collection[str]:
    asked = so_far["member"].asked
    command = _command(subject)
    makes = command is not None and command.name == "suggest"
    return tuple(
        dict.fromkeys(
            (*((subject.message_id,) if makes else ()), *((asked.message_id,) if asked is not None else ()))
        )
    )


def _meant(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the suggestions that wait, and those that a command or an answer names."""
    command, asked = _command(subject), so_far["member"].asked
    if command is None and asked is None:
        return ()
    around: list[Community] = [so_far["community"], *so_far["homes"].values()]
    waiting = frozenset[str]().union(*(each.suggestions for each in around))
    return tuple(sorted(waiting | _named(command, around) | _answered(asked, around)))


def _heard(subject: object, so_far: SoFar) -> Collection[str]:
    """Return of which suggestions voices are needed: of those named, and for a list, of who asks."""
    command, member = _command(subject), so_far["member"]
    if command is None and member.asked is None:
        return ()
    around: list[Community] = [so_far["community"], *so_far["homes"].values()]
    found = _named(command, around) | _answered(member.asked, around)
    if command is not None and command.name == "vote" and not command.words:
        found |= set(member.suggestions)
    return tuple(sorted(found & _loaded(subject, so_far)))


def _named(command: Command | None, around: Iterable[Community]) -> frozenset[str]:
    words = command.words[:LEADING_WORDS] if command is not None else ()
    numbers = {number for number in map(number_in, words) if number is not None}
    return frozenset(
        suggestion_id(each.scope, each.standing_for(number)) for each in around for number in numbers
    )


def _answered(asked: Any, around: Iterable[Community]) -> frozenset[str]:
    if asked is None:
        return frozenset()
    scope, _, number = asked.suggestion_id.rpartition("#S")
    stands = [each.standing_for(int(number)) for each in around if each.scope == scope]
    return frozenset(suggestion_id(scope, each) for each in stands)


def _loaded(subject: object, so_far: SoFar) -> frozenset[str]:
    """Return the suggestions that exist, of those that the scene has."""
    del subject
    return frozenset(key for key, each in so_far["suggestions"].items() if each is not None)


def _named_post(subject: Any, so_far: SoFar) -> Collection[str]:
    del so_far
    return (subject.message_id,) if subject.message_id else ()


def _suggested(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(each.suggestion_id for each in so_far["posts"].values() if each.suggestion_id)


def _spoken_of(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    both = (so_far["kept"], so_far["gone"], *so_far["others"].values())
    return tuple(dict.fromkeys(name for each in both for name in each.suggestions))


def _asked_for(subject: SuggestionSubject, so_far: SoFar) -> Collection[str]:
    del so_far
    return (subject.suggestion_id, *((subject.into_id,) if subject.into_id else ()))


def _where_made(subject: SuggestionSubject, so_far: SoFar) -> Collection[str]:
    found = so_far["suggestions"][subject.suggestion_id]
    return (found.chat_id if found is not None else keys.NOBODY,)


def zone_in(so_far: SoFar) -> str:
    """Return the zone of the group that a scene is in."""
    return so_far["chat"].zone or so_far["community"].zone or DEFAULT_ZONE


def tallied(scope: str, unit: str, *measured: Measured) -> Collection[str]:
    """Return the keys of what happened in a session or on a day, by some metrics."""
    return tuple(tally_key(scope, each, unit) for each in measured)


def _active(subject: Any, so_far: SoFar) -> Collection[str]:
    if subject.chat_kind is not ChatKind.GROUP:
        return ()
    day = day_in(subject.sent_at, zone_in(so_far))
    return tallied(so_far["community"].scope, day.isoformat(), ACTIVE_MEMBERS)


def _cases(subject: Any, so_far: SoFar) -> Collection[str]:
    at = getattr(subject, "flagged_at", None) or getattr(subject, "overturned_at", None)
    if at is None:
        return ()
    day = day_in(at, zone_in(so_far))
    return tallied(so_far["community"].scope, day.isoformat(), OVERTURNED)


def _to_review(subject: object, so_far: SoFar) -> Collection[str]:
    command = _command(subject)
    reviewing = command is not None and command.name == "review"
    return tuple(sorted(so_far["community"].reviews)) if reviewing else ()


def _answerable(subject: Any, so_far: SoFar) -> Collection[str]:
    """Return the survey that a word to us alone may answer."""
    survey = so_far["member"].survey
    return (survey,) if survey and subject.chat_kind is ChatKind.DIRECT else ()


def surveyed(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the surveys that exist, of those that the scene has."""
    del subject
    return tuple(key for key, each in so_far["surveys"].items() if each is not None)


def _answered_by(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    both = (so_far["kept"], so_far["gone"], *so_far["others"].values())
    return tuple(dict.fromkeys(each.survey for each in both if each.survey))
