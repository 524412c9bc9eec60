"""The registry of chats: where each is, whose it is, and what is told of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pymongo import ASCENDING

from services.gateway.domain.chat import Chat, Configuration
from services.gateway.store.memory import keep
from services.gateway.store.seal import UNKEPT, Seal
from shared.clock import Clock
from shared.contracts.envelope import originate
from shared.errors import Conflict, PreconditionFailed, StoreUnavailable
from shared.ids import deterministic_id, random_id
from shared.store.client import Database, Document, translated
from shared.store.mailboxes import Outbox
from shared.store.unit_of_work import Session, UnitOfWork
from shared.stream.rows import to_record

ResultT = TypeVar("ResultT")

SOURCE = "/chaupal/gateway"
PAGE = 100
RACES = 5
"""How often a first meeting that somebody else has just won is looked at again."""


class Chats:
    """Places to chats; a first meeting makes a random id. What changes is told in the same transaction."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        seal: Seal = UNKEPT,
        outbox: Outbox | None = None,
        capabilities: Callable[[str, str], tuple[str, ...]] = lambda _account, _kind: (),
    ) -> None:
        """Keep chats in `database`.

        Args:
            database: the gateway's.
            clock: when things happen.
            seal: what groups are sealed with.
            outbox: the one whose relay is to be woken; without it what is told goes out a little later.
            capabilities: what an account can do in chats of a kind, for chats met for the first time.
        """
        self._collection = database["chats"]
        self._unit_of_work = UnitOfWork(database.client)
        self._outbox = outbox or Outbox(database, clock)
        self._clock = clock
        self._seal = seal
        self._capabilities = capabilities
        self._known: dict[str, str] = {}
        self._met: dict[str, Chat] = {}

    async def meet(
        self, channel: str, account: str, wanted: Mapping[str, tuple[str, str | None]]
    ) -> dict[str, str]:
        """Return the chats of `wanted`: by group id or member id, each with its kind and perhaps a subject.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        found = {}
        for place, (kind, subject) in wanted.items():
            name = f"{channel}|{account}|{kind}|{place}"
            if name not in self._known or subject is not None:
                chat = Chat("", channel, account, kind, None, None, subject)
                keep(self._known, name, await self._meet(name, chat, place))
            found[place] = self._known[name]
        return found

    async def chat(self, chat_id: str) -> Chat | None:
        """Return the chat with this id, from memory where it is known.

        Where it is never changes; what is told of it may be older than what `find` returns.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        if chat_id not in self._met:
            async with translated():
                document = await self._collection.find_one({"_id": chat_id})
            if document is None:
                return None
            keep(self._met, chat_id, self._placed(document))
        return self._met[chat_id]

    async def find(self, chat_id: str) -> Chat | None:
        """Return what is told of the chat with this id now, without its group.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        async with translated():
            document = await self._collection.find_one({"_id": chat_id})
        return _to_chat(document) if document else None

    async def direct_with(self, member_ids: Sequence[str]) -> list[Chat]:
        """Return the direct chats with any of `member_ids`, the oldest first.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        query: Document = {"member_id": {"$in": list(member_ids)}, "kind": "direct"}
        async with translated():
            found = await self._collection.find(query).sort("since", ASCENDING).to_list()
        return [_to_chat(document) for document in found]

    async def page(self, after: str | None, limit: int, **equal: str) -> list[Chat]:
        """Return up to `limit` chats in order of their ids, beginning behind `after`, without their groups.

        Args:
            after: the last id of the page before; None for the first page.
            limit: the most chats to return.
            equal: what they must have, by field: `community`, `account`, `kind`.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        query: Document = {**equal, **({"_id": {"$gt": after}} if after else {})}
        async with translated():
            found = await self._collection.find(query).sort("_id", ASCENDING).limit(limit).to_list()
        return [_to_chat(document) for document in found]

    async def configure(
        self, chat_id: str, configuration: Configuration, revision: int | None = None
    ) -> Chat | None:
        """Set what an operator says about a chat, and tell of it; None where there is no such chat.

        Args:
            chat_id: the chat.
            configuration: all that is said of it from now on.
            revision: that of the chat as the operator has seen it; None where that does not matter.

        Raises:
            PreconditionFailed: it has another revision by now.
            StoreUnavailable: the database does not answer.
        """

        async def work(session: Session) -> Chat | None:
            document = await self._collection.find_one({"_id": chat_id}, session=session)
            if document is None:
                return None
            chat = _to_chat(document)
            if revision not in (None, chat.revision):
                raise PreconditionFailed(f"The chat is at version {chat.revision}, not {revision}.")
            if chat.configuration == configuration:
                return chat
            changed = {
                "community": configuration.community,
                "language": configuration.language,
                "zone": configuration.zone,
            }
            return await self._change(session, replace(chat, configuration=configuration), changed)

        return await self._run(work)

    async def enable(self, account: str, kind: str, capabilities: tuple[str, ...]) -> int:
        """Set what an account can do in chats of a kind, in up to `PAGE` where that is new, and tell of it.

        Returns:
            In how many it was new; 0 once there is nothing left to do.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        query: Document = {"account": account, "kind": kind, "capabilities": {"$ne": list(capabilities)}}

        async def work(session: Session) -> int:
            found = await self._collection.find(query, session=session).limit(PAGE).to_list()
            for document in found:
                chat = replace(_to_chat(document), capabilities=capabilities)
                await self._change(session, chat, {"capabilities": list(capabilities)})
            return len(found)

        return await self._run(work)

    async def _meet(self, name: str, chat: Chat, place: str) -> str:
        key = self._seal.lookup(name)
        async with translated():
            document = await self._collection.find_one({"key": key})
        if document is not None and chat.subject in (None, document.get("subject")):
            return str(document["_id"])

        async def work(session: Session) -> str:
            kept = await self._collection.find_one({"key": key}, session=session)
            if kept is None:
                return await self._add(session, key, chat, place)
            if chat.subject not in (None, kept.get("subject")):
                told = replace(_to_chat(kept), subject=chat.subject)
                await self._change(session, told, {"subject": chat.subject})
            return str(kept["_id"])

        return await self._run(work)

    async def _add(self, session: Session, key: bytes, chat: Chat, place: str) -> str:
        capabilities = self._capabilities(chat.account, chat.kind)
        met = replace(chat, chat_id=random_id("c"), capabilities=capabilities, revision=1)
        where: Document = {"member_id": place}
        if chat.kind == "group":
            where = {"sealed": self._seal.close(place, key), "by": self._seal.box.name}
        document: Document = {
            "_id": met.chat_id,
            "key": key,
            "channel": met.channel,
            "account": met.account,
            "kind": met.kind,
            **where,
            **({"subject": met.subject} if met.subject else {}),
            "capabilities": list(capabilities),
            "revision": met.revision,
            "since": self._clock.now(),
        }
        await self._collection.insert_one(document, session=session)
        await self._tell(session, met)
        return met.chat_id

    async def _change(self, session: Session, chat: Chat, changed: Mapping[str, Any]) -> Chat:
        after = replace(chat, revision=chat.revision + 1)
        update = {"$set": {**changed, "revision": after.revision}}
        await self._collection.update_one({"_id": chat.chat_id}, update, session=session)
        await self._tell(session, after)
        return after

    async def _tell(self, session: Session, chat: Chat) -> None:
        now = self._clock.now()
        event_id = deterministic_id("chat", chat.chat_id, str(chat.revision))
        event = originate(chat.told(now), event_id=event_id, source=SOURCE, key=chat.chat_id, time=now)
        await self._outbox.add(session, [to_record(event)])

    async def _run(self, work: Callable[[Session], Awaitable[ResultT]]) -> ResultT:
        for _ in range(RACES):
            try:
                result = await self._unit_of_work.run(work)
            except Conflict:
                # Two first meetings at once: the other one has just made the document, and now it is there.
                continue
            self._outbox.filled.set()
            return result
        raise StoreUnavailable("A chat is said to be there and is not.")

    def _placed(self, document: Document) -> Chat:
        sealed, key = document.get("sealed"), document["key"]
        if not isinstance(sealed, bytes) or not isinstance(key, bytes):
            return _to_chat(document)
        return replace(_to_chat(document), group=self._seal.open(sealed, key))


def _to_chat(document: Document) -> Chat:
    def optional(name: str) -> str | None:
        value = document.get(name)
        return None if value is None else str(value)

    capabilities: Any = document.get("capabilities", ())
    return Chat(
        chat_id=str(document["_id"]),
        channel=str(document["channel"]),
        account=str(document["account"]),
        kind=str(document["kind"]),
        group=None,
        member_id=optional("member_id"),
        subject=optional("subject"),
        configuration=Configuration(optional("community"), optional("language"), optional("zone")),
        capabilities=tuple(str(each) for each in capabilities),
        revision=int(str(document.get("revision", 0))),
    )
