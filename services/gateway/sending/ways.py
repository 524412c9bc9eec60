"""How a chat is reached, and how what is said about it finds its place at the provider."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.gateway.channels.contract import Capability, Channel, Destination, MessageRef
from services.gateway.domain.chat import Chat
from services.gateway.domain.delivery import Delivery
from services.gateway.domain.items import Address
from services.gateway.domain.known import Known
from services.gateway.domain.resolved import MESSAGE, Resolved
from shared.contracts.gateway import ChatKind


class People(Protocol):
    """Where chats and addresses are found."""

    async def chat(self, chat_id: str) -> Chat | None:
        """Return the chat with this id."""
        ...

    async def address(
        self, member_id: str, channel: str | None = None, account: str | None = None
    ) -> Address | None:
        """Return where a member can be written to, through this account where one is named."""
        ...

    async def direct_chats(self, member_id: str) -> list[Chat]:
        """Return all direct chats with a member, by whichever of their ids."""
        ...

    async def told(self, chat_id: str) -> Chat | None:
        """Return what is told of a chat now."""
        ...


class KnownMessages(Protocol):
    """Where messages are found by our ids of them."""

    def remember(self, known: Known) -> None:
        """Keep a message; this never waits."""
        ...

    async def find(self, message_id: str) -> Known | None:
        """Return the message with this id."""
        ...


class SentMessages(Protocol):
    """Where messages of ours are found by the command that led to them."""

    async def find(self, send_id: str) -> Delivery | None:
        """Return the delivery of a send id."""
        ...


@dataclass(frozen=True, slots=True)
class Way:
    """How a chat is reached."""

    chat_id: str
    account: str
    channel: Channel
    to: Destination
    kind: ChatKind
    capabilities: frozenset[Capability]


class Ways:
    """Finds for our ids what a provider calls the same."""

    def __init__(
        self,
        people: People,
        channels: Mapping[str, Channel],
        sent: SentMessages,
        messages: KnownMessages | None = None,
    ) -> None:
        self._people = people
        self._channels = channels
        self._sent = sent
        self._messages = messages

    async def to(self, chat_id: str) -> Way | str:
        """Return how the chat is reached, or the code that says why it cannot be.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        chat = await self._people.chat(chat_id)
        channel = self._channels.get(chat.account) if chat else None
        if chat is None or channel is None:
            return "unknown_chat"
        return await self._reach(chat, channel)

    async def directly(self, member_id: str) -> list[Way]:
        """Return how a member is reached in each direct chat there is with them, where that is possible.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        found = []
        for chat in await self._people.direct_chats(member_id):
            channel = self._channels.get(chat.account)
            way = await self._reach(chat, channel) if channel else None
            if isinstance(way, Way):
                found.append(way)
        return found

    async def language(self, chat_id: str) -> str | None:
        """Return the language that an operator has set for a chat.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        chat = await self._people.told(chat_id)
        return chat.configuration.language if chat else None

    async def _reach(self, chat: Chat, channel: Channel) -> Way | str:
        kind = ChatKind(chat.kind)
        capabilities = channel.capabilities(kind)
        if chat.group is not None:
            return Way(chat.chat_id, chat.account, channel, Destination(group=chat.group), kind, capabilities)
        if chat.member_id is None:
            return "no_address"
        person = await self._people.address(chat.member_id, chat.channel, chat.account)
        if person is None:
            return "no_address"
        return Way(chat.chat_id, chat.account, channel, Destination(person=person), kind, capabilities)

    async def message(self, message_id: str, chat_id: str, way: Way) -> MessageRef | None:
        """Return a message of this chat as its provider knows it; one of ours by its send id too.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        known = await self._messages.find(message_id) if self._messages else None
        if known is not None:
            if (known.chat_id, known.account) != (chat_id, way.account):
                return None
            if known.by_us or known.member_id is None:
                return MessageRef(known.provider_id, ours=True)
            return MessageRef(known.provider_id, await self.person(known.member_id, way))
        sent = await self._sent.find(message_id)
        if sent is None or sent.provider_id is None or sent.where != chat_id:
            return None
        return MessageRef(sent.provider_id, ours=True)

    def reported_as(self, way: Way, provider_id: str) -> str | None:
        """Return our id of a message of ours, where its reports can name it by nothing else.

        A linked device carries no mark of ours along.
        """
        ids = Resolved(way.channel.name, way.account, {}, {})
        return ids.id(MESSAGE, provider_id) if ids.alias(provider_id) is not None else None

    def remember(self, way: Way, provider_id: str, now: dt.datetime) -> None:
        """Keep a message of ours, so that what members say about it can be followed."""
        if self._messages is None:
            return
        ids = Resolved(way.channel.name, way.account, {}, {})
        self._messages.remember(
            Known(
                message_id=ids.id(MESSAGE, provider_id),
                chat_id=way.chat_id,
                chat_kind=way.kind,
                account=way.account,
                provider_id=provider_id,
                by_us=True,
                at=now,
            )
        )

    async def person(self, member_id: str, way: Way) -> Address | None:
        """Return by what name a member is known where the way leads.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await self._people.address(member_id, way.channel.name, way.account)

    async def persons(self, member_ids: Sequence[str], way: Way) -> tuple[Address | None, ...]:
        """Return by what name each of `member_ids` is known where the way leads, None for who is not.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return tuple([await self.person(each, way) for each in member_ids])
