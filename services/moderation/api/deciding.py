"""Decisions about a case at a REST client's request: each once, whatever becomes of the answer on its way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

from services.moderation import measures
from services.moderation.domain.cases.case import Case
from services.moderation.domain.scene import Scene
from services.moderation.domain.subjects import CaseSubject
from shared.asked import Asked
from shared.decision import Decision
from shared.errors import Conflict, NotFound
from shared.stream.desk import Desk

Decide: TypeAlias = Callable[[Scene, Case, dt.datetime], Decision[Scene]]
Reviewers: TypeAlias = Callable[[], frozenset[str]]
"""Says which API keys may decide about cases."""


def seen(case: Case, wanted: Asked) -> bool:
    """Whether the request has done its work already: what it did is in the audit.

    Raises:
        Conflict: another request about this case had the same key.
    """
    before = next((each.asked for each in case.audit if each.asked and each.asked.id == wanted.id), None)
    if before is not None and before != wanted:
        raise Conflict("Another request had this Idempotency-Key.")
    return before is not None


async def decided(desk: Desk[Scene], case_id: str, decide: Decide, wanted: Asked | None = None) -> Case:
    """Return the case after `decide`, or as it is where the request has been here before.

    Raises:
        NotFound: there is no such case.
        Conflict: another request about this case had the same key.
        Rejected: whatever `decide` raises.
        StoreUnavailable: the database does not answer.
    """
    earlier: list[bool] = []

    def once(scene: Scene, now: dt.datetime) -> Decision[Scene]:
        case = scene.cases.get(case_id)
        if case is None:
            raise NotFound("There is no such case.")
        earlier[:] = [wanted is not None and seen(case, wanted)]
        return Decision(scene) if earlier[0] else decide(scene, case, now)

    scene = await desk.decide(CaseSubject(case_id), once)
    case = scene.cases[case_id]
    if case is None:
        raise NotFound("There is no such case.")
    if wanted is not None and not earlier[0]:
        measures.ruled(case)
    return case
