"""Which states a decision of events is made on, whatever it begins with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from services.events.domain.award import Award, award_key
from services.events.domain.board import Board
from services.events.domain.community import Community
from services.events.domain.course import Course
from services.events.domain.feedback import Feedback
from services.events.domain.member import Member
from services.events.domain.merging import Union, award_keys
from services.events.domain.rating import next_attended
from services.events.domain.reach import Sent
from services.events.domain.replying import number_in
from services.events.domain.roll import Roll
from services.events.domain.scene import Scene
from services.events.domain.speaker import Speaker
from services.events.domain.telling import HAVING, next_of
from services.events.domain.webinar import Webinar, scope_in, webinar_id
from shared.chats import Chat
from shared.commands import COMMANDS, Command, parse_command
from shared.contracts.webinars import FeedbackDue, ReminderDue
from shared.stream import keys
from shared.stream.keys import NOBODY, Keys, SoFar
from shared.stream.subscription import Bundle, Part, States

OURS = frozenset(each.name for each in COMMANDS if each.owner == "events")
BARE = frozenset({"join", "leave"})
"""Commands that mean the session whose number they name, and nothing else."""
AFTERWARDS = frozenset({"certificate", "recording", "rate"})
"""Commands about what is over."""
LEADING_WORDS = 3


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the states of scenes are kept."""

    chats: States[Chat]
    communities: States[Community]
    members: States[Member]
    webinars: States[Webinar | None]
    courses: States[Course | None]
    rolls: States[Roll]
    boards: States[Board | None]
    feedback: States[Feedback | None]
    awards: States[Award | None]
    speakers: States[Speaker | None]
    sends: States[Sent | None]


def around_message(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a message; its subject is the event that tells of it."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, lambda subject, _: (subject.member_id,)),
            "homes": Part(stores.communities, _homes, many=True),
            "webinars": Part(stores.webinars, _meant, many=True),
            "courses": Part(stores.courses, _courses, many=True),
            "rolls": Part(stores.rolls, _loaded, many=True),
            "boards": Part(stores.boards, _where("question"), many=True),
            "feedback": Part(stores.feedback, _rated, many=True),
            "awards": Part(stores.awards, _held, many=True),
            "speakers": Part(stores.speakers, _spoken_of, many=True),
        },
    )


def around_series(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a series; its subject has its id and that of its chat."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.nobody),
            "courses": Part(stores.courses, lambda subject, _: (subject.series_id,), many=True),
            "webinars": Part(stores.webinars, _ahead, many=True),
            "rolls": Part(stores.rolls, _loaded, many=True),
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


def around_webinar(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a webinar; its subject has its id, and may have that of a member or a speaker."""
    return Bundle(
        Scene,
        {
            "webinars": Part(stores.webinars, lambda subject, _: (subject.webinar_id,), many=True),
            "chat": Part(stores.chats, _chat_of_webinar),
            "community": Part(stores.communities, _scope_of_webinar),
            "member": Part(stores.members, keys.member),
            "rolls": Part(stores.rolls, _loaded, many=True),
            "others": Part(stores.members, _told, many=True),
            "sends": Part(stores.sends, keys.none, many=True),
            "boards": Part(stores.boards, _loaded, many=True),
            "feedback": Part(stores.feedback, _loaded, many=True),
            "awards": Part(stores.awards, _award, many=True),
            "speakers": Part(stores.speakers, _speakers, many=True),
        },
    )


def around_following(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a webinar and all that its series has ahead; its subject has the webinar's id."""
    return Bundle(
        Scene,
        {
            "community": Part(stores.communities, lambda subject, _: (scope_in(subject.webinar_id),)),
            "webinars": Part(stores.webinars, _it_and_ahead, many=True),
            "chat": Part(stores.chats, _chat_of_first),
            "member": Part(stores.members, keys.nobody),
            "courses": Part(stores.courses, _courses, many=True),
            "rolls": Part(stores.rolls, _loaded, many=True),
        },
    )


def around_calling(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a session that is called by a REST client; its subject has the chat's id."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.chat),
            "community": Part(stores.communities, keys.scope),
            "member": Part(stores.members, keys.nobody),
            "webinars": Part(stores.webinars, _called, many=True),
            "courses": Part(stores.courses, keys.none, many=True),
        },
    )


def around_community(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of how a community runs its sessions; its subject is the scope."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, keys.nobody),
            "community": Part(stores.communities, lambda scope, _: (scope,)),
            "member": Part(stores.members, keys.nobody),
            "webinars": Part(stores.webinars, _ahead, many=True),
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
            "webinars": Part(stores.webinars, _on_rolls, many=True),
            "rolls": Part(stores.rolls, _loaded, many=True),
            "boards": Part(stores.boards, _loaded, many=True),
            "awards": Part(stores.awards, _awards_of_both, many=True),
            "communities": Part(stores.communities, _scopes, many=True),
        },
    )


