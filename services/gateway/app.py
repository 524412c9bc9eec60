"""Puts the gateway together."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from services.gateway import consumer
from services.gateway.api.chats import chat_router
from services.gateway.api.trail import trail_router
from services.gateway.api.webhooks import webhook_router
from services.gateway.channels.cloud_api import CloudApi
from services.gateway.channels.contract import Channel
from services.gateway.ingest import Ingest
from services.gateway.sender import Sender
from services.gateway.settings import Account, GatewaySettings
from services.gateway.store import MIGRATIONS, Deliveries, Hops, Identities
from services.gateway.trail import Trail
from shared.http.app import create_app
from shared.http.client import HttpClient
from shared.replay.api import dead_letter_router
from shared.replay.letters import Letters
from shared.replay.marks import MIGRATION as LETTERS
from shared.service import Loop, Platform, Recipe, Service
from shared.store.migrations import migrate
from shared.stream.effects import Effects
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.timekeeper import Timekeeper

NAME = "gateway"


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: GatewaySettings) -> AsyncIterator[Service]:
    """Yield the gateway, ready to run."""
    database = platform.database(NAME)
    await migrate(database, platform.clock, [*MIGRATIONS, LETTERS])
    runtime = platform.runtime(NAME)
    identities = Identities(database, platform.clock)
    deliveries = Deliveries(database, platform.clock)
    async with HttpClient(timeout_seconds=settings.send_timeout_seconds) as client:
        channels = {name: _channel(account, client) for name, account in settings.accounts.items()}
        sender = Sender(runtime, identities, deliveries, channels, settings.reconcile_seconds)
        loops: list[Loop] = [
            Relay(runtime, database),
            Timekeeper(runtime, database),
            Processor(consumer.subscription(deliveries), runtime),
            Effects(consumer.sending(sender), runtime),
        ]
        hops = Hops(database, platform.clock) if settings.trace_days else None
        if hops is not None:
            await hops.keep_for(settings.trace_days)
            loops.append(Trail(runtime, hops))
        yield Service(
            name=NAME,
            api=create_app(
                NAME,
                "Chats on WhatsApp and what became of messages.",
                chat_router(identities, deliveries),
                trail_router(hops, deliveries, identities),
                dead_letter_router(Letters(runtime, database), loops),
                keys=platform.settings.api_keys,
                clock=platform.clock,
            ),
            public=[webhook_router(channels, Ingest(platform.log, identities, platform.clock))],
            loops=loops,
        )


def _channel(account: Account, client: HttpClient) -> Channel:
    return CloudApi(
        client,
        api_base=account.api_base,
        phone_number_id=account.phone_number_id,
        access_token=account.access_token.get_secret_value(),
        app_secrets=[secret.get_secret_value() for secret in account.app_secrets],
        verify_token=account.verify_token.get_secret_value(),
    )


RECIPE = Recipe(NAME, GatewaySettings, build)
