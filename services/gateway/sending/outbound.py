"""Everything the gateway is told to do, in one order per chat."""

from __future__ import annotations

from typing import Any

from services.gateway.sending.actions import Actions
from services.gateway.sending.sender import Sender
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageSend


class Outbound:
    """Hands each command to whoever acts on it."""

    def __init__(self, sender: Sender, actions: Actions) -> None:
        self._sender = sender
        self._actions = actions

    async def act(self, command: Envelope[Any]) -> None:
        """Do what `command` asks for; see `Sender.send` and `Actions.act`."""
        if isinstance(command.data, MessageSend):
            await self._sender.send(command)
        else:
            await self._actions.act(command)
