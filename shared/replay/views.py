"""Letters as the REST API and `--json` show them: what is private only where it is asked for."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
from pydantic import BaseModel, Field

from shared.contracts.gateway import MessageSend
from shared.contracts.topics import OUTBOUND
from shared.log.record import NewRecord, Record
from shared.replay.letter import Letter, Opened, State, escaped, printable
from shared.replay.letters import Found, Report
from shared.replay.plan import Plan, Planned
from shared.replay.query import Summary

MAX_FIELDS = 50
MAX_HEADERS = 50
"""Of a letter that is shown: an event has fewer, and a hostile record may have thousands."""


class MarkView(BaseModel):
    """What somebody did about a letter."""

    at: dt.datetime
    by: str = Field(examples=["asha"])
    times: int = Field(description="How often it was replayed.", examples=[1])


class LetterView(BaseModel):
    """A dead letter, without what is in it."""

    id: str = Field(
        description="`<partition>-<offset>`, or `outbox-<row>` where the log has refused it.",
        examples=["0-17"],
    )
    state: State
    consumer: str | None = Field(description="Who could not handle it.", examples=["moderation"])
    reason: str = Field(examples=["domain_error"])
    error: str | None = Field(examples=["ValueError: The handler raised."])
    origin: str | None = Field(
        description="Where it stood: topic, partition, offset.", examples=["gateway.inbound.v1/3/4711"]
    )
    at: dt.datetime | None = Field(description="When it was set aside.")
    attempts: int = Field(examples=[1])
    version: str | None = Field(description="The release that set it aside.", examples=["0.1.0"])
    type: str | None = Field(examples=["message.received"])
    event_id: str | None = Field(examples=["5f0c0f0a-8f5e-5d0e-9c57-0d9bb1f5b1c4"])
    correlation_id: str | None = Field(examples=["5f0c0f0a-8f5e-5d0e-9c57-0d9bb1f5b1c4"])
    key: str = Field(examples=["c_0123456789abcdef0123"])
    size: int = Field(description="In bytes.", examples=[842])
    mark: MarkView | None = Field(description="What was done about it.")


class SummaryView(BaseModel):
    """How many letters there are, by what they say."""

    total: int = Field(examples=[3])
    reasons: dict[str, int] = Field(examples=[{"domain_error": 3}])
    consumers: dict[str, int] = Field(examples=[{"moderation": 3}])
    types: dict[str, int] = Field(examples=[{"message.received": 3}])


class LetterPage(BaseModel):
    """Some letters, where to go on, and how many there are of what."""

    service: str = Field(examples=["moderation"])
    letters: list[LetterView]
    next: str | None = Field(description="Pass it as `after` to get the next page; null on the last one.")
    summary: SummaryView = Field(description="Of all pages.")


class BodyView(BaseModel):
    """What is in a letter; its content only where it was asked for."""

    size: int = Field(description="In bytes.")
    fields: list[str] | None = Field(description="The names of its fields; null where it is no JSON object.")
    content: str | None = Field(None, description="What it is, as text. Private, and only where asked for.")


class LetterDetail(LetterView):
    """A dead letter with its headers."""

    headers: dict[str, str]
    body: BodyView


class EmitView(BaseModel):
    """What would be published."""

    id: str | None = Field(examples=["6f1e9a52-2b1c-5a57-9a41-0d9bb1f5b1c4"])
    type: str | None = Field(examples=["message.send"])
    topic: str = Field(examples=[OUTBOUND.name])
    key: str = Field(examples=["c_0123456789abcdef0123"])
    text: str | None = Field(None, description="Of a message.send, where it was asked for.")


class PlannedView(BaseModel):
    """What would become of one letter."""

    id: str = Field(examples=["0-17"])
    consumer: str | None
    outcome: str = Field(
        description="applied, duplicate, skipped, retried:<tier>, dead_lettered:<reason>, would_act, "
        "would_publish, no_consumer or gone.",
        examples=["applied"],
    )
    emits: list[EmitView]


class PlanView(BaseModel):
    """What a replay would come to."""

    service: str = Field(examples=["moderation"])
    letters: list[PlannedView]
    outcomes: dict[str, int] = Field(examples=[{"applied": 3}])
    more: bool = Field(description="Whether there are letters that the plan leaves out.")


class ReportView(BaseModel):
    """What was done."""

    service: str = Field(examples=["moderation"])
    done: int = Field(examples=[3])
    failed: dict[str, str] = Field(
        description="By letter: changed (somebody was faster), gone (no longer kept) or no_consumer.",
        examples=[{"0-18": "changed"}],
    )
    more: bool = Field(description="Whether there are letters left that the limit kept out.")
    last_not_before: dt.datetime | None = Field(
        description="Before when the last one is not handled, where a rate was given."
    )


def letter_view(letter: Letter) -> LetterView:
    """Return the view of `letter`."""
    return LetterView(**_fields(letter))


def page_view(service: str, found: Found) -> LetterPage:
    """Return the view of a page."""
    return LetterPage(
        service=service,
        letters=[letter_view(each) for each in found.letters],
        next=found.letters[-1].id if found.more and found.letters else None,
        summary=summary_view(found.summary),
    )


def summary_view(summary: Summary) -> SummaryView:
    """Return the view of `summary`, the most frequent first."""
    return SummaryView(
        total=summary.total,
        reasons=dict(summary.reasons.most_common()),
        consumers=dict(summary.consumers.most_common()),
        types=dict(summary.types.most_common()),
    )


def detail_view(opened: Opened, *, body: bool) -> LetterDetail:
    """Return the view of a letter with its headers, and with its content where `body` asks for it."""
    return LetterDetail(
        **_fields(opened.letter),
        headers=headers_of(opened.record),
        body=body_view(opened.record.value, body=body),
    )


def headers_of(record: Record) -> dict[str, str]:
    """Return the headers of `record` as text, in order of their names."""
    names = sorted(record.headers)[:MAX_HEADERS]
    return {printable(name.encode("utf-8", "replace")): printable(record.headers[name]) for name in names}


def body_view(value: bytes, *, body: bool) -> BodyView:
    """Return the size and the field names of `value`, and itself where `body` asks for it."""
    try:
        read = orjson.loads(value)
    except orjson.JSONDecodeError:
        read = None
    names = sorted(read)[:MAX_FIELDS] if isinstance(read, dict) else None
    fields = None if names is None else [printable(name.encode("utf-8", "replace")) for name in names]
    # As it was read, to the last digit: what cannot be decoded is often just not what it seems.
    content = value.decode("utf-8", "backslashreplace") if body else None
    return BodyView(size=len(value), fields=fields, content=content)


def plan_view(service: str, plan: Plan, *, body: bool, more: bool) -> PlanView:
    """Return the view of `plan`, with the texts of messages where `body` asks for them."""
    return PlanView(
        service=service,
        letters=[_planned(each, body=body) for each in plan.letters],
        outcomes=dict(plan.outcomes.most_common()),
        more=plan.more or more,
    )


def report_view(service: str, report: Report, *, more: bool) -> ReportView:
    """Return the view of `report`."""
    return ReportView(
        service=service,
        done=len(report.done),
        failed=report.failed,
        more=more,
        last_not_before=report.last,
    )


def emit_view(record: NewRecord, *, body: bool) -> EmitView:
    """Return the view of what would be published."""
    kind = _header(record, "ce_type")
    return EmitView(
        id=_header(record, "ce_id"),
        type=kind,
        topic=record.topic,
        key=printable(record.key),
        text=_text_of(record.value) if body and kind == MessageSend.TYPE else None,
    )


def _planned(planned: Planned, *, body: bool) -> PlannedView:
    return PlannedView(
        id=planned.letter.id,
        consumer=planned.letter.consumer,
        outcome=planned.outcome,
        emits=[emit_view(each, body=body) for each in planned.emits],
    )


def _fields(letter: Letter) -> dict[str, Any]:
    mark = letter.mark
    return {
        "id": letter.id,
        "state": letter.state,
        "consumer": letter.consumer,
        "reason": letter.reason,
        "error": letter.error,
        "origin": None if letter.origin is None else str(letter.origin),
        "at": letter.at,
        "attempts": letter.attempts,
        "version": letter.version,
        "type": letter.type,
        "event_id": letter.event_id,
        "correlation_id": letter.correlation_id,
        "key": letter.key,
        "size": letter.size,
        "mark": None if mark is None else MarkView(at=mark.at, by=mark.by, times=mark.times),
    }


def _header(record: NewRecord, name: str) -> str | None:
    value = record.headers.get(name)
    return printable(value) if value else None


def _text_of(value: bytes) -> str | None:
    try:
        return escaped_lines(MessageSend.model_validate_json(value).text)
    except ValueError:
        return None


def escaped_lines(text: str) -> str:
    """Return `text` safe for a terminal, with its own lines."""
    return "\n".join(map(escaped, text.split("\n")))
