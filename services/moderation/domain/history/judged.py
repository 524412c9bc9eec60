"""A message as it was judged: what an edit is compared with, a report refers to and a backtest runs over."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from services.moderation.domain.judging.context import Trace, Trust
from services.moderation.domain.judging.verdict import Intent, Script


@dataclass(frozen=True, slots=True)
class Hit:
    """One reason of a verdict, without the text."""

    rule: str
    check: str
    code: str
    shadow: bool
    intent: Intent


@dataclass(frozen=True, slots=True)
class Judged:
    """One judgement, with all that a candidate policy needs to judge again exactly as then."""

    message_id: str
    """The message's id, for how it reads now; earlier judgements of an edited one are under `<id>#<edit>`."""
    chat_id: str
    scope: str
    member_id: str
    seq: int
    """Its place in the chat's history."""
    at: dt.datetime
    """When it was judged."""
    sent_at: dt.datetime
    kind: str
    text: str
    script: Script
    trust: Trust
    restricted: bool
    raid: bool
    prompt_open: bool
    trace: Trace
    offers: tuple[Trace, ...]
    """Earlier offers that say the same, as far apart as a policy can allow; none where it offers nothing."""
    policy_scope: str
    policy_version: int
    intent: Intent
    hits: tuple[Hit, ...]
    exempt: str | None = None
    forwarded: bool = False
    often_forwarded: bool = False
    reply_to: str | None = None
    attachment_sha256: str | None = None
    mentions: int = 0
    case: str | None = None
    """The id of the case it led to."""
    edits: int = 0
    """How often it was judged again."""
    edited_at: dt.datetime | None = None
    """When its author wrote what `text` holds, where that is not what they sent at first."""
    revoked: bool = False
