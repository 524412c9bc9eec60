"""What goes wrong with a call on request, whichever API it is of."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import Response

from services.simulator.api.broken import BrokenAnswer, DrippingAnswer
from services.simulator.domain.faults import Fault, Rule
from services.simulator.simulation import Simulation

TOLD_WITHIN = 10.0
"""Seconds that an answer waits for the gateway to take a webhook about its message first."""


class Mishaps:
    """Lets calls go wrong as the plan has it.

    Args:
        simulation: holds the plan.
        refusal: says in the API's own words what a fault means, None where nothing is refused.
    """

    def __init__(self, simulation: Simulation, refusal: Callable[[Rule], Exception | None]) -> None:
        self._simulation = simulation
        self._refusal = refusal

    async def before(self, chat: str | None) -> Rule | None:
        """Let go wrong what goes wrong before a call is accepted, and return what is to go wrong later."""
        latency = self._simulation.mischief.plan.latency
        if latency:
            await asyncio.sleep(latency)
        rule = self._simulation.fault(chat)
        if rule is None:
            return None
        if rule.fault is Fault.HANG:
            await self._simulation.mischief_changed.wait()
        if (refused := self._refusal(rule)) is not None:
            raise refused
        if rule.fault is Fault.SLOW:
            await asyncio.sleep(rule.delay)
        return rule

    def telling(self, rule: Rule | None, message_id: str) -> asyncio.Event | None:
        """Return what has to happen before the answer to an accepted message, None where it need not wait."""
        first = rule is not None and rule.fault is Fault.STATUS_FIRST
        return self._simulation.telling(message_id) if first else None

    async def until(self, told: asyncio.Event | None, message_id: str) -> None:
        """Wait for `told`, but not for ever."""
        if told is None:
            return
        try:
            async with asyncio.timeout(TOLD_WITHIN):
                await told.wait()
        except TimeoutError:
            self._simulation.untell(message_id)

    async def after(self, rule: Rule | None, taken: Response) -> Response:
        """Return what becomes of the answer to a call that was accepted."""
        changed = self._simulation.mischief_changed.wait
        match rule and rule.fault:
            case Fault.DROP:
                return BrokenAnswer()
            case Fault.HALF_OPEN:
                return BrokenAnswer(until=changed)
            case Fault.SLOW_DRIP if rule is not None:
                return DrippingAnswer(bytes(taken.body), rule.delay)
            case Fault.GARBAGE:
                return Response(b"<html>accepted", media_type="text/html")
            case Fault.HANG_ACCEPTED:
                await changed()
        return taken