def _command(subject: object) -> Command | None:
    """Return the command of ours that a message gives."""
    found = parse_command(getattr(subject, "text", None) or "")
    return found if isinstance(found, Command) and found.name in OURS else None


def _homes(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the scopes beside the chat's in which who gives a command has been seen."""
    if _command(subject) is None:
        return ()
    return tuple(sorted(so_far["member"].scopes - {so_far["chat"].scope}))


def _meant(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the webinars that a command, or the answer to a question, may mean."""
    member, community = so_far["member"], so_far["community"]
    rating = {member.rating} if member.rating else set[str]()
    found = _command(subject)
    if found is None:
        asked = community.ahead if member.asked is not None else frozenset()
        return tuple(sorted(asked | rating))
    scopes = {so_far["chat"].scope, *member.scopes}
    number = next((each for each in map(number_in, found.words[:LEADING_WORDS]) if each), None)
    named = {webinar_id(scope, number) for scope in scopes} if number is not None else set[str]()
    if named and found.name in BARE:
        return tuple(sorted(named))
    # Whoever changes a session of a series may mean all of it, and four digits may be a code.
    ahead = community.ahead.union(*(each.ahead for each in so_far["homes"].values()))
    over = member.webinars | rating if found.name in AFTERWARDS else frozenset()
    return tuple(sorted(named | ahead | community.lately | over))


def _loaded(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the webinars that exist, of those that the scene has."""
    del subject
    return tuple(key for key, each in so_far["webinars"].items() if each is not None)


def _found(so_far: SoFar) -> list[Webinar]:
    return [each for each in so_far["webinars"].values() if each is not None]


def _where(*commands: str) -> Keys:
    def keys(subject: object, so_far: SoFar) -> Collection[str]:
        found = _command(subject)
        return _loaded(subject, so_far) if found is not None and found.name in commands else ()

    return keys


def _rated(subject: object, so_far: SoFar) -> Collection[str]:
    found = _command(subject)
    rates = found.name == "rate" if found is not None else bool(so_far["member"].rating)
    return _loaded(subject, so_far) if rates else ()


def _held(subject: object, so_far: SoFar) -> Collection[str]:
    member = so_far["member"].now
    return tuple(award_key(each, member) for each in _where("certificate")(subject, so_far))


def _spoken_of(subject: object, so_far: SoFar) -> Collection[str]:
    found = _command(subject)
    speaks = found is not None and found.name in {"speaker", "rate"}
    return _speakers(subject, so_far) if speaks or so_far["member"].rating else ()


def _speakers(subject: object, so_far: SoFar) -> Collection[str]:
    named = getattr(subject, "speaker_id", None)
    found = {name for each in _found(so_far) for name in (*each.speakers, *each.invited)}
    return tuple(sorted(found | {named} if named else found))


def _award(subject: object, so_far: SoFar) -> Collection[str]:
    member = so_far["member"].now
    return tuple(award_key(each, member) for each in _loaded(subject, so_far)) if member else ()


def _it_and_ahead(subject: Any, so_far: SoFar) -> Collection[str]:
    return tuple(dict.fromkeys((subject.webinar_id, *_ahead(subject, so_far))))


def _chat_of_first(subject: Any, so_far: SoFar) -> Collection[str]:
    found = so_far["webinars"].get(subject.webinar_id)
    return (found.chat_id if found is not None else NOBODY,)


def _courses(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(dict.fromkeys(each.series for each in _found(so_far) if each.series))


def _ahead(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(sorted(so_far["community"].ahead))


def _called(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the webinar that the same request has called before."""
    called = so_far["community"].called.get(getattr(subject, "request", None))
    return (called.webinar_id,) if called is not None else ()


def _chat_of_webinar(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(each.chat_id for each in _found(so_far)) or (NOBODY,)


def _scope_of_webinar(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(each.scope for each in _found(so_far)) or (NOBODY,)


def _told(subject: object, so_far: SoFar) -> Collection[str]:
    """Return who is reminded or asked next."""
    rolls: Collection[Roll] = so_far["rolls"].values()
    if isinstance(subject, ReminderDue):
        return tuple(member for roll in rolls for member in next_of(roll, HAVING, subject.after))
    if isinstance(subject, FeedbackDue):
        return tuple(member for roll in rolls for member in next_attended(roll, subject.after))
    return ()


def _both(so_far: SoFar) -> list[Member]:
    return [so_far["kept"], so_far["gone"], *so_far["others"].values()]


def _on_rolls(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(sorted(frozenset[str]().union(*(each.webinars for each in _both(so_far)))))


def _awards_of_both(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return award_keys(*_both(so_far))


def _scopes(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(sorted({each.scope for each in _found(so_far)}))
