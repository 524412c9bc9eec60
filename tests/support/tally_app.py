"""The tally as a process of its own: `python -m tests.support.tally_app`."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.decision import Decision
from shared.http.app import create_app
from shared.process import main
from shared.service import Platform, Recipe, Service
from shared.store.migrations import collections, migrate
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.subscription import Subscription
from tests.support.tally import Tallies, answering, hearing

NAME = "moderation"


class TallySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TALLY_")

    consumer: str = "tally"
    chats: str = "c_"
    """What the ids of its chats begin with: on a shared broker there are others."""


def only(subscription: Subscription, chats: str) -> Subscription:
    (handler,) = subscription.handlers

    def decide(state: Any, event: Any, now: Any) -> Decision[Any]:
        return handler.decide(state, event, now) if event.data.chat_id.startswith(chats) else Decision(state)

    return dataclasses.replace(subscription, handlers=(dataclasses.replace(handler, decide=decide),))


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: TallySettings) -> AsyncIterator[Service]:
    database = platform.database(NAME)
    await migrate(database, platform.clock, [collections("0001_tallies", tallies=[])])
    runtime, tallies = platform.runtime(NAME), Tallies(database)
    yield Service(
        name="tally",
        api=create_app("tally", "What was heard."),
        loops=[
            Relay(runtime, database),
            Processor(only(hearing(tallies, f"{settings.consumer}.hears"), settings.chats), runtime),
            Processor(only(answering(tallies, f"{settings.consumer}.answers"), settings.chats), runtime),
        ],
    )


RECIPE = Recipe("tally", TallySettings, build)

if __name__ == "__main__":
    main("tally", RECIPE)
