"""How a chat stands to us: when somebody last wrote in it, and whether they want to hear from us unasked."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageReceived
from shared.decision import Decision, Phrase, Say

WINDOW = dt.timedelta(hours=24)
"""For how long after a person's last message a provider with a window takes anything but templates."""

STOP: Mapping[str, str] = {
    **dict.fromkeys(("रोकें", "रोको", "रोके"), "hi"),
    **dict.fromkeys(("rokein", "roken", "roko"), "hi-Latn"),
    "stop": "en",
}
START: Mapping[str, str] = {**dict.fromkeys(("शुरू", "शुरु"), "hi"), "shuru": "hi-Latn", "start": "en"}
"""Words, and the language of each."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a chat stands to us."""

    last_inbound: dt.datetime | None = None
    silenced: bool = False
    """They have said that they want neither reminders nor digests."""
    chosen_at: dt.datetime | None = None
    """When they last said so, or the opposite."""

    def window_open(self, now: dt.datetime) -> bool:
        """Return whether somebody has written recently enough for anything to be taken."""
        return self.last_inbound is not None and now < self.last_inbound + WINDOW

    def heard(self, at: dt.datetime) -> Standing:
        """Return this standing after a message at `at`, in whatever order messages are told of."""
        if self.last_inbound is not None and at <= self.last_inbound:
            return self
        return replace(self, last_inbound=at)

    def chosen(self, at: dt.datetime, *, silenced: bool) -> Standing:
        """Return this standing after a choice at `at`; an older choice than the last one is no news."""
        if self.chosen_at is not None and at < self.chosen_at:
            return self
        return replace(self, silenced=silenced, chosen_at=at)


def decide_inbound(
    standing: Standing, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Standing]:
    """Return the standing of a chat after a message in it.

    Who stops or starts what nobody asked for is told once that it is so, in the language of their word. Who
    says again what holds already is told nothing: after a stop, one answer is all that people put up with.
    """
    message = event.data
    # A provider's clock that runs ahead would hold a window open that nobody has opened.
    at = min(message.sent_at, now)
    after = standing.heard(at)
    choice = choice_of(message.text) if message.chat_kind is ChatKind.DIRECT else None
    if choice is None:
        return Decision(after)
    chosen = after.chosen(at, silenced=choice)
    if chosen.silenced is after.silenced:
        return Decision(chosen)
    # However late it comes, it is the answer to a wish that holds: only the window may end it.
    phrase = Phrase("stop.done" if choice else "start.done")
    told = Say(message.chat_id, phrase, language_of(message.text), valid_for=WINDOW)
    return Decision(chosen, say=(told,), note="silenced" if choice else "unsilenced")


def choice_of(text: str | None) -> bool | None:
    """Return True where `text` is the word to stop, False where it is the word to start, else None.

    The word alone counts: "सर बस रोकें वाली फाइल भेजो" asks for a file.
    """
    word = bare_word(text or "")
    return True if word in STOP else False if word in START else None


def language_of(text: str | None) -> str | None:
    """Return the language of the word to stop or to start, None where `text` is neither."""
    word = bare_word(text or "")
    return STOP.get(word) or START.get(word)


def bare_word(text: str) -> str:
    """Return `text` without what surrounds its letters, in one case and one spelling of each letter."""
    folded = unicodedata.normalize("NFC", text).casefold()
    start, end = 0, len(folded)
    while start < end and not _is_letter(folded[start]):
        start += 1
    while end > start and not _is_letter(folded[end - 1]):
        end -= 1
    return folded[start:end]


def _is_letter(char: str) -> bool:
    # Marks too: the sign at the end of रोकें is one, and belongs to the word. That of an emoji does not.
    return unicodedata.category(char)[0] in "LN" or (
        unicodedata.category(char) in {"Mc", "Mn"} and not ("\ufe00" <= char <= "\ufe0f")
    )
