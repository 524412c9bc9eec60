"""Beside a running platform: hands commands to the gateway and reads what is in the log."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic_settings import BaseSettings

from shared.contracts.base import EventModel
from shared.contracts.envelope import decode, originate, peek
from shared.contracts.topics import topic_of
from shared.http.app import create_app
from shared.log.backend import Backend
from shared.service import Platform, Recipe, Service
from shared.stream.rows import to_record
from tests.support.streams import eventually

ModelT = TypeVar("ModelT", bound=EventModel)


@dataclass
class Desk:
    """Speaks to the gateway through the log, as a service would."""

    logs: list[Backend] = field(default_factory=list)

    @property
    def recipe(self) -> Recipe[BaseSettings]:
        """What runs within the platform's process, to lend its log."""
        return Recipe("desk", BaseSettings, self._build)

    @contextlib.asynccontextmanager
    async def _build(self, platform: Platform, settings: BaseSettings) -> AsyncIterator[Service]:
        del settings
        self.logs.append(platform.log)
        yield Service("desk", create_app("desk", "Nothing.", clock=platform.clock))

    async def command(self, command: EventModel) -> str:
        """Hand `command` to the gateway and return its id."""
        new, chat = str(uuid.uuid4()), str(command.model_dump()["chat_id"])
        envelope = originate(
            command, event_id=new, source="/chaupal/desk", key=chat, time=dt.datetime.now(dt.UTC)
        )
        await self.logs[0].append([to_record(envelope)])
        return new

    async def events(self, model: type[ModelT], **equal: object) -> list[ModelT]:
        """Return the events of a type that say what `equal` says."""
        found: list[ModelT] = []
        async for page in self.logs[0].browse(topic_of(model).name):
            for each in page:
                if peek(each.headers)[0] != model.TYPE:
                    continue
                data = decode(each.value, each.headers).data
                if isinstance(data, model) and all(getattr(data, name) == it for name, it in equal.items()):
                    found.append(data)
        return found

    async def event(self, model: type[ModelT], **equal: object) -> ModelT:
        """Return the first event of a type that says what `equal` says, as soon as it is there."""
        found: list[ModelT] = []

        async def there() -> bool:
            found[:] = await self.events(model, **equal)
            return bool(found)

        await eventually(there, f"{model.TYPE} {equal}")
        return found[0]
