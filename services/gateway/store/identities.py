"""Addresses to members, and the other way round: the only place in the platform where an address is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.gateway.domain.chat import Chat
from services.gateway.domain.items import Address, AddressKind
from services.gateway.store.chats import Chats
from services.gateway.store.memory import keep
from services.gateway.store.merges import FOLLOWED, Merges, survivor_of
from services.gateway.store.seal import UNKEPT, Seal
from shared.clock import Clock
from shared.errors import Conflict, StoreUnavailable
from shared.ids import random_id
from shared.observability.metrics import IDENTITY_CONFLICTS
from shared.store.client import Database, Document, translated
from shared.store.unit_of_work import Session, UnitOfWork

EVERYWHERE = "everywhere"
RACES = 5

_WRITTEN_TO: Mapping[str, AddressKind] = {"waha": AddressKind.HIDDEN}
"""By what kind of name a channel wants people called where they have one of it.

A linked device that writes to the number of somebody who speaks to it under a hidden id is told that all is
well, and nothing arrives; the hidden id reaches them either way.
"""


@dataclass(frozen=True, slots=True)
class Where:
    """Through whom an address was given."""

    channel: str
    account: str

    def scope(self, address: Address) -> str:
        """Return where `address` means what it means here."""
        # A phone number is the same person everywhere; any other name only where it was given.
        return EVERYWHERE if address.kind is AddressKind.PHONE else f"{self.channel}|{self.account}"

    def name(self, address: Address) -> str:
        """Return what `address` is known by on all accounts together."""
        return f"{self.scope(address)}|{address.kind}|{address.value}"


@dataclass(frozen=True, slots=True)
class _Move:
    """A change of names, by what they are kept under."""

    old: Mapping[bytes, Address]
    new: Mapping[bytes, Address]
    at: dt.datetime | None


class Identities:
    """Who is behind an address; a first meeting makes a random id.

    What is known is kept in memory until the version of all identities rises, which it does with every merge
    and every change of a number; `refresh` looks.
    """

    def __init__(
        self, database: Database, clock: Clock, seal: Seal = UNKEPT, chats: Chats | None = None
    ) -> None:
        self._addresses = database["addresses"]
        self._unit_of_work = UnitOfWork(database.client)
        self._merges = Merges(database, clock)
        self._clock = clock
        self._seal = seal
        self._registry = chats or Chats(database, clock, seal)
        self._known: dict[str, str] = {}
        self._version = -1

    async def members(
        self, channel: str, account: str, people: Iterable[tuple[Address, ...]]
    ) -> dict[Address, str]:
        """Return the member behind every address of every person.

        Several addresses of one person get one id. Where they already belong to different members nothing
        is merged: that needs a person's decision, so it is counted and suggested, and each keeps its own.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        where = Where(channel, account)
        found: dict[Address, str] = {}
        for person in people:
            named = {where.name(address): address for address in person}
            known = self._known
            if any(name not in known for name in named):
                known = await self._learn(where, named)
            found |= {address: known[name] for name, address in named.items()}
        return found

    async def moved(
        self,
        channel: str,
        account: str,
        before: Sequence[Address],
        after: Sequence[Address],
        *,
        at: dt.datetime | None = None,
    ) -> str | None:
        """Let `after` lead to whom `before` has led to, and the old number lead nowhere: others may get it.

        Said again it changes nothing, even where the old number is somebody else's by now. Where `after`
        leads to another member already, nothing is changed but that their merge is suggested.

        Args:
            channel: the provider.
            account: ours at it.
            before: what the person was known by.
            after: what they are known by from now on.
            at: when the change happened; a number that was met later is not taken for the old one.

        Returns:
            The member; None where nothing is known by `before` and `after` is empty.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        where = Where(channel, account)
        move = _Move(
            old={self._key(where, each): each for each in before},
            new={self._key(where, each): each for each in after},
            at=at,
        )

        async def work(session: Session) -> tuple[str | None, bool]:
            return await self._move(session, where, move)

        for _ in range(RACES):
            try:
                member_id, changed = await self._unit_of_work.run(work)
            except Conflict:
                # The new address has been met at this moment; now it is there.
                continue
            if changed:
                await self.refresh()
            if member_id is None and after:
                member_id = (await self.members(channel, account, [tuple(after)]))[after[0]]
            return member_id
        raise StoreUnavailable("An address is said to be there and is not.")

    async def address(
        self, member_id: str, channel: str | None = None, account: str | None = None
    ) -> Address | None:
        """Return where a member can be written to, by the name that the channel wants if there is one.

        Args:
            member_id: the member; of one who has been merged the own addresses come first.
            channel: with `account`, through whom it must be usable; None where any will do.
            account: see `channel`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        scope: Document = {} if account is None else {"scope": {"$in": [EVERYWHERE, f"{channel}|{account}"]}}
        found = await self._found({"member_id": member_id, **scope})
        if not found:
            family = await self._merges.family(member_id)
            found = await self._found({"member_id": {"$in": family}, **scope}) if len(family) > 1 else []
        kinds = {each["kind"]: each for each in reversed(found)}
        first = _WRITTEN_TO.get(channel) if channel else None
        order = sorted(AddressKind, key=lambda kind: kind is not first)
        chosen = next((kinds[kind] for kind in order if kind in kinds), None)
        if chosen is None:
            return None
        return Address(AddressKind(chosen["kind"]), self._seal.open(chosen["sealed"], chosen["_id"]))

    async def survivors(self, member_ids: Sequence[str]) -> dict[str, str]:
        """Return to whom each of `member_ids` leads; see `Merges.survivors`."""
        return await self._merges.survivors(member_ids)

    async def refresh(self) -> None:
        """Forget what is known where somebody was merged or moved, by whichever process.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        version = await self._merges.version()
        if version != self._version:
            self._known = {}
            self._version = version

    async def chats(
        self, channel: str, account: str, wanted: Mapping[str, tuple[str, str | None]]
    ) -> dict[str, str]:
        """Return the chats of `wanted`; see `Chats.meet`."""
        return await self._registry.meet(channel, account, wanted)

    async def chat(self, chat_id: str) -> Chat | None:
        """Return the chat with this id; see `Chats.chat`."""
        return await self._registry.chat(chat_id)

    async def told(self, chat_id: str) -> Chat | None:
        """Return what is told of the chat with this id now; see `Chats.find`."""
        return await self._registry.find(chat_id)

    async def direct_chats(self, member_id: str) -> list[Chat]:
        """Return all direct chats with a member, also under the ids of those merged with them.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await self._registry.direct_with(await self._merges.family(member_id))

    async def _learn(self, where: Where, named: Mapping[str, Address]) -> dict[str, str]:
        if self._version < 0:
            await self.refresh()
        version, known = self._version, self._known
        keys = {self._seal.lookup(name): name for name in named}
        stored: dict[str, str] = {}
        async with translated():
            async for each in await self._followed(list(keys)):
                stored[keys[each["_id"]]] = survivor_of(each)
            member_id = next((stored[name] for name in named if name in stored), None) or random_id("m")
            for key, name in keys.items():
                if name not in stored:
                    # Somebody else may meet this person at the same moment: the first id written counts.
                    new = self._document(where, key, named[name], member_id)
                    member_id = stored[name] = await self._link(key, new)
        if len(set(stored.values())) > 1:
            IDENTITY_CONFLICTS.labels(where.channel).inc()
            await self._merges.suggest(set(stored.values()))
        if version == self._version:
            # Read before a merge that has been heard of since, it would be wrong for ever.
            for name, member in stored.items():
                keep(known, name, member)
        return stored

    async def _followed(self, keys: Sequence[bytes], session: Session | None = None) -> AsyncIterator[Any]:
        pipeline = [{"$match": {"_id": {"$in": list(keys)}}}, FOLLOWED]
        return await self._addresses.aggregate(pipeline, session=session)

    async def _link(self, key: bytes, new: Document) -> str:
        for _ in range(RACES):
            try:
                document = await self._addresses.find_one_and_update(
                    {"_id": key}, {"$setOnInsert": new}, upsert=True, return_document=ReturnDocument.AFTER
                )
            except DuplicateKeyError:
                # Two first meetings at once: the other one has just made the document. A majority read may
                # not see it yet, a write does.
                continue
            assert document is not None  # noqa: S101 - an upsert leaves a document
            return str(document["member_id"])
        raise StoreUnavailable("An address is said to be there and is not.")

    async def _move(self, session: Session, where: Where, move: _Move) -> tuple[str | None, bool]:
        old, new = move.old, move.new
        found = {each["_id"]: each async for each in await self._followed([*old, *new], session)}
        owner = next((survivor_of(found[key]) for key in old if key in found), None)
        if owner is None:
            return None, False
        others = {survivor_of(found[key]) for key in new if key in found} - {owner}
        if others:
            IDENTITY_CONFLICTS.labels(where.channel).inc()
            await self._merges.suggest({owner, *others}, session)
            return owner, False
        added = [
            {"_id": key, **self._document(where, key, address, owner)}
            for key, address in new.items()
            if key not in found
        ]
        numbered = any(address.kind is AddressKind.PHONE for address in new.values())
        gone = [
            key
            for key, address in old.items()
            if numbered
            and address.kind is AddressKind.PHONE
            and key in found
            and key not in new
            and survivor_of(found[key]) == owner
            and (move.at is None or found[key]["since"] <= move.at)
        ]
        if added:
            await self._addresses.insert_many(added, session=session)
        if gone:
            await self._addresses.delete_many({"_id": {"$in": gone}}, session=session)
        if added or gone:
            await self._merges.bump(session)
        return owner, bool(added or gone)

    async def _found(self, query: Document) -> list[dict[str, Any]]:
        async with translated():
            return await self._addresses.find(query).sort("since").to_list()

    def _key(self, where: Where, address: Address) -> bytes:
        return self._seal.lookup(where.name(address))

    def _document(self, where: Where, key: bytes, address: Address, member_id: str) -> Document:
        return {
            "member_id": member_id,
            "kind": str(address.kind),
            "scope": where.scope(address),
            "sealed": self._seal.close(address.value, key),
            "by": self._seal.box.name,
            "since": self._clock.now(),
        }
