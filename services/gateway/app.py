"""Puts the gateway together."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

from services.gateway import consumer
from services.gateway.api.channels import channel_router
from services.gateway.api.chats import chat_router
from services.gateway.api.deliveries import delivery_router
from services.gateway.api.media import media_router
from services.gateway.api.members import member_router
from services.gateway.api.messages import message_router
from services.gateway.api.trail import trail_router
from services.gateway.api.webhooks import webhook_router
from services.gateway.channels.cloud_api import CloudApi
from services.gateway.channels.cloud_api.media import CloudApiFiles
from services.gateway.channels.contract import Channel
from services.gateway.channels.waha import Waha
from services.gateway.channels.waha.media import WahaFiles
from services.gateway.ingest import Ingest
from services.gateway.lines import PROBE_SECONDS, Lines
from services.gateway.media import Media, Source
from services.gateway.messages import MessageIndex
from services.gateway.names import SECONDS as NAMES_SECONDS
from services.gateway.names import NameBook
from services.gateway.roster import FIRST_AFTER_SECONDS, Reconcile
from services.gateway.sending.actions import Actions
from services.gateway.sending.asking import Counter
from services.gateway.sending.book import Book
from services.gateway.sending.outbound import Outbound
from services.gateway.sending.pacer import Pacer
from services.gateway.sending.paces import began, paces
from services.gateway.sending.planner import Planner
from services.gateway.sending.sender import Sender
from services.gateway.sending.ways import Ways
from services.gateway.settings import Account, GatewaySettings, WahaAccount
from services.gateway.store import (
    MIGRATIONS,
    Chats,
    Deliveries,
    Hops,
    Identities,
    LineBook,
    Memberships,
    Merges,
    Messages,
    Names,
    People,
    Requests,
    Standings,
    Turns,
    Unsaid,
)
from services.gateway.store.seal import open_seal
from services.gateway.store.sealing import seal_all
from services.gateway.trail import Trail
from shared.http.app import create_app
from shared.http.client import HttpClient
from shared.replay.api import dead_letter_router
from shared.replay.letters import Letters
from shared.replay.marks import MIGRATION as LETTERS
from shared.rounds import Rounds
from shared.service import Loop, Platform, Recipe, Service
from shared.store.migrations import migrate
from shared.stream.effects import Effects
from shared.stream.processor import Processor
from shared.stream.relay import Relay
from shared.stream.timekeeper import Timekeeper

NAME = "gateway"

FORGET_SECONDS = 1.0
"""How long one process may still take two for different whom another one has just merged."""

SLACK = 0.8
"""Of the time between two comparisons: a loop that comes round a little early has its turn all the same."""


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: GatewaySettings) -> AsyncIterator[Service]:
    """Yield the gateway, ready to run."""
    database = platform.database(NAME)
    await migrate(database, platform.clock, [*MIGRATIONS, LETTERS])
    runtime = platform.runtime(NAME)
    seal = await open_seal(database, settings.seal_keys())
    if settings.address_keys:
        await seal_all(database, seal, platform.clock)
    deliveries = Deliveries(database, platform.clock, seal)
    messages = Messages(database, seal)
    await messages.keep_for(settings.message_days)
    index = MessageIndex(messages, platform.health)
    async with HttpClient(timeout_seconds=settings.send_timeout_seconds) as client:
        line_book = LineBook(database)
        pacer = Pacer(paces(settings), began(settings, await line_book.began()), share=lambda: sending.share)
        lines = Lines(
            {name: _channel(account, client) for name, account in settings.accounts.items()},
            line_book,
            platform.clock,
            gate=pacer,
        )
        channels = lines.channels
        chats = Chats(database, platform.clock, seal, runtime.outbox, lines.capabilities)
        identities = Identities(database, platform.clock, seal, chats)
        memberships = Memberships(database)
        reconcile = Reconcile(
            platform.log,
            chats,
            memberships,
            identities,
            channels,
            now=platform.clock.now,
            turn=partial(
                Turns(database, platform.clock).take,
                every=dt.timedelta(hours=settings.reconcile_hours * SLACK),
            ),
        )
        standings = Standings(database)
        unsaid = Unsaid(database)
        book = Book(runtime, deliveries, unsaid)
        ways = Ways(identities, channels, deliveries, index)
        speaker = platform.speaker(Path(__file__).parent / "locale")
        name_book = NameBook(Names(database, seal))
        planner = Planner(
            ways, standings, deliveries, speaker, names=name_book, noise_per_hour=settings.noise_per_hour
        )
        sender = Sender(book, ways, planner, pacer, standings, reconcile_seconds=settings.reconcile_seconds)
        sending = Effects(consumer.sending(Outbound(sender, Actions(book, ways, pacer))), runtime)
        look = Rounds(
            "channels gateway",
            platform.health,
            lambda round_: lines.probe(chats, round_.get_on),
            PROBE_SECONDS,
            # Where the stand-in for a provider runs in this very process, it listens by then.
            first_after=1.0,
        )
        lines.when_in_doubt(look.soon)
        loops: list[Loop] = [
            # Stopped last: the sender remembers messages until its end.
            index,
            Relay(runtime, database),
            Timekeeper(runtime, database),
            Processor(consumer.subscription(deliveries, unsaid), runtime),
            Processor(consumer.standing(standings), runtime, speaker),
            sending,
            Processor(consumer.rosters(memberships), runtime),
            Rounds("names gateway", platform.health, lambda _: name_book.write(), NAMES_SECONDS),
            Rounds("identities gateway", platform.health, lambda _: identities.refresh(), FORGET_SECONDS),
            look,
            Rounds(
                "rosters gateway",
                platform.health,
                reconcile.run,
                settings.reconcile_hours * 3600,
                first_after=FIRST_AFTER_SECONDS,
            ),
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
                chat_router(chats),
                delivery_router(deliveries),
                message_router(chats, Counter(runtime, Requests(database)), platform.clock),
                member_router(
                    chats,
                    memberships,
                    People(database),
                    Merges(database, platform.clock, runtime.outbox),
                    identities.refresh,
                ),
                channel_router(lines),
                media_router(
                    Media(
                        index,
                        {name: _source(account, client) for name, account in settings.accounts.items()},
                        max_bytes=settings.media_max_bytes,
                    )
                ),
                trail_router(hops, deliveries, identities),
                dead_letter_router(Letters(runtime, database), loops),
                keys=platform.settings.api_keys,
                clock=platform.clock,
            ),
            public=[
                webhook_router(channels, Ingest(platform.log, identities, platform.clock, index, name_book))
            ],
            loops=loops,
        )


def _channel(account: Account, client: HttpClient) -> Channel:
    if isinstance(account, WahaAccount):
        return Waha(
            client,
            api_base=account.api_base,
            session=account.session,
            api_key=account.api_key.get_secret_value(),
            hmac_keys=[key.get_secret_value() for key in account.hmac_keys],
        )
    return CloudApi(
        client,
        api_base=account.api_base,
        phone_number_id=account.phone_number_id,
        access_token=account.access_token.get_secret_value(),
        app_secrets=[secret.get_secret_value() for secret in account.app_secrets],
        verify_token=account.verify_token.get_secret_value(),
    )


def _source(account: Account, client: HttpClient) -> Source:
    if isinstance(account, WahaAccount):
        key = account.api_key.get_secret_value()
        return Source(
            account.channel,
            WahaFiles(client, api_base=account.api_base, api_key=key, session=account.session),
        )
    token = account.access_token.get_secret_value()
    return Source(account.channel, CloudApiFiles(client, api_base=account.api_base, access_token=token))


RECIPE = Recipe(NAME, GatewaySettings, build)
