"""Which states a decision of moderation is made on, whatever it begins with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from services.moderation.domain.cases.case import Case, case_id
from services.moderation.domain.cases.naming import case_numbers
from services.moderation.domain.history.judged import Judged
from services.moderation.domain.members.merging import Union, standing_keys
from services.moderation.domain.members.standing import Person, Standing
from services.moderation.domain.policy.acceptance import is_acceptance, key_of
from services.moderation.domain.policy.asking import YES
from services.moderation.domain.policy.document import Policy
from services.moderation.domain.policy.regression import Regression
from services.moderation.domain.room import Community, Room
from services.moderation.domain.scene import Scene
from services.moderation.domain.scopes import version_key
from services.moderation.domain.subjects import ReportSubject
from shared.commands import Command, parse_command, says_only
from shared.stream.subscription import Bundle, Part, States

SoFar = Mapping[str, Any]
Keys = Callable[[Any, SoFar], Collection[str]]

NOBODY = ""
"""The key of what does not exist: its state is the initial one, and nothing ever changes it."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Where the states of scenes are kept."""

    rooms: States[Room]
    communities: States[Community]
    persons: States[Person]
    standings: States[Standing]
    history: States[Judged | None]
    cases: States[Case | None]
    steps: States[str]
    versions: States[Policy | None]
    regressions: States[Regression | None]
    examples: States[tuple[Regression, ...]]


