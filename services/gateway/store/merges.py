"""Who is the same person as whom: a merge is a pointer, so taking it back restores what there was."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pymongo import ASCENDING

from services.gateway.domain.items import AddressKind
from services.gateway.domain.person import (
    Person,
    Standing,
    Suggestion,
    check_merge,
    check_unmerge,
    in_order,
)
from shared.clock import Clock
from shared.contracts.base import EventModel
from shared.contracts.envelope import follow
from shared.contracts.members import MemberMerged, MemberUnmerged
from shared.observability.logs import get_logger
from shared.observability.tracing import root_traceparent
from shared.store.client import Database, Document, translated
from shared.store.mailboxes import Outbox
from shared.store.unit_of_work import Session, UnitOfWork
from shared.stream.desk import Request
from shared.stream.rows import to_record

log = get_logger(__name__)

CONSUMER = "gateway.merges"
MOST_CHATS = 500
"""Shown of one member: beyond that nobody reads on."""

FOLLOWED: Mapping[str, Any] = {
    "$graphLookup": {
        "from": "merges",
        "startWith": "$member_id",
        "connectFromField": "into",
        "connectToField": "_id",
        "as": "chain",
    }
}
"""A step of a pipeline over documents with a `member_id`: it adds the merges that lead on from there."""


def survivor_of(document: Mapping[str, Any]) -> str:
    """Return to whom a document leads that `FOLLOWED` has gone over."""
    into = {str(each["_id"]): str(each["into"]) for each in document["chain"]}
    member_id = str(document["member_id"])
    while member_id in into:
        member_id = into[member_id]
    return member_id


class Merges:
    """Merges, those that are suggested, and the version that rises with each."""

    def __init__(self, database: Database, clock: Clock, outbox: Outbox | None = None) -> None:
        self._database = database
        self._merges = database["merges"]
        self._suggestions = database["suggestions"]
        self._versions = database["versions"]
        self._unit_of_work = UnitOfWork(database.client)
        self._outbox = outbox or Outbox(database, clock)
        self._clock = clock

    async def version(self) -> int:
        """Return the version of all identities."""
        async with translated():
            document = await self._versions.find_one({"_id": "identities"})
        return int(str(document["number"])) if document else 0

    async def bump(self, session: Session) -> None:
        """Make every process forget what it knows; only one transaction at a time comes past this."""
        await self._versions.update_one(
            {"_id": "identities"}, {"$inc": {"number": 1}}, upsert=True, session=session
        )

    async def suggest(self, members: Collection[str], session: Session | None = None) -> None:
        """Keep that `members` may be one person."""
        first, *others = sorted(members)
        # A transaction runs again after a race, which it knows by the driver's own error.
        async with translated() if session is None else contextlib.nullcontext():
            for other in others:
                await self._suggestions.update_one(
                    {"_id": f"{first}|{other}"},
                    {
                        "$setOnInsert": {"members": [first, other], "since": self._clock.now()},
                        "$inc": {"times": 1},
                    },
                    upsert=True,
                    session=session,
                )

    async def suggested(self, after: str | None, limit: int) -> list[Suggestion]:
        """Return up to `limit` pairs who may be one, behind the pair `after`, written `<id>|<id>`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        query: Document = {"_id": {"$gt": after}} if after else {}
        async with translated():
            found: list[Any] = await self._suggestions.find(query).sort("_id").limit(limit).to_list()
        return [Suggestion(tuple(each["members"]), int(each["times"]), each["since"]) for each in found]

    async def merge(self, member_id: str, merged_id: str, by: str) -> None:
        """Make `merged_id` a part of `member_id`, and tell of it.

        Args:
            member_id: who remains.
            merged_id: who becomes a part of them.
            by: whose decision it is.

        Raises:
            Invalid, NotFound, Conflict: see `check_merge`.
            StoreUnavailable: the database does not answer.
        """

        async def work(session: Session) -> None:
            # First, so that of two merges at once the second looks at what the first has left.
            await self.bump(session)
            now = self._clock.now()
            check_merge(await self._standing(member_id, session), await self._standing(merged_id, session))
            await self._merges.insert_one(
                {"_id": merged_id, "into": member_id, "since": now, "by": by}, session=session
            )
            await self._suggestions.delete_many(
                {"members": {"$all": [member_id, merged_id]}}, session=session
            )
            event = MemberMerged(member_id=member_id, merged_id=merged_id, merged_at=now)
            await self._tell(session, event, member_id)

        await self._unit_of_work.run(work)
        self._outbox.filled.set()
        log.info("gateway.merged", member_id=member_id, merged_id=merged_id, actor=by)

    async def unmerge(self, member_id: str, merged_id: str, by: str) -> None:
        """Make `merged_id` a member of their own again, and tell of it.

        Args:
            member_id: whose part they were.
            merged_id: who was merged by mistake.
            by: whose decision it is.

        Raises:
            NotFound, Conflict: see `check_unmerge`.
            StoreUnavailable: the database does not answer.
        """

        async def work(session: Session) -> None:
            await self.bump(session)
            check_unmerge(await self._standing(member_id, session), await self._standing(merged_id, session))
            await self._merges.delete_one({"_id": merged_id}, session=session)
            event = MemberUnmerged(member_id=member_id, merged_id=merged_id, unmerged_at=self._clock.now())
            await self._tell(session, event, member_id)

        await self._unit_of_work.run(work)
        self._outbox.filled.set()
        log.info("gateway.unmerged", member_id=member_id, merged_id=merged_id, actor=by)

    async def preview(self, member_id: str, merged_id: str) -> tuple[Person, Person]:
        """Return both sides of a merge that may be made.

        Raises:
            Invalid, NotFound, Conflict: see `check_merge`.
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            check_merge(await self._standing(member_id), await self._standing(merged_id))
            return await self._person(member_id, None), await self._person(merged_id, None)

    async def person(self, member_id: str) -> Person | None:
        """Return a member with all who have been merged into them, None where nobody has that id.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            standing = await self._standing(member_id)
            return await self._person(member_id, standing.merged_into) if standing.known else None

    async def survivors(self, member_ids: Sequence[str]) -> dict[str, str]:
        """Return to whom each of `member_ids` leads.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        into: dict[str, str] = {}
        asked = set(member_ids)
        async with translated():
            while asked:
                found = {
                    str(each["_id"]): str(each["into"])
                    async for each in self._merges.find({"_id": {"$in": list(asked)}})
                }
                into |= found
                asked = set(found.values()) - into.keys()
        chain = [{"_id": merged, "into": member} for merged, member in into.items()]
        return {each: survivor_of({"member_id": each, "chain": chain}) for each in member_ids}

    async def family(self, member_id: str) -> list[str]:
        """Return everybody who is the same person as `member_id`, them included.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            survivor = (await self.survivors([member_id]))[member_id]
            return [survivor, *await self._merged_into(survivor)]

    async def _merged_into(self, member_id: str) -> list[str]:
        found: list[str] = []
        level = [member_id]
        while level:
            query: Document = {"into": {"$in": level}}
            level = [str(each["_id"]) async for each in self._merges.find(query).sort("_id", ASCENDING)]
            found += level
        return found

    async def _standing(self, member_id: str, session: Session | None = None) -> Standing:
        pointer = await self._merges.find_one({"_id": member_id}, session=session)
        if pointer is not None:
            return Standing(member_id, known=True, merged_into=str(pointer["into"]))
        places = (
            ("addresses", {"member_id": member_id}),
            ("chats", {"member_id": member_id}),
            ("memberships", {"member_id": member_id}),
            ("merges", {"into": member_id}),
            ("suggestions", {"members": member_id}),
        )
        for name, query in places:
            if await self._database[name].find_one(query, {"_id": 1}, session=session) is not None:
                return Standing(member_id, known=True)
        return Standing(member_id, known=False)

    async def _person(self, member_id: str, merged_into: str | None) -> Person:
        merged = await self._merged_into(member_id)
        everybody: Document = {"member_id": {"$in": [member_id, *merged]}}
        kinds = [AddressKind(str(each["kind"])) async for each in self._database["addresses"].find(everybody)]
        direct = await self._database["chats"].find(everybody, {"_id": 1}).limit(MOST_CHATS).to_list()
        groups = (
            await self._database["memberships"]
            .find({**everybody, "present": True}, {"chat_id": 1})
            .limit(MOST_CHATS)
            .to_list()
        )
        chats = [str(each["_id"]) for each in direct]
        deliveries = await self._database["deliveries"].count_documents({"chat_id": {"$in": chats}})
        everywhere = sorted({*chats, *(str(each["chat_id"]) for each in groups)})
        return Person(
            member_id, in_order(kinds), tuple(everywhere[:MOST_CHATS]), deliveries, merged_into, tuple(merged)
        )

    async def _tell(self, session: Session, event: EventModel, member_id: str) -> None:
        request_id = str(uuid.uuid4())
        now = self._clock.now()
        request = Request(request_id, now, root_traceparent(request_id))
        told = follow(request, event, consumer=CONSUMER, ordinal=0, key=member_id, time=now)
        await self._outbox.add(session, [to_record(told)])
