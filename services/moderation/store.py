"""Moderation's collections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo import DESCENDING, IndexModel, ReplaceOne

from services.moderation.domain.policy import Conduct, Policy, Rule
from shared.store.client import Database, Document, translated
from shared.store.migrations import Migration, collections
from shared.store.unit_of_work import Session

MIGRATIONS: Sequence[Migration] = (
    collections(
        "0001_collections",
        policies=[IndexModel([("chat_id", DESCENDING), ("version", DESCENDING)], unique=True)],
        conduct=[],
    ),
)


class Conducts:
    """What is known of each chat, and every version its rules have had."""

    def __init__(self, database: Database) -> None:
        self._conduct = database["conduct"]
        self._policies = database["policies"]

    async def load(self, session: Session, keys: Collection[str]) -> Mapping[str, Conduct]:
        """Return the conduct of every chat."""
        found = self._conduct.find({"_id": {"$in": list(keys)}}, session=session)
        known = {str(each["_id"]): _to_conduct(each) async for each in found}
        return {key: known.get(key) or Conduct(key) for key in keys}

    async def save(self, session: Session, changed: Mapping[str, Conduct]) -> None:
        """Store `changed`, and keep each version of the rules."""
        await self._conduct.bulk_write(
            [
                ReplaceOne({"_id": key}, _from_conduct(conduct), upsert=True)
                for key, conduct in changed.items()
            ],
            ordered=False,
            session=session,
        )
        versions = [
            ReplaceOne(
                {"_id": f"{key}|{policy.version}"}, {"chat_id": key, **_from_policy(policy)}, upsert=True
            )
            for key, conduct in changed.items()
            if (policy := conduct.policy) is not None
        ]
        if versions:
            await self._policies.bulk_write(versions, ordered=False, session=session)

    async def policy(self, chat_id: str, version: int | None) -> Policy | None:
        """Return a version of the chat's rules, the newest where none is named."""
        query: Document = {"chat_id": chat_id} | ({} if version is None else {"version": version})
        async with translated():
            found = await self._policies.find_one(query, sort=[("version", DESCENDING)])
        return _to_policy(found) if found else None


def _from_conduct(conduct: Conduct) -> Document:
    return {
        "_id": conduct.chat_id,
        "policy": _from_policy(conduct.policy) if conduct.policy else None,
        "hinted_at": conduct.hinted_at,
    }


def _to_conduct(document: Mapping[str, Any]) -> Conduct:
    policy, hinted_at = document["policy"], document["hinted_at"]
    return Conduct(str(document["_id"]), _to_policy(policy) if policy else None, hinted_at)


def _from_policy(policy: Policy) -> Document:
    return {
        "version": policy.version,
        "language": policy.language,
        "rules": [dict(rule.texts) for rule in policy.rules],
        "changed_by": policy.changed_by,
        "changed_at": policy.changed_at,
    }


def _to_policy(document: Mapping[str, Any]) -> Policy:
    changed_at: dt.datetime = document["changed_at"]
    return Policy(
        version=int(document["version"]),
        language=str(document["language"]),
        rules=tuple(Rule(texts) for texts in document["rules"]),
        changed_by=str(document["changed_by"]),
        changed_at=changed_at,
    )
