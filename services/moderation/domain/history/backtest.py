"""Judges history again under another policy, and says what would have been different. It changes nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from services.moderation.domain.cases.act import people_who_decided
from services.moderation.domain.cases.case import Case, CaseState
from services.moderation.domain.cases.holding import held_back
from services.moderation.domain.history.interval import Rate, rate
from services.moderation.domain.history.judged import Hit, Judged
from services.moderation.domain.judging.context import Context, Trace
from services.moderation.domain.judging.hearing import LOOKED_BACK, after
from services.moderation.domain.judging.judge import Detectors, judge
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Intent, Script, Verdict
from services.moderation.domain.policy.document import Policy
from services.moderation.domain.room import RECENT
from services.moderation.domain.text import normalise
from shared.contracts.gateway import MessageKind

SAMPLES = 20
"""How many messages on which the two differ are shown."""

PolicyOf = Callable[[Judged], Policy]
"""Under which policy a row is to be judged: always the candidate, or what was in force then."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A message that the candidate would treat differently."""

    message_id: str
    chat_id: str
    at: dt.datetime
    text: str
    script: Script
    was: Intent
    would: Intent
    hits: tuple[Hit, ...]
    case: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a candidate would have done."""

    judged: int
    would_hit: int
    """Messages with more than a friendly word."""
    did_hit: int
    newly_hit: int
    """Hit by the candidate, and fine as it was."""
    no_longer_hit: int
    changed: int
    """Messages with another intent, or for another rule."""
    per_rule: Mapping[str, int]
    per_script: Mapping[str, int]
    shadow: Mapping[str, int]
    """What rules that are only tried out would have hit, by rule."""
    samples: tuple[Sample, ...]
    precision: Rate
    """Of what it would hit and a person has looked at, how much they found to be wrong indeed."""
    blind: int
    """Messages at the edge of what is kept: what came just before is gone, so floods may be missed."""


def backtest(
    rows: Iterable[Judged],
    policy_of: PolicyOf,
    detectors: Detectors,
    cases: Mapping[str, Case] | None = None,
    since: dt.datetime | None = None,
) -> Report:
    """Return what `policy_of` would have made of `rows`.

    Args:
        rows: judgements, each chat in the order of its history.
        policy_of: the policy to judge by.
        detectors: the checks.
        cases: those that the rows led to, by id, as far as people have decided them.
        since: rows from before are not counted; they only tell what was written before the others.
    """
    run = Backtest(policy_of, detectors, cases or {}, since)
    for row in rows:
        run.add(row)
    return run.report()


class Backtest:
    """A backtest in slices: rows are added, and the report can be had at any time."""

    def __init__(
        self,
        policy_of: PolicyOf,
        detectors: Detectors,
        cases: Mapping[str, Case],
        since: dt.datetime | None = None,
    ) -> None:
        self._policy_of = policy_of
        self._detectors = detectors
        self._cases = cases
        self._since = since
        self._recent: dict[str, tuple[Trace, ...]] = {}
        self._count: Counter[str] = Counter()
        self._rules: Counter[str] = Counter()
        self._scripts: Counter[str] = Counter()
        self._shadow: Counter[str] = Counter()
        self._samples: deque[Sample] = deque(maxlen=SAMPLES)
        self._right = self._wrong = 0

    def add(self, row: Judged) -> None:
        """Judge one row again; rows of a chat come in the order of its history."""
        traces = self._recent.get(row.chat_id, ())
        others = tuple(each for each in traces if each.message_id != row.trace.message_id)
        if self._since is None or row.at >= self._since:
            self._count["blind"] += row.seq > len(traces) + 1 and len(traces) < RECENT
            self._compare(row, judged_again(row, others, self._policy_of(row), self._detectors))
        self._recent[row.chat_id] = (*others, row.trace)[-RECENT:]

    def report(self) -> Report:
        """Return what has been found so far."""
        count = self._count
        return Report(
            judged=count["judged"],
            would_hit=count["would"],
            did_hit=count["did"],
            newly_hit=count["newly"],
            no_longer_hit=count["gone"],
            changed=count["changed"],
            per_rule=dict(self._rules),
            per_script=dict(self._scripts),
            shadow=dict(self._shadow),
            samples=tuple(self._samples),
            precision=rate(self._right, self._right + self._wrong),
            blind=count["blind"],
        )

    def _compare(self, row: Judged, verdict: Verdict) -> None:
        would, did = _is_hit(verdict.intent), _is_hit(row.intent)
        hits = hits_of(verdict)
        self._count.update(judged=1, would=would, did=did, newly=would and not did, gone=did and not would)
        for rule in {each.rule for each in hits if each.shadow}:
            self._shadow[rule] += 1
        if would:
            self._rules[hits[0].rule] += 1
            self._scripts[verdict.script.value] += 1
            self._weigh(row)
        if (verdict.intent, hits) != (row.intent, row.hits):
            self._count["changed"] += 1
            # Of too many, the newest are kept: people still remember them.
            self._samples.append(_sample(row, verdict, hits))

    def _weigh(self, row: Judged) -> None:
        case = self._cases.get(row.case) if row.case else None
        right = found_right(case) if case else None
        if right is not None:
            self._right += right
            self._wrong += not right


def judged_again(row: Judged, others: tuple[Trace, ...], policy: Policy, detectors: Detectors) -> Verdict:
    """Return the verdict on a row, given the chat's last messages before it, as it was first come to."""
    context = Context(
        now=row.at,
        trust=row.trust,
        restricted=row.restricted,
        raid=row.raid,
        recent=after(others, row.at - LOOKED_BACK),
        offers=row.offers,
        prompt_open=row.prompt_open,
    )
    message = message_of(row)
    return held_back(judge(message, context, policy, detectors), message, context, policy)


