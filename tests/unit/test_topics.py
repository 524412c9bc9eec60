from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from services.gateway import consumer as gateway
from services.gateway.sending.outbound import Outbound
from services.moderation.consumer import subscription as moderation_subscription
from services.moderation.domain.listening import Listener
from services.moderation.scenes import Stores
from shared.contracts.envelope import REGISTRY
from shared.contracts.topics import (
    CONSUMING_SERVICES,
    FOR_EVER,
    LEDGER,
    RECOGNITION,
    TOPICS,
    TWO_WEEKS,
    again_topics,
    dead_letter_topic,
    topic_named,
    topic_of,
)
from shared.store.mailboxes import REMEMBERED

SERVICES = Path(__file__).parents[2] / "services"
SHARED = Path(__file__).parents[2] / "shared"


def test_each_type_travels_on_exactly_one_topic():
    carried = Counter(model.TYPE for topic in TOPICS for model in topic.types)
    assert set(carried) == {name for name, _ in REGISTRY}
    assert set(carried.values()) == {1}
    for model in REGISTRY.values():
        assert model in topic_of(model).types


def test_topics_have_names_of_their_own_and_are_found_by_them():
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)
    for topic in TOPICS:
        assert topic_named(topic.name) is topic


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_topic_is_named_by_its_owner_stream_and_version(topic):
    assert re.fullmatch(rf"{topic.owner}\.[a-z]+(\.\d+[smh])?\.v[1-9]\d*", topic.name)
    assert topic.purpose
    assert (SERVICES / topic.owner).is_dir()


@pytest.mark.parametrize("topic", [t for t in TOPICS if t.types], ids=lambda topic: topic.name)
def test_the_key_of_a_topic_is_a_field_of_all_it_carries(topic):
    for model in topic.types:
        assert topic.key in model.model_fields


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_an_inbox_remembers_for_as_long_as_a_topic_keeps(topic):
    # A ledger is kept for ever; whoever reads it again knows its lines by ids of their own.
    if topic.name in {LEDGER.name, RECOGNITION.name}:
        assert topic.retention == FOR_EVER
    else:
        assert dt.timedelta(days=1) <= topic.retention <= TWO_WEEKS <= REMEMBERED


def test_what_may_hold_addresses_is_private():
    assert {topic.name for topic in TOPICS if topic.private} == {
        "gateway.unparsed.v1",
        *(dead_letter_topic(service).name for service in CONSUMING_SERVICES),
        *(topic.name for service in CONSUMING_SERVICES for topic in again_topics(service)),
    }


def test_each_service_that_listens_can_set_records_aside():
    listening = {path.parent.name for path in SERVICES.glob("*/consumer.py")}
    assert listening == set(CONSUMING_SERVICES)
    assert {dead_letter_topic(service) for service in listening} <= set(TOPICS)


def test_each_consumer_has_a_group_of_its_own_and_listens_to_topics_that_exist():
    nowhere: Any = None
    tables = [
        gateway.subscription(nowhere, nowhere),
        gateway.standing(nowhere),
        gateway.rosters(nowhere),
        moderation_subscription(Stores(*[nowhere] * len(dataclasses.fields(Stores))), Listener({})),
    ]
    sender = gateway.sending(Outbound.__new__(Outbound))
    consumers = [*(table.consumer for table in tables), sender.consumer]
    assert len(consumers) == len(set(consumers))
    for table in tables:
        assert table.service in CONSUMING_SERVICES
        assert table.consumer.split(".")[0] == table.service
        for name in table.topics:
            assert topic_named(name).name == name
    for command in sender.commands:
        assert command in topic_of(command).types


def test_no_topic_is_spelled_out_anywhere_but_in_the_registry():
    names = {topic.name for topic in TOPICS}
    for path in [*SERVICES.rglob("*.py"), *SHARED.rglob("*.py")]:
        if path.name != "topics.py":
            text = path.read_text(encoding="utf-8")
            assert not [name for name in names if f'"{name}"' in text], path


def test_what_travels_nowhere_is_not_found():
    with pytest.raises(KeyError):
        topic_named("gateway.unheard_of.v1")
