"""The ledger of a later release, with timers; with `dlq` behind it, what is done about dead letters."""

from __future__ import annotations

import contextlib
import datetime as dt
import sys
from collections.abc import AsyncIterator
from dataclasses import replace

from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision
from shared.http.app import create_app
from shared.process import main
from shared.replay.command import main as dead_letters
from shared.service import Platform, Recipe, Service
from shared.store.migrations import collections, migrate
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.subscription import Handler, Subscription
from shared.stream.timekeeper import Timekeeper
from tests.chaos import ledger
from tests.chaos.worker import WorkerSettings


def enter(
    account: ledger.Account, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[ledger.Account]:
    """Enter what a message is worth; one that used to be nobody's to read is worth a point."""
    words = (event.data.text or "").replace("poison", "1")
    return ledger.enter(account, replace(event, data=event.data.model_copy(update={"text": words})), now)


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: WorkerSettings) -> AsyncIterator[Service]:
    """Yield the mended ledger, ready to run."""
    del settings
    database = platform.database(ledger.SERVICE)
    made = collections("0001_ledger", **{ledger.ACCOUNTS: [], ledger.ANSWERS: []})
    await migrate(database, platform.clock, [made])
    runtime = platform.runtime(ledger.SERVICE)
    states = ledger.Accounts(database, ledger.ACCOUNTS)
    handler = Handler(MessageReceived, key=lambda data: data.chat_id, states=states, decide=enter)
    yield Service(
        name=ledger.SERVICE,
        api=create_app(ledger.SERVICE, "What was entered."),
        loops=[
            Relay(runtime, database),
            Timekeeper(runtime, database),
            Processor(Subscription(ledger.CONSUMER, ledger.SERVICE, (handler,)), runtime),
        ],
    )


RECIPE = Recipe(ledger.SERVICE, WorkerSettings, build)

if __name__ == "__main__":
    if sys.argv[1:2] == ["dlq"]:
        sys.exit(dead_letters(sys.argv[2:], {ledger.SERVICE: RECIPE}))
    main(ledger.SERVICE, RECIPE)
