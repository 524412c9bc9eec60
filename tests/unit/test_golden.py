"""The golden examples: a record of every version of every type, which everybody must always understand."""

import dataclasses
import datetime as dt
from typing import Any

import jsonschema
import pytest
from pydantic.fields import FieldInfo

from deploy.docs.examples import Example, examples
from deploy.docs.wiring import Nothing, wired
from services.gateway.domain.aloud import Reported, named_by
from services.gateway.domain.delivery import Delivery, Stage
from shared.contracts.base import EventModel, OpenEnum
from shared.contracts.envelope import REGISTRY, Envelope, decode, encode
from shared.contracts.gateway import WebhookUnparsed
from shared.contracts.schemas import data_schema, headers_schema, versioned_name
from shared.contracts.topics import topic_of
from shared.decision import Decision
from shared.errors import UnknownVersion
from shared.stream.processor import Processor
from shared.stream.states import LoadedStates
from shared.stream.subscription import Handler, Subscription

EXAMPLES = examples()
NOW = dt.datetime(2026, 3, 14, 12, tzinfo=dt.UTC)
every_example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: each.name)


@pytest.mark.parametrize("model", REGISTRY.values(), ids=versioned_name)
def test_every_version_of_every_type_has_an_example(model: type[EventModel]) -> None:
    assert versioned_name(model) in {each.versioned_name for each in EXAMPLES}


@every_example
def test_an_example_decodes_as_what_its_name_says(example: Example) -> None:
    assert versioned_name(type(decode(*example.record()).data)) == example.versioned_name


@every_example
def test_an_example_survives_encoding(example: Example) -> None:
    event = decode(*example.record())
    value, headers = encode(event)
    assert decode(value, headers) == event
    assert {name: text.decode() for name, text in headers.items()} == example.headers


@every_example
def test_nothing_of_an_example_is_lost(example: Example) -> None:
    event = decode(*example.record())
    kept = event.data.model_dump(mode="json", exclude_none=True)
    assert {name: kept.get(name) for name in example.data} == dict(example.data)


@every_example
def test_an_example_decodes_with_fields_nobody_knows(example: Example) -> None:
    value, headers = example.record(hologram={"title": "नया"}, sentiment=0.5)
    assert decode(value, headers) == decode(*example.record())


@every_example
def test_a_value_nobody_knows_reads_as_unknown(example: Example) -> None:
    for name, field in type(decode(*example.record()).data).model_fields.items():
        if _is_open(field) and name in example.data:
            value, headers = example.record(**{name: "hologram"})
            assert str(getattr(decode(value, headers).data, name)) == "unknown"


def test_there_are_open_values_to_read() -> None:
    assert any(_is_open(field) for model in REGISTRY.values() for field in model.model_fields.values())


@every_example
def test_an_example_of_a_later_version_is_refused_as_such(example: Example) -> None:
    value, headers = example.record()
    headers["ce_dataschema"] = headers["ce_dataschema"].rpartition(b":")[0] + b":99"
    with pytest.raises(UnknownVersion):
        decode(value, headers)


@every_example
def test_an_example_fits_its_schemas(example: Example) -> None:
    model = type(decode(*example.record()).data)
    jsonschema.validate(dict(example.data), data_schema(model))
    jsonschema.validate(dict(example.headers), headers_schema(model))


@every_example
def test_the_key_of_an_example_is_the_field_that_its_topic_names(example: Example) -> None:
    event = decode(*example.record())
    assert example.data[topic_of(type(event.data)).key] == event.partition_key


@every_example
def test_no_public_example_shows_an_address(example: Example) -> None:
    if example.versioned_name == versioned_name(WebhookUnparsed):
        return
    text = repr(example.data)
    assert not any(mark in text for mark in ("@lid", "@s.whatsapp.net", "@g.us", "wa_id", "+91"))


async def test_every_consumer_decides_every_example_of_its_types() -> None:
    decided = set()
    for subscription in await _subscriptions():
        for example in EXAMPLES:
            event = decode(*example.record())
            handler = subscription.handler_of(event.data)
            if handler is None:
                continue
            state = await _initial(handler, event)
            for each in (state, *_other_states(subscription, state, event)):
                assert isinstance(handler.decide(each, event, NOW), Decision)
            decided.add((subscription.consumer, handler.event.TYPE))
    wanted = {
        (subscription.consumer, handler.event.TYPE)
        for subscription in await _subscriptions()
        for handler in subscription.handlers
    }
    assert decided == wanted
    assert {"gateway.deliveries", "moderation"} <= {consumer for consumer, _ in decided}


async def test_every_consumer_decides_examples_with_values_it_does_not_know() -> None:
    for subscription in await _subscriptions():
        for example in EXAMPLES:
            event = decode(*example.record())
            handler = subscription.handler_of(event.data)
            if handler is None:
                continue
            strange = {
                name: "hologram" for name, field in type(event.data).model_fields.items() if _is_open(field)
            }
            newer = decode(*example.record(**strange))
            state = await _initial(handler, newer)
            for each in (state, *_other_states(subscription, state, newer)):
                assert isinstance(handler.decide(each, newer, NOW), Decision)


async def test_deciding_an_example_twice_gives_the_same() -> None:
    for subscription in await _subscriptions():
        for example in EXAMPLES:
            event = decode(*example.record())
            if handler := subscription.handler_of(event.data):
                state = await _initial(handler, event)
                assert handler.decide(state, event, NOW) == handler.decide(state, event, NOW)


async def _subscriptions() -> list[Subscription]:
    async with wired() as services:
        loops = [loop for service in services for loop in service.loops]
    return [loop._subscription for loop in loops if isinstance(loop, Processor)]


async def _initial(handler: Handler[Any, Any], event: Envelope[Any]) -> Any:
    """Return what the service's own store says where nothing is stored."""
    key = handler.key(event.data)
    session: Any = Nothing()
    loaded = await LoadedStates.touched_by(session, [(handler.states, key)])
    return loaded.touched(handler.states, key).state


def _other_states(subscription: Subscription, state: Any, event: Envelope[Any]) -> list[Any]:
    """Return further states to decide on, where the initial one hides most of what can happen."""
    if subscription.consumer != "gateway.deliveries":
        return []
    if isinstance(state, Reported):
        name = named_by(event.data)
        sent = Delivery(name, event.data.chat_id)
        return [Reported({name: dataclasses.replace(sent, stage=stage)}) for stage in Stage]
    sent = Delivery(event.data.send_id, event.data.chat_id)
    return [dataclasses.replace(sent, stage=stage) for stage in Stage]


def _is_open(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, OpenEnum)
