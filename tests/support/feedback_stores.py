"""The stores of feedback on a real database."""

from __future__ import annotations

from services.feedback.scenes import Stores
from services.feedback.store import (
    Answers,
    Chats,
    Communities,
    Invitations,
    Members,
    Panels,
    Posts,
    Readings,
    Reviews,
    Strategies,
    Suggestions,
    Surveys,
    Tallies,
    UsedLinks,
    Voiced,
)
from shared.clock import Clock
from shared.store.client import Database


def stores_in(database: Database, clock: Clock) -> Stores:
    tallies, members = Tallies(database), Members(database)
    return Stores(
        chats=Chats(database),
        communities=Communities(database),
        members=members,
        posts=Posts(database, clock),
        suggestions=Suggestions(database),
        voices=Voiced(database),
        tallies=tallies,
        strategies=Strategies(database),
        readings=Readings(tallies),
        reviews=Reviews(database),
        surveys=Surveys(database),
        responses=Answers(database),
        receipts=UsedLinks(database),
        panels=Panels(members),
        sends=Invitations(database, clock),
    )
