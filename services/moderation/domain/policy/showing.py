"""What moderation shows to whoever asks: the rules, the commands, and what a slip was meant to be."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.moderation.domain.policy import acceptance
from services.moderation.domain.policy.document import RuleState
from services.moderation.domain.policy.wording import rule_text
from services.moderation.domain.replying import answer, language_of, reply
from services.moderation.domain.scene import Scene
from shared.commands import COMMANDS, Command, UnknownCommand
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageReceived
from shared.decision import Decision, Phrase

HINT_EVERY = dt.timedelta(minutes=10)
"""A chat is told at most this often that a command does not exist: a hint is help, a second one is noise."""


def rules(
    scene: Scene, command: Command, envelope: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Return the rules in force; only what is different for who has accepted others, when first they ask."""
    del command, now
    if changes := acceptance.unseen(scene):
        return acceptance.show(scene, envelope, changes)
    return answer(scene, envelope, rules_phrase(scene), "rules_shown")


def help_(
    scene: Scene, command: Command, envelope: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Return the list of all commands."""
    del command, now
    lines = tuple(Phrase(f"help.line.{spec.name}") for spec in COMMANDS)
    return answer(scene, envelope, Phrase("help.reply", {"commands": lines}), "help_shown")


def hint(
    scene: Scene, unknown: UnknownCommand, envelope: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Return a hint at what was probably meant, or nothing."""
    recently = scene.room.hinted_at is not None and now - scene.room.hinted_at < HINT_EVERY
    # In a group "!wow" is talk; only what looks like a slip of one of our commands deserves an answer.
    if recently or (envelope.data.chat_kind is ChatKind.GROUP and unknown.suggestion is None):
        return Decision(scene)
    if unknown.suggestion is None:
        phrase = Phrase("command.unknown", {"spelled": unknown.spelled})
    else:
        phrase = Phrase(
            "command.unknown_suggest", {"spelled": unknown.spelled, "suggestion": unknown.suggestion}
        )
    hinted = replace(scene, room=replace(scene.room, hinted_at=now))
    return Decision(hinted, say=(reply(scene, envelope, phrase),), note="command_hinted")


def rules_phrase(scene: Scene) -> Phrase:
    """Return the rules in force in a chat, each under its number; what is only tried out is not shown."""
    policy = scene.policy
    language = language_of(scene.room, policy)
    lines = tuple(
        Phrase("rules.line", {"number": number, "text": rule_text(policy.document, rule, language)})
        for number, rule in enumerate(policy.document.rules, 1)
        if rule.state is RuleState.ON
    )
    if policy.version == 0:
        return Phrase("rules.reply_default", {"rules": lines})
    return Phrase("rules.reply", {"rules": lines, "version": policy.version, "date": policy.changed_at})
