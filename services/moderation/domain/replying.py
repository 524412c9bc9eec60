"""How moderation answers a command, and in which language."""

from __future__ import annotations

import datetime as dt

from services.moderation.domain.cases.case import Case
from services.moderation.domain.members.standing import Person
from services.moderation.domain.policy.document import Document, Policy, Rule
from services.moderation.domain.review.cited import is_about
from services.moderation.domain.room import Room
from services.moderation.domain.scene import Scene
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageReceived, SendClass
from shared.decision import Decision, Instead, Phrase, Say

SPOKEN = frozenset({"hi", "en", "hi-Latn"})
"""The languages of the catalogue; a chat may have been given another."""

NEWS_VALID_FOR = dt.timedelta(days=2)
"""What a reviewer decides is news whenever it comes; after days it is in `!क्यों` all the same."""


def language_of(room: Room, policy: Policy, person: Person | None = None) -> str | None:
    """Return the language to speak: the person's, else the chat's, else the policy's; None: none of ours."""
    own = policy.document.language if policy.version else None
    wanted = (person.language if person else None, room.language, own)
    return next((each for each in wanted if each in SPOKEN), None)


def rule_name(policy: Policy, rule_id: str, language: str | None) -> str | Phrase:
    """Return what a rule is called in a few words: by its policy, else by the catalogue, else its id."""
    found = policy.document.rule(rule_id)
    return rule_label(policy.document, found[1] if found else Rule(id=rule_id), language)


def rule_label(document: Document, rule: Rule, language: str | None) -> str | Phrase:
    """Return what a rule is called in a few words."""
    own = rule.names.get(language or "") or rule.names.get(document.language)
    if own:
        return own
    return Phrase(f"rules.name.{rule.id}") if rule.id in NAMED else rule.id


NAMED = frozenset({"topic", "respect", "links", "income", "privacy", "search_first"})
"""Rules whose names are in the catalogue: those of the built-in policy."""


def answer(
    scene: Scene,
    envelope: Envelope[MessageReceived],
    phrase: Phrase,
    note: str,
    *,
    private: bool = False,
    case: Case | None = None,
) -> Decision[Scene]:
    """Return the decision to say `phrase` to whoever gave a command, and to change nothing."""
    return Decision(scene, say=(reply(scene, envelope, phrase, private=private, case=case),), note=note)


def reply(
    scene: Scene,
    envelope: Envelope[MessageReceived],
    phrase: Phrase,
    *,
    private: bool = False,
    aloud: bool = True,
    case: Case | None = None,
) -> Say:
    """Return an answer to a command: to the chat, or to whoever gave it.

    Args:
        scene: where it was given.
        envelope: the command's message.
        phrase: what to say.
        private: only the member is to read it; a direct chat is private as it is.
        aloud: whether a private answer may be given in the chat where there is no other way.
        case: the case it is about, for a direct chat to speak the language of the chat it happened in.
    """
    if scene.room.kind is ChatKind.DIRECT:
        language = language_to(scene, case) if case else language_of(scene.room, scene.policy, scene.person)
        return Say(scene.room.chat_id, phrase, language, reply_to=envelope.data.message_id)
    if not private:
        language = language_of(scene.room, scene.policy)
        return Say(scene.room.chat_id, phrase, language, reply_to=envelope.data.message_id)
    return Say(
        scene.room.chat_id,
        phrase,
        language_of(scene.room, scene.policy, scene.person),
        # Quoted, it would say in the chat what it answers; alone, it would quote what is not in that chat.
        reply_to=envelope.data.message_id if aloud else None,
        privately_to=scene.person.member_id,
        aloud=aloud,
    )


def language_to(scene: Scene, case: Case) -> str | None:
    """Return the language in which who acts is told of a case: their own, else that of the case's chat."""
    return language_of(scene.home_of(case), scene.policy_for(case), scene.person)


def news(scene: Scene, case: Case, phrase: Phrase) -> Say:
    """Return what a member alone is to hear of a decision about them."""
    person = scene.person if is_about(case, scene.person) else scene.other
    return Say(
        case.chat_id,
        phrase,
        language_of(scene.home_of(case), scene.policy_for(case), person),
        send_class=SendClass.SAFETY,
        valid_for=NEWS_VALID_FOR,
        privately_to=case.member_id,
        instead=hint(scene, case),
    )


def hint(scene: Scene, case: Case) -> Instead:
    """Return what the group hears where there is no private way: a number, and neither a name nor a deed."""
    language = language_of(scene.home_of(case), scene.policy_for(case))
    return Instead(Phrase("case.news", {"case": case.name}), language)