def around_message(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a message; its subject is the event that tells of it, or a report of one."""
    return Bundle(
        Scene,
        {
            "room": Part(stores.rooms, lambda message, _: (message.chat_id,)),
            "community": Part(stores.communities, _scope),
            "person": Part(stores.persons, lambda message, _: (message.member_id or NOBODY,)),
            "standing": Part(stores.standings, _standing_of("person")),
            "judged": Part(stores.history, _itself),
            "target": Part(stores.history, _answered),
            "cases": Part(stores.cases, _cases_around, many=True),
            "other": Part(stores.persons, _whom),
            "other_standing": Part(stores.standings, _standing_of("other")),
            "siblings": Part(stores.cases, _siblings("other_standing"), many=True),
            "reporters": Part(stores.standings, _reporters, many=True),
            "regressions": Part(stores.regressions, _case_ids, many=True),
            "versions": Part(stores.versions, _cited_rules, many=True),
            "steps": Part(stores.steps, _none, many=True),
            "earlier": Part(stores.history, _none, many=True),
            "homes": Part(stores.rooms, _homes, many=True),
            "home_communities": Part(stores.communities, _home_communities, many=True),
            "examples": Part(stores.examples, _confirmed_in, many=True),
        },
    )


def around_member(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of somebody's coming, going or rising in a chat; its subject is the event."""
    return Bundle(
        Scene,
        {
            "room": Part(stores.rooms, lambda subject, _: (subject.chat_id,)),
            "community": Part(stores.communities, _scope),
            "person": Part(stores.persons, lambda subject, _: (getattr(subject, "member_id", NOBODY),)),
            "standing": Part(stores.standings, _standing_of("person")),
            **{name: Part(stores.history, _none) for name in ("judged", "target", "other")},
            "other_standing": Part(stores.standings, _none),
            "cases": Part(stores.cases, _removing, many=True),
            "steps": Part(stores.steps, _none, many=True),
        },
    )


def around_case(stores: Stores) -> Bundle[Scene]:
    """Return the bundle of a case; its subject has the case's id, or that of a command that belongs to one.

    Where there is no such case, as with a command of another service, the scene is that of nobody.
    """
    return Bundle(
        Scene,
        {
            "steps": Part(stores.steps, _step, many=True),
            "cases": Part(stores.cases, _case_of_subject, many=True),
            "room": Part(stores.rooms, _of_case("chat_id")),
            "community": Part(stores.communities, _scope),
            "person": Part(stores.persons, _of_case("member_id")),
            "standing": Part(stores.standings, _standing_of("person")),
            "judged": Part(stores.history, _message_of_case),
            **{name: Part(stores.history, _none) for name in ("target", "other")},
            "other_standing": Part(stores.standings, _none),
            "siblings": Part(stores.cases, _siblings("standing"), many=True),
            "reporters": Part(stores.standings, _reporters_of_cases, many=True),
            "regressions": Part(stores.regressions, _case_ids, many=True),
        },
    )


def around_union(stores: Stores) -> Bundle[Union]:
    """Return the bundle of two members who are one, or are not; its subject is the event that says so."""

    def others(_: object, so_far: SoFar) -> Collection[str]:
        kept, gone = so_far["kept"], so_far["gone"]
        return tuple(sorted({*gone.absorbed, *kept.absorbed, kept.now} - {kept.member_id, gone.member_id}))

    def standings(_: object, so_far: SoFar) -> Collection[str]:
        return standing_keys(so_far["kept"], so_far["gone"], *so_far["others"].values())

    return Bundle(
        Union,
        {
            "kept": Part(stores.persons, lambda subject, _: (subject.member_id,)),
            "gone": Part(stores.persons, lambda subject, _: (subject.merged_id,)),
            "others": Part(stores.persons, others, many=True),
            "standings": Part(stores.standings, standings, many=True),
        },
    )


def _none(subject: object, so_far: SoFar) -> Collection[str]:
    del subject, so_far
    return ()


def _scope(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return (so_far["room"].scope,)


def _standing_of(part: str) -> Keys:
    def keys(subject: object, so_far: SoFar) -> Collection[str]:
        del subject
        person: Person | None = so_far[part]
        return () if person is None else (f"{so_far['room'].scope}|{person.now}",)

    return keys


def _command(subject: object) -> Command | None:
    text = getattr(subject, "text", None)
    found = _parsed(text) if text else None
    return found if isinstance(found, Command) else None


# Several parts ask it of each message, and of all messages of a batch before the next part does.
_parsed = lru_cache(maxsize=512)(parse_command)


def _commands(subject: object) -> bool:
    return isinstance(subject, ReportSubject) or _command(subject) is not None


def _itself(subject: object, so_far: SoFar) -> Collection[str]:
    del so_far
    message_id = getattr(subject, "message_id", None)
    return (message_id,) if message_id else ()


def _answered(subject: object, so_far: SoFar) -> Collection[str]:
    del so_far
    answers = getattr(subject, "reply_to", None)
    return (answers,) if answers and _commands(subject) else ()


def _cases_around(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the case of the message, of what it answers, and those a command names.

    Who writes to us directly means a case of any community they stand in.
    """
    known = (so_far["judged"], so_far["target"])
    cases = [each.case for each in known if each is not None and each.case]
    if command := _command(subject):
        scopes = {so_far["room"].scope, *so_far["person"].scopes}
        numbers = case_numbers(command.args)
        cases += [case_id(scope, number) for scope in sorted(scopes) for number in numbers]
    return tuple(dict.fromkeys(cases))


def _whom(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the author of what a command answers, whom it mentions, or whom the case it names is about."""
    if not _commands(subject):
        return ()
    target: Judged | None = so_far["target"]
    if target is not None:
        return (target.member_id,)
    mentions = getattr(subject, "mentions", ())
    return mentions[:1] or tuple(case.member_id for case in _found(so_far, so_far["room"].scope))[:1]


def _found(so_far: SoFar, scope: str | None = None) -> Iterable[Case]:
    """Return the cases that exist, those of `scope` where one is given."""
    cases: Iterable[Case | None] = so_far["cases"].values()
    return (each for each in cases if each is not None and scope in {None, each.scope})


def _case_ids(subject: object, so_far: SoFar) -> Collection[str]:
    return () if getattr(subject, "text", None) and not _commands(subject) else tuple(so_far["cases"])


def _siblings(part: str) -> Keys:
    def keys(subject: object, so_far: SoFar) -> Collection[str]:
        del subject
        standing: Standing | None = so_far[part]
        if standing is None or not so_far["cases"]:
            return ()
        return tuple(each.case for each in standing.strikes if each.case not in so_far["cases"])

    return keys


def _reporters(subject: object, so_far: SoFar) -> Collection[str]:
    return _reporters_of_cases(subject, so_far) if _commands(subject) else ()


def _reporters_of_cases(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple({f"{case.scope}|{member}": None for case in _found(so_far) for member in case.reporters})


def _cited_rules(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the rules that who acts has accepted, and those by which named cases were opened."""
    commands, accepted = _commands(subject), so_far["standing"].acceptance
    cited = (
        [version_key(each.policy_scope, each.policy_version) for each in _found(so_far)] if commands else []
    )
    if accepted is not None and (commands or is_acceptance(getattr(subject, "text", None))):
        cited.append(key_of(accepted))
    return tuple(dict.fromkeys(cited))


def _homes(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the chats of named cases that happened elsewhere: their rules and languages are what counts."""
    if not _commands(subject):
        return ()
    return tuple(
        dict.fromkeys(each.chat_id for each in _found(so_far) if each.chat_id != so_far["room"].chat_id)
    )


def _home_communities(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    here = so_far["room"].scope
    return tuple(dict.fromkeys(each.scope for each in so_far["homes"].values() if each.scope != here))


def _confirmed_in(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the scope whose examples a change of the rules is held against, where one may be confirmed."""
    if so_far["standing"].asked is None or not says_only(getattr(subject, "text", None) or "", YES):
        return ()
    return (so_far["room"].scope,)


def _removing(subject: object, so_far: SoFar) -> Collection[str]:
    """Return the case by which a member was removed: who is back, or out, closes what was left of it."""
    del subject
    removed_by = so_far["standing"].removed_by
    return (removed_by,) if removed_by else ()


def _step(subject: object, so_far: SoFar) -> Collection[str]:
    del so_far
    command_id = getattr(subject, "action_id", None)
    return (command_id,) if command_id else ()


def _case_of_subject(subject: object, so_far: SoFar) -> Collection[str]:
    named = getattr(subject, "case_id", None)
    return tuple(each for each in (named, *so_far["steps"].values()) if each)


def _of_case(field: str) -> Keys:
    def keys(subject: object, so_far: SoFar) -> Collection[str]:
        del subject
        case = next(iter(_found(so_far)), None)
        return (getattr(case, field) if case is not None else NOBODY,)

    return keys


def _message_of_case(subject: object, so_far: SoFar) -> Collection[str]:
    del subject
    return tuple(case.message_id for case in _found(so_far) if case.message_id)[:1]
