"""How much reports weigh, and who only ever reports together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.moderation.domain.cases.case import Case
from services.moderation.domain.judging.context import Trust
from services.moderation.domain.members.standing import Reported, Standing
from services.moderation.domain.policy.document import Policy
from services.moderation.domain.room import Report
from services.moderation.domain.scene import Scene

LAST = 5
"""Who has been wrong this often in a row weighs nothing until one of their reports is upheld."""

KEPT = 20
"""How many outcomes are kept, so that taking some back leaves enough to go by."""

REMEMBERED = 200
"""How many unconfirmed reports of a community are looked through for people who always report together."""

TOGETHER_TIMES = 3
TOGETHER_SHARE = 0.8
"""From how many common reports on, and from what share of all that either has reported, two count as one."""

_WEIGHTS: Mapping[Trust, float] = {
    Trust.NEW: 0.0,
    Trust.MEMBER: 0.5,
    Trust.TRUSTED: 1.0,
    Trust.EXPERT: 1.0,
    Trust.ADMIN: 1.0,
}
"""A newcomer's report is looked at like any other, but cannot help to hide a message: accounts are cheap."""


def discredited(standing: Standing) -> bool:
    """Whether each of the member's last reports was rejected."""
    last = standing.reports[-LAST:]
    return len(last) == LAST and not any(each.upheld for each in last)


def weight(standing: Standing, policy: Policy, now: dt.datetime, *, admin: bool) -> float:
    """Return what a report of the member weighs, from 0 to 1."""
    return 0.0 if discredited(standing) else _WEIGHTS[standing.trust(policy, now, admin=admin)]


def joint(weights: Mapping[str, float], case: str, reported: Sequence[Report]) -> float:
    """Return what the reporters of `case` weigh together.

    People who always report the same things are one voice, which weighs as much as its heaviest: otherwise
    three accounts of one person, or three friends, could hide whatever they dislike. Reports that somebody
    has confirmed prove no such thing and are not among `reported`.
    """
    before = {
        member: frozenset(each.case for each in reported if each.member_id == member and each.case != case)
        for member in weights
    }
    voices: list[list[str]] = []
    for member in weights:
        same = [voice for voice in voices if any(_together(before[member], before[each]) for each in voice)]
        # Somebody may tie together two that were apart until now.
        voices = [voice for voice in voices if voice not in same]
        voices.append([member, *(each for voice in same for each in voice)])
    return sum(max(weights[member] for member in voice) for voice in voices)


def judged_right(standing: Standing, case: str, *, upheld: bool | None) -> Standing:
    """Return the standing of a reporter after the case was decided; None takes what was noted back."""
    others = tuple(each for each in standing.reports if each.case != case)
    noted = () if upheld is None else (Reported(case, upheld),)
    return replace(standing, reports=(*others, *noted)[-KEPT:])


def _together(one: frozenset[str], other: frozenset[str]) -> bool:
    common = len(one & other)
    return common >= TOGETHER_TIMES and common >= TOGETHER_SHARE * len(one | other)


def with_outcome(scene: Scene, case: Case, *, upheld: bool | None) -> Scene:
    """Return the scene with what came of a reported case noted for everybody who reported it.

    A report that was right is no sign of a conspiracy, so it is not looked at any more for people who always
    report together.
    """
    if not scene.reporters:
        return scene
    reporters = {
        key: judged_right(each, case.case_id, upheld=upheld) for key, each in scene.reporters.items()
    }
    scene = replace(scene, reporters=reporters)
    left = tuple(each for each in scene.community.reported if each.case != case.case_id)
    if not upheld or left == scene.community.reported:
        return scene
    return replace(scene, community=replace(scene.community, reported=left))
