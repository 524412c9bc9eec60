"""Members over all communities, and how they stand in each."""

from __future__ import annotations

from services.moderation.domain.members.standing import Person, Standing
from shared.store.client import Database
from shared.store.documents import Documents


class Persons(Documents[Person]):
    """Members by their id."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["persons"], Person, Person, sparse=True)


class Standings(Documents[Standing]):
    """Standings by `<scope>|<member>`."""

    def __init__(self, database: Database) -> None:
        super().__init__(database["standings"], Standing, _stranger, sparse=True)


def _stranger(key: str) -> Standing:
    scope, _, member_id = key.rpartition("|")
    return Standing(scope, member_id)
