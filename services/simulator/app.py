from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Iterable

from fastapi import APIRouter
from pydantic_settings import BaseSettings

from services.simulator.api.graph import GraphApi
from services.simulator.api.page import page_router
from services.simulator.api.script import script_router
from services.simulator.api.waha import WahaApi
from services.simulator.dispatcher import Dispatcher
from services.simulator.domain.changes import Changes
from services.simulator.domain.demo import demo_world
from services.simulator.domain.demo_village import demo_village
from services.simulator.domain.dialect import CLOUD_API, WAHA
from services.simulator.domain.faults import Mischief
from services.simulator.domain.people import Line, is_bridged
from services.simulator.domain.waha.dialect import Waha
from services.simulator.domain.waha.session import Session
from services.simulator.domain.world import World
from services.simulator.hooks import CloudApiHook, Hook, WahaHook
from services.simulator.journal import Journal
from services.simulator.settings import SimulatorSettings
from services.simulator.simulation import Simulation
from services.simulator.store import SimulatorStore
from shared.http.app import create_app
from shared.http.client import HttpClient
from shared.service import Platform, Recipe, Service

SUMMARY = (
    "A stand-in for WhatsApp, for development and tests. It has no authentication: never let it be reached "
    "from outside."
)


@contextlib.asynccontextmanager
async def build(platform: Platform, settings: BaseSettings) -> AsyncIterator[Service]:
    """Wire the simulator and load what it knew when it last ran."""
    assert isinstance(settings, SimulatorSettings)  # noqa: S101 - the recipe below names this class
    store = SimulatorStore(platform.database("simulator"))
    line = Line(settings.phone_number_id, settings.display_phone_number, settings.bot_name)
    waha = _waha(settings)
    world = World(line, waha)
    mischief = Mischief()
    journal = Journal(store.write)
    async with HttpClient() as client:
        dispatcher = Dispatcher(client, _hooks(settings), platform.clock, mischief)
        simulation = Simulation(world, platform.clock, journal, dispatcher, mischief, erase=store.clear)
        await store.prepare()
        if settings.seed_demo:
            await _seed(store, World(line, waha), simulation.now())
        simulation.resume(await store.load())
        script = script_router(simulation, lambda: "process" in platform.health.unready())
        public_script = APIRouter(prefix="/simulator")
        public_script.include_router(script)
        yield Service(
            name="simulator",
            api=create_app("simulator", SUMMARY, script, clock=platform.clock),
            public=[*_apis(simulation, settings), public_script, page_router()],
            # Stopped in reverse: the journal last, so that what the others still say is written down.
            loops=[journal, dispatcher, simulation.arrivals],
        )


async def _seed(store: SimulatorStore, world: World, now: dt.datetime) -> None:
    """Write down the demo where there is none yet; `world` is empty."""
    past = await store.load()
    last = max((each.id for each in past.webhooks), default=0)
    world.restore(past.members, past.groups, past.messages, last, past.files)
    changes = Changes()
    if not world.members:
        changes.add(demo_world(world, now))
    if world.waha is not None and not any(is_bridged(each) for each in world.groups):
        changes.add(demo_village(world, now))
    if changes:
        await store.write(changes)


def _waha(settings: SimulatorSettings) -> Waha | None:
    if settings.waha_webhook_url is None:
        return None
    session = Session(
        settings.waha_session,
        settings.waha_phone_number,
        settings.bot_name,
        settings.waha_base_url.rstrip("/"),
    )
    return Waha(session)


def _hooks(settings: SimulatorSettings) -> dict[str, Hook]:
    hooks: dict[str, Hook] = {
        CLOUD_API: CloudApiHook(settings.webhook_url, settings.app_secret.get_secret_value().encode())
    }
    if settings.waha_webhook_url is not None and settings.waha_hmac_key is not None:
        hooks[WAHA] = WahaHook(settings.waha_webhook_url, settings.waha_hmac_key.get_secret_value().encode())
    return hooks


def _apis(simulation: Simulation, settings: SimulatorSettings) -> Iterable[APIRouter]:
    yield GraphApi(simulation, settings).router()
    if simulation.world.waha is not None and settings.waha_api_key is not None:
        yield WahaApi(simulation, simulation.world.waha, settings.waha_api_key).router()


RECIPE = Recipe("simulator", SimulatorSettings, build)
