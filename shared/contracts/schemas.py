"""JSON Schemas of what travels on the log, for readers that are not written in Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from shared.contracts.base import EventModel
from shared.contracts.envelope import CONTENT_TYPE, MAX_ID, SCHEMA_PREFIX, SPEC_VERSION

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

DEAD_LETTER_HEADERS: Final[Mapping[str, str]] = {
    "x-dlq-consumer": "Who could not handle the record.",
    "x-dlq-reason": "The stable code of the reason.",
    "x-dlq-error": "The error's type and our own sentence; never a member's text.",
    "x-dlq-topic": "Where the record first stood.",
    "x-dlq-partition": "Its partition there.",
    "x-dlq-offset": "Its offset there.",
    "x-dlq-attempts": "How often it was tried.",
    "x-dlq-version": "The version of the platform that could not handle it.",
    "x-dlq-at": "When it was set aside.",
}
"""What a record that is set aside carries beside its own headers."""

RETRY_HEADERS: Final[Mapping[str, str]] = {
    "x-not-before": "When it is to be tried again.",
    "x-retry-consumer": "Whose turn it is.",
    "x-retry-attempts": "How often it was tried; counted anew after a replay.",
    "x-retry-reason": "The stable code of the reason, or `replay` where somebody asked for it.",
    "x-retry-topic": "Where the record first stood.",
    "x-retry-partition": "Its partition there.",
    "x-retry-offset": "Its offset there.",
}
"""What a record that comes back to its consumer carries beside its own headers."""


def schema_id(model: type[EventModel]) -> str:
    """Return the name under which records refer to the schema of `model`, in `ce_dataschema`."""
    return f"{SCHEMA_PREFIX}{model.TYPE}:{model.VERSION}"


def versioned_name(model: type[EventModel]) -> str:
    """Return `<type>.v<version>`, which names the schema's file and the message in AsyncAPI."""
    return f"{model.TYPE}.v{model.VERSION}"


def data_schema(model: type[EventModel]) -> dict[str, Any]:
    """Return the schema of the data of `model`, complete in itself."""
    return {"$schema": DIALECT, "$id": schema_id(model), **model.model_json_schema()}


def headers_schema(model: type[EventModel]) -> dict[str, Any]:
    """Return the schema of the record headers that carry `model`, each as text."""
    required: dict[str, dict[str, Any]] = {
        "ce_specversion": {"const": SPEC_VERSION},
        "ce_id": {
            "maxLength": MAX_ID,
            "description": "The same each time the same thing happens; readers deduplicate by it.",
        },
        "ce_source": {
            "description": "Which part of which service says it.",
            "examples": ["/chaupal/gateway"],
        },
        "ce_type": {"const": model.TYPE},
        "ce_time": {"format": "date-time", "description": "When it was recorded, with its zone."},
        "ce_dataschema": {"const": schema_id(model)},
        "ce_correlationid": {"description": "The id of the message or request that started it all."},
        "ce_partitionkey": {"description": "The record's key: what shares it stays in order."},
        "content-type": {"const": CONTENT_TYPE},
    }
    optional = {
        "ce_causationid": {"description": "The id of the event this one directly follows from."},
        "ce_traceparent": {"description": "Its place in a trace, as W3C Trace Context writes it."},
        "ce_due": {"format": "date-time", "description": "When a timer was to publish it, if one has."},
    }
    return {
        "type": "object",
        "properties": {
            name: {"type": "string", "minLength": 1, **rest} for name, rest in (required | optional).items()
        },
        "required": list(required),
    }


def added_headers_schema(headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the schema of `headers` that a record carries beside its own."""
    return {
        "type": "object",
        "properties": {
            name: {"type": "string", "description": description} for name, description in headers.items()
        },
        "required": list(headers),
    }
