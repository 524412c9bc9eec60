from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from fastapi import APIRouter
from pydantic_settings import BaseSettings

from services.simulator.api.graph import GraphApi
from services.simulator.api.page import page_router
from services.simulator.api.script import script_router
from services.simulator.dispatcher import Dispatcher
from services.simulator.domain.demo import demo_world
from services.simulator.domain.faults import Mischief
from services.simulator.domain.people import Line
from services.simulator.domain.world import World
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
    world = World(line)
    mischief = Mischief()
    journal = Journal(store.write)
    async with HttpClient() as client:
        dispatcher = Dispatcher(
            client,
            settings.webhook_url,
            settings.app_secret.get_secret_value().encode(),
            platform.clock,
            mischief,
        )
        simulation = Simulation(world, platform.clock, journal, dispatcher, mischief, erase=store.clear)
        await store.prepare()
        past = await store.load()
        if settings.seed_demo and not past.members:
            await store.write(demo_world(World(line), simulation.now()))
            past = await store.load()
        simulation.resume(past)
        script = script_router(simulation, lambda: "process" in platform.health.unready())
        public_script = APIRouter(prefix="/simulator")
        public_script.include_router(script)
        yield Service(
            name="simulator",
            api=create_app("simulator", SUMMARY, script, clock=platform.clock),
            public=[GraphApi(simulation, settings).router(), public_script, page_router()],
            # Stopped in reverse: the journal last, so that what the others still say is written down.
            loops=[journal, dispatcher, simulation.arrivals],
        )


RECIPE = Recipe("simulator", SimulatorSettings, build)
