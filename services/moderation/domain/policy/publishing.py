"""Puts policies into force, for a chat or for a community; every version stays readable for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from services.moderation.domain.judging.judge import Detectors
from services.moderation.domain.policy.checking import check, hit_again
from services.moderation.domain.policy.difference import differences
from services.moderation.domain.policy.document import DEFAULT, Document, Policy
from services.moderation.domain.policy.regression import Regression
from services.moderation.domain.replying import language_of
from services.moderation.domain.room import Community, Room, policy_of
from services.moderation.domain.scopes import version_key
from shared.clock import as_stored
from shared.contracts.gateway import ChatKind, SendClass
from shared.contracts.moderation import PolicyChanged
from shared.decision import Decision, Emit, Phrase, Say
from shared.errors import Conflict, NotFound, PreconditionFailed

NOTICE_VALID_FOR = dt.timedelta(hours=12)
"""Rules that changed yesterday are no news; `!नियम` shows what is different at any time."""

MAX_LINES = 12
"""Of what is different, in one notice."""


class WouldHitAgain(Conflict):
    """The rules would find fault again with what a person has found to be fine."""

    code = "would_hit_again"

    def __init__(self, examples: tuple[Regression, ...]) -> None:
        cases = ", ".join(each.case for each in examples)
        super().__init__(f"These rules would hit again what was found to be fine: {cases}.")
        self.examples = examples


@dataclass(frozen=True, slots=True)
class Publishing:
    """The states that putting a policy into force is decided on, loaded and stored together."""

    community: Community
    """The community, or what belongs to a chat of none."""
    room: Room | None = None
    """The chat whose own policy it is; None where it is the community's."""
    rooms: Mapping[str, Room] = field(default_factory=dict)
    """The chats of the community, where it is the community's."""
    versions: Mapping[str, Policy | None] = field(default_factory=dict)
    """By `<scope>|<version>`: one to return to; a new one is added."""
    regressions: Mapping[str, Regression | None] = field(default_factory=dict)
    """What no policy of the scope should hit again."""

    @property
    def scope(self) -> str:
        """Whose policy it is."""
        return f"chat:{self.room.chat_id}" if self.room else self.community.scope

    @property
    def policy(self) -> Policy | None:
        """The scope's own policy in force, None where it has none."""
        return self.room.policy if self.room else self.community.policy

    @property
    def version(self) -> int:
        """Of the scope's own policy; 0 where it has none."""
        return self.policy.version if self.policy else 0


def publish(
    publishing: Publishing,
    document: Document,
    *,
    detectors: Detectors,
    actor: str,
    expected_version: int | None,
    now: dt.datetime,
    force: bool = False,
    note: str | None = None,
) -> Decision[Publishing]:
    """Return the scope with `document` in force, the fact of it and a notice to each group it is new for.

    Publishing the same content again changes nothing, so that a request may be repeated safely. A community's
    policy is told as a fact to each of its chats that is known and has none of its own.

    Raises:
        Invalid: the document cannot be shown to members or judged by.
        PreconditionFailed: the current version is not `expected_version`.
        WouldHitAgain: it would hit a kept example again, and `force` does not say that it may.
    """
    if expected_version is not None and expected_version != publishing.version:
        raise PreconditionFailed(f"The rules are at version {publishing.version}, not {expected_version}.")
    check(document, detectors)
    if publishing.policy is not None and publishing.policy.document == document:
        return Decision(publishing)
    # As precise as the store keeps it, so that an answer, the event and a later look say the same.
    now = as_stored(now)
    policy = Policy(publishing.version + 1, document, actor, now, note)
    if not force and (examples := hit_again(policy, publishing.regressions, detectors)):
        raise WouldHitAgain(examples)
    touched = tuple(_touched(publishing))
    before = {room.chat_id: policy_of(room, publishing.community) for room in touched}
    return Decision(
        _with_policy(publishing, policy),
        emit=tuple(_fact(publishing, room, policy) for room in touched),
        say=tuple(say for room in touched for say in _notice(room, before[room.chat_id], policy, detectors)),
        note="policy_published",
    )


def rollback(
    publishing: Publishing,
    version: int,
    *,
    detectors: Detectors,
    actor: str,
    expected_version: int | None,
    now: dt.datetime,
    force: bool = False,
) -> Decision[Publishing]:
    """Return the scope with an earlier version's document in force, as a new version.

    Raises:
        NotFound: there has been no such version.
        Rejected: as `publish` does; an old version is checked like a new one.
    """
    earlier = publishing.versions.get(version_key(publishing.scope, version))
    if earlier is None:
        raise NotFound(f"There is no version {version} of these rules.")
    return publish(
        publishing,
        earlier.document,
        detectors=detectors,
        actor=actor,
        expected_version=expected_version,
        now=now,
        force=force,
        note=f"as version {version}",
    )


def copy(
    publishing: Publishing,
    source: str,
    policy: Policy,
    *,
    detectors: Detectors,
    actor: str,
    expected_version: int | None,
    now: dt.datetime,
    force: bool = False,
) -> Decision[Publishing]:
    """Return the scope with the document of another scope's `policy` in force.

    Raises:
        Rejected: as `publish` does.
    """
    return publish(
        publishing,
        policy.document,
        detectors=detectors,
        actor=actor,
        expected_version=expected_version,
        now=now,
        force=force,
        note=f"from {source}, version {policy.version}",
    )


def _touched(publishing: Publishing) -> Iterator[Room]:
    """Yield the chats for which another policy holds afterwards."""
    if publishing.room is not None:
        yield publishing.room
    else:
        yield from (room for room in publishing.rooms.values() if room.policy is None)


def _with_policy(publishing: Publishing, policy: Policy) -> Publishing:
    versions: Mapping[str, Policy | None] = {
        **publishing.versions,
        version_key(publishing.scope, policy.version): policy,
    }
    if publishing.room is not None:
        return replace(publishing, room=replace(publishing.room, policy=policy), versions=versions)
    return replace(publishing, community=replace(publishing.community, policy=policy), versions=versions)


def _fact(publishing: Publishing, room: Room, policy: Policy) -> Emit:
    languages = {policy.document.language, *(each for rule in policy.document.rules for each in rule.texts)}
    changed = PolicyChanged(
        chat_id=room.chat_id,
        version=policy.version,
        languages=tuple(sorted(languages)),
        changed_by=policy.changed_by,
        changed_at=policy.changed_at,
        community=None if publishing.room else room.community,
    )
    return Emit(changed, room.chat_id)


def _notice(room: Room, before: Policy, policy: Policy, detectors: Detectors) -> Iterator[Say]:
    """Yield one notice to a group that knew other rules; none of what members cannot notice."""
    # Of a chat nothing has come from yet, nobody knows whether we are in it.
    known = room.seq > 0 or room.channel is not None
    if not known or room.kind is not ChatKind.GROUP:
        return
    language = language_of(room, policy)
    changes = differences(before.document, policy.document, language, detectors=detectors, for_members=True)
    if not changes:
        return
    if before is DEFAULT:
        phrase = Phrase("policy.notice_first", {"version": policy.version})
    else:
        phrase = Phrase("policy.notice", {"version": policy.version, "changes": shortened(changes)})
    yield Say(room.chat_id, phrase, language, SendClass.REPLY, NOTICE_VALID_FOR)


def shortened(changes: tuple[Phrase, ...]) -> tuple[Phrase, ...]:
    """Return as many of the changes as one message should hold, and how many more there are."""
    if len(changes) <= MAX_LINES:
        return changes
    return (*changes[:MAX_LINES], Phrase("diff.more", {"more": len(changes) - MAX_LINES}))
