"""What a group is told of a strategy: that something is tried, and in one line what came of it."""

from __future__ import annotations

import datetime as dt
from typing import Final
from zoneinfo import ZoneInfo

from services.feedback.domain.effects.effect import Side
from services.feedback.domain.effects.verdict import Reason, Verdict
from services.feedback.domain.strategies.metrics import METRICS
from services.feedback.domain.strategies.registered import Registered
from shared.contracts.gateway import SendClass
from shared.decision import Parameter, Phrase, Say

HEARD_FOR: Final = dt.timedelta(days=7)
_TENTHS_UP_TO: Final = 100


def registered_word(registered: Registered) -> Say:
    """Return the word to the group that a change is tried, and by what it will be seen whether it helps."""
    return _say(registered, Phrase("strategy.registered", _of(registered, day=_noon(registered))))


def outcome_word(registered: Registered, verdict: Verdict) -> Say:
    """Return the line on what came of it, with what makes it doubtful."""
    effect = verdict.effect
    lines: list[Phrase] = [
        Phrase(
            "strategy.outcome",
            _of(
                registered,
                outcome=Phrase(f"outcome.{verdict.outcome}"),
                before=_side(registered, effect.before),
                after=_side(registered, effect.after),
            ),
        )
    ]
    if effect.interval is not None and effect.difference is not None:
        shown = {
            "difference": _signed(registered, effect.difference),
            "low": _signed(registered, effect.interval.low),
            "high": _signed(registered, effect.interval.high),
        }
        lines.append(Phrase("strategy.difference", shown))
    lines += [Phrase("strategy.clash", {"mark": each.mark}) for each in verdict.clashes]
    lines += [
        Phrase(f"strategy.doubt.{reason}")
        for reason in verdict.reasons
        if reason not in {Reason.CLASH, Reason.RUNNING}
    ]
    return _say(registered, Phrase("strategy.told", {"lines": tuple(lines)}))


def written(registered: Registered, value: float) -> str:
    """Return a value of a strategy's metric as people read it."""
    if METRICS[registered.metric].percent:
        return f"{round(100 * value)}%"
    return f"{value:.0f}" if abs(value) >= _TENTHS_UP_TO else f"{value:.1f}"


def _noon(registered: Registered) -> dt.datetime:
    day = dt.date.fromisoformat(registered.last_day)
    return dt.datetime.combine(day, dt.time(12), ZoneInfo(registered.zone))


def _side(registered: Registered, side: Side) -> Phrase:
    if side.value is None:
        return Phrase("strategy.no_value")
    return Phrase("strategy.value", {"value": written(registered, side.value), "n": side.n})


def _signed(registered: Registered, value: float) -> str:
    """Return a difference with its sign; of per cent, in points."""
    plain = written(registered, abs(value)).removesuffix("%")
    return plain if not plain.strip("0.") else f"{'−' if value < 0 else '+'}{plain}"


def _of(registered: Registered, **more: Parameter) -> dict[str, Parameter]:
    return {
        "mark": registered.strategy.mark,
        "change": registered.change,
        "metric": Phrase(f"metric.{registered.metric}"),
        **more,
    }


def _say(registered: Registered, phrase: Phrase) -> Say:
    return Say(
        registered.chat_id,
        phrase,
        registered.language,
        send_class=SendClass.DIGEST,
        valid_for=HEARD_FOR,
    )
