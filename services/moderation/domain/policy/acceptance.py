"""`स्वीकार`: a member accepts the rules, and is asked again only for what is different since."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.moderation.domain.members.standing import Acceptance
from services.moderation.domain.policy.difference import differences
from services.moderation.domain.policy.document import DEFAULT, Policy
from services.moderation.domain.policy.publishing import shortened
from services.moderation.domain.replying import language_of, reply
from services.moderation.domain.room import policy_scope_of
from services.moderation.domain.scene import Scene
from services.moderation.domain.scopes import version_key
from shared.clock import as_stored
from shared.commands import COMMANDS, says_only
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.moderation import RulesAccepted
from shared.decision import Decision, Emit, Phrase

WORDS = next(spec.aliases for spec in COMMANDS if spec.name == "accept")


def is_acceptance(text: str | None) -> bool:
    """Whether a message accepts the rules: the word and nothing else, with or without a prefix."""
    return text is not None and says_only(text, WORDS)


def decide(scene: Scene, envelope: Envelope[MessageReceived], now: dt.datetime) -> Decision[Scene]:
    """Return the scene with the rules in force accepted, or what is different, where it was not shown yet.

    It is answered to the member alone where there is a way: a group does not hear of each of its members.
    """
    if changes := unseen(scene):
        return show(scene, envelope, changes)
    here, accepted = in_force(scene), scene.standing.acceptance
    if accepted is not None and key_of(accepted) == here:
        return Decision(scene)
    policy = scene.policy
    language = language_of(scene.room, policy) or policy.document.language
    now = as_stored(now)
    new = Acceptance(policy.version, language, now, policy_scope_of(scene.room, scene.community))
    fact = RulesAccepted(
        chat_id=scene.room.chat_id,
        member_id=scene.person.now,
        version=new.version,
        language=new.language,
        accepted_at=now,
    )
    thanks = reply(
        scene, envelope, Phrase("accept.done", {"version": new.version}), private=True, aloud=False
    )
    return Decision(
        replace(scene, standing=replace(scene.standing, acceptance=new, shown=None)),
        emit=(Emit(fact, scene.room.chat_id),),
        say=(thanks,),
        note="rules_accepted",
    )


def unseen(scene: Scene) -> tuple[Phrase, ...]:
    """Return what is different since the rules that the member accepted, where they were not shown that."""
    accepted, here = scene.standing.acceptance, in_force(scene)
    if accepted is None or here in {key_of(accepted), scene.standing.shown}:
        return ()
    before = _accepted(scene, accepted)
    if before is None:
        return ()
    policy = scene.policy
    return differences(before.document, policy.document, language_of(scene.room, policy), for_members=True)


def show(scene: Scene, envelope: Envelope[MessageReceived], changes: tuple[Phrase, ...]) -> Decision[Scene]:
    """Return the answer that shows the member what is different, and asks them to accept it."""
    version = scene.policy.version
    phrase = Phrase("accept.changes", {"version": version, "changes": shortened(changes)})
    shown = replace(scene, standing=replace(scene.standing, shown=in_force(scene)))
    return Decision(shown, say=(reply(scene, envelope, phrase, private=True),), note="rules_changes_shown")


def in_force(scene: Scene) -> str:
    """Return the key of the policy in force in the chat."""
    return version_key(policy_scope_of(scene.room, scene.community), scene.policy.version)


def key_of(accepted: Acceptance) -> str:
    """Return the key of the policy that was accepted."""
    return version_key(accepted.policy_scope, accepted.version)


def _accepted(scene: Scene, accepted: Acceptance) -> Policy | None:
    return DEFAULT if accepted.version == 0 else scene.versions.get(key_of(accepted))
