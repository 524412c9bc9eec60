"""The part of WAHA's REST interface that is about messages."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable

from fastapi import Response

from services.simulator.api.mishaps import Mishaps
from services.simulator.api.waha_call import Call, answer
from services.simulator.domain import afterthoughts, roster
from services.simulator.domain.changes import Changes
from services.simulator.domain.faults import Fault, Rule
from services.simulator.domain.files import File
from services.simulator.domain.messages import Message
from services.simulator.domain.people import BOT
from services.simulator.domain.waha import calls, jids
from services.simulator.domain.waha.dialect import Waha
from services.simulator.domain.waha.refusal import NOT_AUTHORIZED, failed, malformed
from services.simulator.simulation import Simulation
from shared.errors import ChaupalError

CREATED = 201

_MESSAGE = "/{session}/chats/{chat}/messages/{message}"

Handler = Callable[[Call], Awaitable[Response]]


class Messages:
    """Sends, finds, changes, deletes and pins messages."""

    def __init__(self, simulation: Simulation, waha: Waha, mishaps: Mishaps) -> None:
        self._simulation = simulation
        self._world = simulation.world
        self._waha = waha
        self._mishaps = mishaps

    def routes(self) -> tuple[tuple[str, str, Handler, str], ...]:
        """Return method, path, handler and summary of each route but those that send."""
        return (
            ("PUT", "/reaction", self._react, "Put a reaction on a message, or take it away"),
            ("GET", _MESSAGE, self._find, "Find a message"),
            ("PUT", _MESSAGE, self._edit, "Edit a message of ours"),
            ("DELETE", _MESSAGE, self._delete, "Delete a message for everyone"),
            ("POST", f"{_MESSAGE}/pin", self._pin, "Pin a message"),
            ("POST", f"{_MESSAGE}/unpin", self._unpin, "Pin a message no longer"),
        )

    def sends(self, name: str) -> Callable[[Call, Rule | None], Awaitable[Response]]:
        """Return what answers the call `name`, which sends something."""

        async def sends(call: Call, rule: Rule | None) -> Response:
            send = calls.parse_send(name, call.body)
            chat = call.chat(send.chat)
            self._may_write(chat)
            bare = send.chosen or jids.said_by_device(secrets.token_bytes(9))
            message_id = jids.message_id(self._written_to(chat), bare, by_us=True)
            if message_id not in self._world.messages:
                # WhatsApp shows what comes again under the same id once.
                await self._send(call, send, chat, message_id, rule)
            return answer(self._shown(self._world.messages[message_id]), CREATED)

        return sends

    async def _send(
        self, call: Call, send: calls.Send, chat: str, message_id: str, rule: Rule | None
    ) -> None:
        payload = dict(send.payload)
        if send.upload is not None:
            file = File(
                self._simulation.new_file_id(), send.upload.mime_type, send.upload.body, send.upload.filename
            )
            await self._simulation.commit(self._world.upload(file))
            payload[send.type] = {**payload[send.type], "id": file.id, "sha256": file.sha256}
        reply_to = call.message(send.reply_to, chat).id if send.reply_to else None
        told = self._mishaps.telling(rule, message_id)
        changes = self._world.accept(
            chat,
            message_id,
            self._simulation.now(),
            text=send.text,
            type=send.type,
            reply_to=reply_to,
            payload=payload,
            failure=rule.code if rule and rule.fault is Fault.UNDELIVERED else None,
        )
        await self._simulation.commit(changes)
        await self._mishaps.until(told, message_id)

    async def _react(self, call: Call) -> Response:
        target = call.message(calls.required(call.body, "messageId"))
        emoji = call.body.get("reaction")
        if not isinstance(emoji, str):
            raise malformed("reaction must be a string")
        message_id = self._own_id(target.chat)
        await self._simulation.commit(
            self._world.accept_reaction(
                target.chat, target.id, emoji, message_id=message_id, at=self._simulation.now(), opaque=None
            )
        )
        return answer({"id": message_id})

    async def _find(self, call: Call) -> Response:
        return answer(self._shown(call.message(call.path["message"], call.chat(call.path["chat"]))))

    async def _edit(self, call: Call) -> Response:
        target, chat = self._target(call), call.chat(call.path["chat"])
        text, new = calls.required(call.body, "text"), self._own_id(chat)
        now = self._simulation.now()
        await self._try(
            lambda: afterthoughts.edit(self._world, chat, BOT, target.id, text, message_id=new, at=now)
        )
        return answer({"id": new})

    async def _delete(self, call: Call) -> Response:
        target, chat = self._target(call), call.chat(call.path["chat"])
        if target.author != BOT:
            group = self._world.groups.get(chat)
            if group is None or BOT not in group.admins:
                raise failed(NOT_AUTHORIZED)
            if jids.bare(call.path["message"]) == call.path["message"].rpartition("_")[2]:
                raise failed("participant is required")
        if not target.deleted:
            new, now = self._own_id(chat), self._simulation.now()
            await self._try(
                lambda: afterthoughts.revoke(self._world, chat, BOT, target.id, message_id=new, at=now)
            )
        return answer({"id": target.id})

    async def _pin(self, call: Call) -> Response:
        calls.pinned_for(call.body)
        return await self._pinned(call, "pin")

    async def _unpin(self, call: Call) -> Response:
        return await self._pinned(call, "unpin")

    async def _pinned(self, call: Call, act: str) -> Response:
        target, chat = self._target(call), call.chat(call.path["chat"])
        if chat not in self._world.groups:
            raise malformed("Only messages of groups are pinned here.")
        await self._simulation.commit(
            roster.pin(
                self._world,
                chat,
                target.id,
                act,
                message_id=self._own_id(chat),
                at=self._simulation.now(),
                opaque=None,
            )
        )
        return answer({"success": True}, CREATED)

    def _target(self, call: Call) -> Message:
        return call.message(call.path["message"], call.chat(call.path["chat"]))

    def _may_write(self, chat: str) -> None:
        group = self._world.groups.get(chat)
        if group is not None and group.admins_only and BOT not in group.admins:
            raise failed(NOT_AUTHORIZED)

    def _written_to(self, chat: str) -> str:
        """Return a chat as WAHA calls it."""
        return (
            chat
            if chat in self._world.groups
            else jids.direct(self._world.member(self._world.people(chat)[0]))
        )

    def _own_id(self, chat: str) -> str:
        return jids.message_id(
            self._written_to(chat), jids.said_by_device(secrets.token_bytes(9)), by_us=True
        )

    def _shown(self, message: Message) -> dict[str, object]:
        author = None if message.author == BOT else self._world.member(message.author)
        quoted = self._world.messages.get(message.reply_to) if message.reply_to else None
        return self._waha.shown(message, author, quoted)

    async def _try(self, act: Callable[[], Changes]) -> None:
        try:
            changes = act()
        except ChaupalError as error:
            raise failed(error.sentence) from error
        await self._simulation.commit(changes)
