"""Which states a decision of events is made on, whatever it begins with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from services.events.domain.chat import Chat, Community
from services.events.domain.course import Course
from services.events.domain.member import Member
from services.events.domain.reach import Sent
from services.events.domain.replying import number_in
from services.events.domain.roll import Roll
from services.events.domain.scene import Scene
from services.events.domain.telling import HAVING, next_of
from services.events.domain.webinar import Webinar, webinar_id
from shared.commands import Command, parse_command
from shared.contracts.members import ChatConfigured
from shared.contracts.webinars import ReminderDue
from shared.stream.subscription import Bundle, Part, States

SoFar = Mapping[str, Any]
Keys = Callable[[Any, SoFar], Collection[str]]

NOBODY = ""
"""The key of what does not exist: its state is the initial one, and nothing ever changes it."""

MINE = frozenset({"session", "join", "leave"})
"""Commands that may mean a session without naming it, or show those that are ahead."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the states of scenes are kept."""

    chats: States[Chat]
    communities: States[Community]
    members: States[Member]
    webinars: States[Webinar | None]
    courses: States[Course | None]
    rolls: States[Roll]
    sends: States[Sent | None]


def around_message(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a message; its subject is the event that tells of it."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, lambda subject, _: (subject.chat_id,)),
            "community": Part(stores.communities, _scope),
            "member": Part(stores.members, lambda subject, _: (subject.member_id,)),
            "webinars": Part(stores.webinars, _meant, many=True),
            "courses": Part(stores.courses, _courses, many=True),
            "rolls": Part(stores.rolls, _rolls, many=True),
        },
    )


def around_series(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a series; its subject has its id and that of its chat."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, lambda subject, _: (subject.chat_id,)),
            "community": Part(stores.communities, _scope),
            "member": Part(stores.members, _nobody),
            "courses": Part(stores.courses, lambda subject, _: (subject.series_id,), many=True),
            "webinars": Part(stores.webinars, _ahead, many=True),
            "rolls": Part(stores.rolls, _rolls, many=True),
        },
    )


def around_movement(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of somebody's coming, going or rising, or of a chat; its subject is the event."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, lambda subject, _: (subject.chat_id,)),
            "community": Part(stores.communities, _scope),
            "member": Part(stores.members, lambda subject, _: (getattr(subject, "member_id", NOBODY),)),
        },
    )


def around_webinar(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a webinar; its subject has the webinar's id, and may have a member's."""
    return Bundle(
        Scene,
        {
            "webinars": Part(stores.webinars, lambda subject, _: (subject.webinar_id,), many=True),
            "chat": Part(stores.chats, _chat_of_webinar),
            "community": Part(stores.communities, _scope_of_webinar),
            "member": Part(
                stores.members, lambda subject, _: (getattr(subject, "member_id", None) or NOBODY,)
            ),
            "rolls": Part(stores.rolls, lambda subject, _: (subject.webinar_id,), many=True),
            "others": Part(stores.members, _reminded, many=True),
            "sends": Part(stores.sends, _none, many=True),
        },
    )


def around_calling(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a session that is called by a REST client; its subject has the chat's id."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, lambda subject, _: (subject.chat_id,)),
            "community": Part(stores.communities, _scope),
            "member": Part(stores.members, _nobody),
            "webinars": Part(stores.webinars, _called, many=True),
        },
    )


def _nobody(subject: object, so_far: SoFar) -> Collection[str]:
    del subject, so_far
    return (NOBODY,)


def _called(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the webinar that the same request has called before."""
    called = so_far["community"].called.get(getattr(subject, "request", None))
    return (called.webinar_id,) if called is not None else ()


def around_community(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of how a community runs its sessions; its subject is the scope."""
    return Bundle(
        Scene,
        {
            "chat": Part(stores.chats, _nobody),
            "community": Part(stores.communities, lambda scope, _: (scope,)),
            "member": Part(stores.members, _nobody),
            "webinars": Part(stores.webinars, _ahead, many=True),
        },
    )


def _ahead(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(sorted(so_far["community"].ahead))


def _none(subject: object, so_far: SoFar) -> Collection[str]:
    del subject, so_far
    return ()


def _scope(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the scope of the chat: where the subject tells what the chat is, of that."""
    if isinstance(subject, ChatConfigured):
        return (Chat(subject.chat_id, community=subject.community).scope,)
    return (so_far["chat"].scope,)


def _meant(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the webinars that a command, or the answer to a question, may mean."""
    found = parse_command(getattr(subject, "text", None) or "")
    if not isinstance(found, Command):
        return _ahead(subject, so_far) if so_far["member"].asked is not None else ()
    if found.name not in MINE:
        return ()
    scopes = sorted({so_far["chat"].scope, *so_far["member"].scopes})
    words = found.words
    number = next((each for each in map(number_in, words[:3]) if each), None)
    named = tuple(webinar_id(scope, number) for scope in scopes) if number is not None else ()
    if number is not None and found.name != "session":
        return named
    # Whoever changes a session of a series may mean all of it.
    return tuple(dict.fromkeys((*named, *_ahead(subject, so_far))))


def _courses(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    found = (each.series for each in so_far["webinars"].values() if each is not None and each.series)
    return tuple(dict.fromkeys(found))


def _rolls(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(key for key, each in so_far["webinars"].items() if each is not None)


def _first(so_far: SoFar) -> Webinar | None:
    return next((each for each in so_far["webinars"].values() if each is not None), None)


def _chat_of_webinar(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    webinar = _first(so_far)
    return (webinar.chat_id if webinar is not None else NOBODY,)


def _scope_of_webinar(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    webinar = _first(so_far)
    return (webinar.scope if webinar is not None else NOBODY,)


def _reminded(subject: object, so_far: SoFar) -> Collection[str]:
    """Return who will be reminded next."""
    if not isinstance(subject, ReminderDue):
        return ()
    rolls: Mapping[str, Roll] = so_far["rolls"]
    return tuple(member for roll in rolls.values() for member in next_of(roll, HAVING, subject.after))
