"""What moderation answers to commands."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from services.moderation.domain.policy import Conduct
from shared.commands import COMMANDS, Command, UnknownCommand, parse_command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageReceived
from shared.decision import Decision, Phrase, Say

DEFAULT_RULES = 6
"""How many rules the catalogue holds for a chat that has none of its own."""

HINT_EVERY = dt.timedelta(minutes=10)
"""A chat is told at most this often that a command does not exist: a hint is help, a second one is noise."""


def decide_message(conduct: Conduct, event: Envelope[MessageReceived], now: dt.datetime) -> Decision[Conduct]:
    """Return the answer to a message: rules, help, a hint, or nothing."""
    match parse_command(event.data.text or ""):
        case Command(name="rules"):
            return _say(conduct, rules_phrase(conduct), "rules_shown")
        case Command(name="help"):
            lines = tuple(Phrase(f"help.line.{spec.name}") for spec in COMMANDS)
            return _say(conduct, Phrase("help.reply", {"commands": lines}), "help_shown")
        case UnknownCommand() as unknown:
            return _hint(conduct, unknown, event.data.chat_kind, now)
        case _:
            return Decision(conduct)


def rules_phrase(conduct: Conduct) -> Phrase:
    """Return the rules in force in a chat: its own or, until it has some, the common ones."""
    policy = conduct.policy
    if policy is None:
        common = tuple(
            _line(number, Phrase(f"rules.default.{number}")) for number in range(1, DEFAULT_RULES + 1)
        )
        return Phrase("rules.reply_default", {"rules": common})
    own = tuple(
        _line(number, rule.text(policy.language, policy.language))
        for number, rule in enumerate(policy.rules, 1)
    )
    return Phrase("rules.reply", {"rules": own, "version": policy.version, "date": policy.changed_at})


def _line(number: int, text: str | Phrase) -> Phrase:
    return Phrase("rules.line", {"number": number, "text": text})


def _hint(conduct: Conduct, unknown: UnknownCommand, kind: ChatKind, now: dt.datetime) -> Decision[Conduct]:
    recently = conduct.hinted_at is not None and now - conduct.hinted_at < HINT_EVERY
    # In a group "!wow" is talk; only what looks like a slip of one of our commands deserves an answer.
    if recently or (kind is ChatKind.GROUP and unknown.suggestion is None):
        return Decision(conduct)
    if unknown.suggestion is None:
        phrase = Phrase("command.unknown", {"spelled": unknown.spelled})
    else:
        phrase = Phrase(
            "command.unknown_suggest", {"spelled": unknown.spelled, "suggestion": unknown.suggestion}
        )
    return _say(replace(conduct, hinted_at=now), phrase, "command_hinted")


def _say(conduct: Conduct, phrase: Phrase, note: str) -> Decision[Conduct]:
    language = conduct.policy.language if conduct.policy else None
    return Decision(conduct, say=(Say(conduct.chat_id, phrase, language),), note=note)
