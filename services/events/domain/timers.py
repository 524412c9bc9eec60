"""The timers of a webinar, under the names by which they are moved and forgotten."""

from __future__ import annotations

import datetime as dt

from services.events.domain.community import Terms
from services.events.domain.facts import minutes, of_webinar
from services.events.domain.seats import Offer
from services.events.domain.webinar import Webinar
from shared.contracts.webinars import DueStage, OfferDue, ReminderDue, WebinarDue
from shared.decision import Cancel, Wake

VALID_FOR = dt.timedelta(days=30)
"""Whoever is woken decides what is too late: it is to be recorded, and not only dropped."""

LISTED_FOR = dt.timedelta(days=30)
"""After its end: recordings are asked for, attendance is corrected, certificates are issued."""


def clocks(webinar: Webinar, terms: Terms, now: dt.datetime) -> tuple[Wake | Cancel, ...]:
    """Return the timers of a webinar ahead, in place of those it had; a reminder that is past has none."""
    starts = webinar.starts_at
    reminders = [
        Wake(
            reminder_timer(webinar, before),
            starts - dt.timedelta(minutes=before),
            ReminderDue(**of_webinar(webinar), before_minutes=before, starts_at=starts),
            webinar.chat_id,
            VALID_FOR,
        )
        for before in terms.reminders
    ]
    return (
        *(each if each.due > now else Cancel(each.name) for each in reminders),
        _due(webinar, DueStage.LIVE, starts),
        _due(webinar, DueStage.ENDED, webinar.ends_at + minutes(terms.present_minutes)),
    )


def no_clocks(webinar: Webinar, terms: Terms) -> tuple[Cancel, ...]:
    """Return what silences a webinar that will not take place."""
    return (
        *(Cancel(reminder_timer(webinar, before)) for before in terms.reminders),
        Cancel(_name(webinar, DueStage.LIVE)),
        Cancel(_name(webinar, DueStage.ENDED)),
    )


def offer_timer(webinar: Webinar, offer: Offer) -> Wake:
    """Return the timer by which an offer runs out."""
    due = OfferDue(**of_webinar(webinar), member_id=offer.member_id, until=offer.until)
    return Wake(offer_name(webinar, offer.member_id), offer.until, due, webinar.chat_id, VALID_FOR)


def offer_name(webinar: Webinar, member_id: str) -> str:
    """Return the name of the timer by which a member's offer runs out."""
    return f"offer/{webinar.webinar_id}/{member_id}"


def reminder_timer(webinar: Webinar, before: int) -> str:
    """Return the name of the timer of a reminder."""
    return f"reminder/{webinar.webinar_id}/{before}"


def archiving(webinar: Webinar, ended_at: dt.datetime) -> Wake:
    """Return the timer that takes a webinar out of the lists."""
    return _due(webinar, DueStage.ARCHIVED, ended_at + LISTED_FOR)


def _due(webinar: Webinar, stage: DueStage, at: dt.datetime) -> Wake:
    due = WebinarDue(**of_webinar(webinar), stage=stage, starts_at=webinar.starts_at)
    return Wake(_name(webinar, stage), at, due, webinar.chat_id, VALID_FOR)


def _name(webinar: Webinar, stage: DueStage) -> str:
    return f"{stage}/{webinar.webinar_id}"
