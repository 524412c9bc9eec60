"""Chats, communities, members, and the messages by which something was suggested."""

from __future__ import annotations

import datetime as dt

from services.feedback.domain.community import Community
from services.feedback.domain.member import Member
from services.feedback.domain.post import Post
from shared.chats import Chat
from shared.clock import Clock
from shared.store.client import Database, Document
from shared.store.documents import Documents

WEIGHED_FOR = dt.timedelta(days=90)
"""How long after its last change it is known what a message suggests: cases about it may be appealed."""


class Chats(Documents[Chat]):
    """Chats by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["chats"], Chat, Chat)


class Communities(Documents[Community]):
    """Communities by their scope."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["communities"], Community, Community, sparse=True)


class Members(Documents[Member]):
    """Members by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["members"], Member, Member, sparse=True)


class Posts(Documents[Post]):
    """Messages by their id."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database["posts"], Post, Post, also=lambda _: _until(clock.now()), sparse=True)


def _until(now: dt.datetime) -> Document:
    return {"remove_at": now + WEIGHED_FOR}