def message_of(row: Judged) -> Message:
    """Return the message of a row as it was judged."""
    return Message(
        message_id=row.trace.message_id,
        chat_id=row.chat_id,
        member_id=row.member_id,
        kind=MessageKind(row.kind),
        normal=normalise(row.text),
        sent_at=row.sent_at,
        forwarded=row.forwarded,
        often_forwarded=row.often_forwarded,
        reply_to=row.reply_to,
        attachment_sha256=row.attachment_sha256,
        mentions=row.mentions,
        edited=row.edited_at is not None,
    )


def hits_of(verdict: Verdict) -> tuple[Hit, ...]:
    """Return the reasons of a verdict as the history keeps them."""
    return tuple(
        Hit(each.rule, each.finding.check, each.finding.code, each.shadow, each.finding.intent)
        for each in verdict.reasons
    )


def found_right(case: Case) -> bool | None:
    """Return whether a person has found the case right; None where nobody has said."""
    if case.state in {CaseState.OVERTURNED, CaseState.DISMISSED}:
        return False
    return True if case.state is CaseState.DECIDED and people_who_decided(case) else None


def _is_hit(intent: Intent) -> bool:
    return intent.rank >= Intent.REVIEW.rank


def _sample(row: Judged, verdict: Verdict, hits: tuple[Hit, ...]) -> Sample:
    return Sample(
        message_id=row.trace.message_id,
        chat_id=row.chat_id,
        at=row.at,
        text=row.text,
        script=verdict.script,
        was=row.intent,
        would=verdict.intent,
        hits=hits,
        case=row.case,
    )


def candidate(policy: Policy) -> PolicyOf:
    """Return the choice of one policy for every row."""
    return lambda _: policy


def as_it_was(versions: Mapping[str, Policy], default: Policy) -> PolicyOf:
    """Return the choice of the policy each row was judged under, by `<scope>|<version>`."""
    return lambda row: versions.get(f"{row.policy_scope}|{row.policy_version}", default)
