"""Chats, communities, members, and the messages that members may be thanked for."""

from __future__ import annotations

import datetime as dt

from services.rewards.domain.community import Community
from services.rewards.domain.member import Member
from services.rewards.domain.post import Post
from shared.chats import Chat
from shared.clock import Clock
from shared.store.client import Database, Document
from shared.store.documents import Documents

THANKED_FOR = dt.timedelta(days=90)
"""How long a message may be thanked for, and what it earned be taken back, since it last changed."""


class Chats(Documents[Chat]):
    """Chats by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["chats"], Chat, Chat)


class Communities(Documents[Community]):
    """Communities by their scope."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["communities"], Community, Community)


class Members(Documents[Member]):
    """Members by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["members"], Member, Member, sparse=True)


class Posts(Documents[Post]):
    """Messages by their id."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(
            database["posts"],
            Post,
            Post,
            also=lambda _: _until(clock.now()),
            sparse=True,
        )


def _until(now: dt.datetime) -> Document:
    return {"remove_at": now + THANKED_FOR}
