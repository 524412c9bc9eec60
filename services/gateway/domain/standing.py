"""How a chat stands to us: when somebody last wrote in it, and whether they want to hear from us unasked."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass, replace

from shared.contracts.envelope import Envelope
from shared.contracts.gateway import ChatKind, MessageReceived
from shared.decision import Decision

WINDOW = dt.timedelta(hours=24)
"""For how long after a person's last message a provider with a window takes anything but templates."""

STOP = frozenset({"रोकें", "रोको", "रोके", "rokein", "roken", "roko", "stop"})
START = frozenset({"शुरू", "शुरु", "shuru", "start"})


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
    """Return the standing of a chat after a message in it."""
    message = event.data
    # A provider's clock that runs ahead would hold a window open that nobody has opened.
    at = min(message.sent_at, now)
    after = standing.heard(at)
    choice = choice_of(message.text) if message.chat_kind is ChatKind.DIRECT else None
    if choice is None:
        return Decision(after)
    chosen = after.chosen(at, silenced=choice)
    note = None if chosen.silenced is after.silenced else "silenced" if choice else "unsilenced"
    return Decision(chosen, note=note)


def choice_of(text: str | None) -> bool | None:
    """Return True where `text` is the word to stop, False where it is the word to start, else None.

    The word alone counts: "सर बस रोकें वाली फाइल भेजो" asks for a file.
    """
    word = bare_word(text or "")
    return True if word in STOP else False if word in START else None


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
