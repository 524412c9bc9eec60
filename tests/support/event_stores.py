"""The stores of events on a real database."""

from __future__ import annotations

from services.events.scenes import Stores
from services.events.store import (
    Awards,
    Boards,
    Chats,
    Communities,
    Courses,
    Feedbacks,
    Members,
    Rolls,
    Sends,
    Speakers,
    Webinars,
)
from shared.store.client import Database


def stores_in(database: Database) -> Stores:
    return Stores(
        chats=Chats(database),
        communities=Communities(database),
        members=Members(database),
        webinars=Webinars(database),
        courses=Courses(database),
        rolls=Rolls(database),
        boards=Boards(database),
        feedback=Feedbacks(database),
        awards=Awards(database),
        speakers=Speakers(database),
        sends=Sends(database),
    )
