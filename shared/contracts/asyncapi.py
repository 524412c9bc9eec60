"""The AsyncAPI 3.0 document of the log, derived from the registry of topics and the models.

https://www.asyncapi.com/docs/reference/specification/v3.0.0
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from shared.contracts.base import EventModel
from shared.contracts.envelope import CONTENT_TYPE
from shared.contracts.schemas import (
    DEAD_LETTER_HEADERS,
    RETRY_HEADERS,
    added_headers_schema,
    headers_schema,
    schema_id,
    versioned_name,
)
from shared.contracts.topics import TOPICS, Topic, dead_letter_topic

KAFKA_BINDING: Final = "0.5.0"
DEAD_LETTER: Final = "dead-letter"
RETRIED: Final = "retried"

DESCRIPTION: Final = """\
Everything the services of Chaupal tell each other.

A record is a [CloudEvent 1.0 in Kafka's binary mode](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md):
its headers route, deduplicate and trace it, its value is the data as JSON. Delivery is at least once, and a
record that is delivered again has the same `ce_id`.

Within one version only optional fields with defaults are added. A reader ignores fields it does not know
and takes a value that is not listed under `x-extensible-enum` for `unknown`. `x-private` marks a channel that
only its owner may read.
"""


def document(
    version: str,
    readers: Mapping[str, Collection[str]],
    examples: Mapping[str, Sequence[Mapping[str, Any]]],
) -> dict[str, Any]:
    """Return the document.

    Args:
        version: the release it describes.
        readers: the topics that each consumer group reads.
        examples: records with `name`, `headers` and `data`, by the versioned name of their type.
    """
    models = sorted({model for topic in TOPICS for model in topic.types}, key=versioned_name)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chaupal events",
            "version": version,
            "description": DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(_operations(readers)),
        "components": {
            "messages": {
                **{versioned_name(model): _message(model, examples) for model in models},
                DEAD_LETTER: _put_elsewhere(
                    DEAD_LETTER,
                    "A record set aside",
                    "could not be handled; headers of our own say why.",
                    DEAD_LETTER_HEADERS,
                ),
                RETRIED: _put_elsewhere(
                    RETRIED,
                    "A record tried again",
                    "is to be tried again; headers of our own say by whom.",
                    RETRY_HEADERS,
                ),
            },
            "schemas": _schemas(models),
        },
    }


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": topic.purpose,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _names_of_messages(topic)},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": int(topic.retention.total_seconds() * 1000),
                },
                "bindingVersion": KAFKA_BINDING,
            }
        },
        "x-owner": topic.owner,
        "x-key": topic.key,
        "x-private": topic.private,
    }


def _names_of_messages(topic: Topic) -> list[str]:
    if topic.types:
        return [versioned_name(model) for model in topic.types]
    return [DEAD_LETTER if topic == dead_letter_topic(topic.owner) else RETRIED]


def _operations(readers: Mapping[str, Collection[str]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for topic in TOPICS:
        yield f"send.{topic.name}", {"action": "send", **_of_channel(topic)}
    by_name = {topic.name: topic for topic in TOPICS}
    for group, topics in sorted(readers.items()):
        for name in sorted(topics):
            yield (
                f"receive.{group}.{name}",
                {
                    "action": "receive",
                    "summary": f"Read by {group}.",
                    **_of_channel(by_name[name]),
                    "bindings": {
                        "kafka": {
                            "groupId": {"type": "string", "const": group},
                            "bindingVersion": KAFKA_BINDING,
                        }
                    },
                },
            )


def _of_channel(topic: Topic) -> dict[str, Any]:
    # A dot needs no escaping in a JSON pointer.
    channel = f"#/channels/{topic.name}"
    return {
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in _names_of_messages(topic)],
    }


def _message(model: type[EventModel], examples: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    name = versioned_name(model)
    return {
        "name": model.TYPE,
        "title": f"{model.TYPE}, version {model.VERSION}",
        "summary": inspect.getdoc(model),
        "contentType": CONTENT_TYPE,
        "headers": headers_schema(model),
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
        "bindings": {"kafka": _key(_topic_of(model).key)},
        "examples": [
            {"name": each["name"], "headers": each["headers"], "payload": each["data"]}
            for each in examples.get(name, ())
        ],
        "x-schema": schema_id(model),
    }


def _topic_of(model: type[EventModel]) -> Topic:
    return next(topic for topic in TOPICS if model in topic.types)


def _key(description: str) -> dict[str, Any]:
    return {"key": {"type": "string", "description": description}, "bindingVersion": KAFKA_BINDING}


def _put_elsewhere(name: str, title: str, what: str, headers: Mapping[str, str]) -> dict[str, Any]:
    return {
        "name": name,
        "title": title,
        "summary": f"Key, value and headers are those of the record that {what}",
        "headers": added_headers_schema(headers),
        "bindings": {"kafka": _key("the record's own")},
    }


def _schemas(models: Sequence[type[EventModel]]) -> dict[str, Any]:
    _, schemas = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/components/schemas/{model}"
    )
    return dict(sorted(schemas["$defs"].items()))
