from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, DeleteOne, ReplaceOne, WriteConcern
from pymongo.asynchronous.database import AsyncDatabase

from services.simulator.domain.changes import Changes, Webhook
from services.simulator.domain.files import File
from services.simulator.domain.messages import Kind, Message, Status
from services.simulator.domain.people import Group, Member
from shared.store.client import Document, translated

_Thing = Member | Group | Message | Webhook | File


@dataclass(frozen=True, slots=True)
class Past:
    """Everything that was written down."""

    members: Sequence[Member]
    groups: Sequence[Group]
    messages: Sequence[Message]
    webhooks: Sequence[Webhook]
    files: Sequence[File] = ()


class SimulatorStore:
    """The simulator's collections: members, groups, messages, files and webhooks that wait for delivery."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._database = database

    async def prepare(self) -> None:
        """Create the indexes."""
        async with translated():
            await self._database["messages"].create_index([("seq", ASCENDING)])

    async def load(self) -> Past:
        """Return everything, messages and webhooks in their order."""
        async with translated():
            return Past(
                members=[_member(each) async for each in self._database["members"].find()],
                groups=[_group(each) async for each in self._database["groups"].find()],
                messages=[_message(each) async for each in self._database["messages"].find().sort("seq")],
                webhooks=[_webhook(each) async for each in self._database["webhooks"].find().sort("_id")],
                files=[_file(each) async for each in self._database["files"].find()],
            )

    async def write(self, changes: Changes) -> None:
        """Write `changes`. Writing them again after a failure does no harm."""
        # Messages come before the webhooks that carry them: a webhook must not survive a crash alone.
        everything = (
            ("members", _writes(changes.members.items())),
            ("files", _writes(changes.files.items())),
            ("groups", _writes((each.id, each) for each in changes.groups.values())),
            ("messages", _writes((each.id, each) for each in changes.messages.values())),
            ("webhooks", _writes(changes.webhooks.items())),
        )
        pending = [(name, writes) for name, writes in everything if writes]
        async with translated():
            for name, writes in pending[:-1]:
                # The journal keeps the order of writes, so the last one makes those before it durable too.
                quick = self._database[name].with_options(write_concern=WriteConcern(1))
                await quick.bulk_write(writes, ordered=False)
            for name, writes in pending[-1:]:
                await self._database[name].bulk_write(writes, ordered=False)

    async def clear(self) -> None:
        """Delete everything."""
        async with translated():
            for name in ("members", "groups", "messages", "webhooks", "files"):
                await self._database[name].delete_many({})


def _writes(things: Iterable[tuple[object, _Thing | None]]) -> list[ReplaceOne[Document] | DeleteOne]:
    return [
        DeleteOne({"_id": key})
        if thing is None
        else ReplaceOne({"_id": key}, {**_fields(thing), "_id": key}, upsert=True)
        for key, thing in things
    ]


# WhatsApp's JSON goes in as text: it may hold numbers and keys that BSON has no room for.
_AS_TEXT = frozenset({"payload"})


def _fields(thing: _Thing) -> Document:
    values = {each.name: getattr(thing, each.name) for each in dataclasses.fields(thing)}
    return {name: json.dumps(value) if name in _AS_TEXT else _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    match value:
        case Kind() | Status():
            return value.value
        case tuple() | frozenset():
            return list(value)
        case Mapping():
            return {key: _plain(each) for key, each in value.items()}
        case _:
            return value


def _without_id(document: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "_id"}


def _member(document: Mapping[str, Any]) -> Member:
    return Member(**_without_id(document))


def _group(document: Mapping[str, Any]) -> Group:
    rest = _without_id(document)
    for name, kind in (("members", tuple), ("pins", tuple), ("admins", frozenset), ("barred", frozenset)):
        rest[name] = kind(rest.get(name, ()))
    return Group(**rest)


def _message(document: Mapping[str, Any]) -> Message:
    rest = _without_id(document)
    receipts = {who: Status(each) for who, each in rest["receipts"].items()}
    payload = json.loads(rest["payload"])
    votes = {who: tuple(chosen) for who, chosen in rest.get("votes", {}).items()}
    read = {"kind": Kind(rest["kind"]), "receipts": receipts, "payload": payload, "votes": votes}
    return Message(**{**rest, **read})


def _file(document: Mapping[str, Any]) -> File:
    rest = _without_id(document)
    return File(**{**rest, "body": bytes(rest["body"])})


def _webhook(document: Mapping[str, Any]) -> Webhook:
    rest = _without_id(document)
    return Webhook(**{**rest, "body": bytes(rest["body"])})
