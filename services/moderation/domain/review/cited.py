"""The case that a command names, and where in a scene the member it is about stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, TypeAlias, cast

from services.moderation.domain.cases.case import Case, case_id
from services.moderation.domain.cases.naming import case_numbers
from services.moderation.domain.members.standing import Person, Standing
from services.moderation.domain.scene import Scene

Place: TypeAlias = Literal["standing", "other_standing"]


def named(scene: Scene, args: str) -> Case | None:
    """Return the first case that `args` names, None where it names none that exists.

    In a chat of a community a number means that community's case. Who writes directly means a case of any
    community they stand in, and one of their own before another's.
    """
    for number in case_numbers(args):
        here = scene.cases.get(case_id(scene.room.scope, number))
        found = [each for each in scene.cases.values() if each is not None and each.number == number]
        found.sort(key=lambda each: (each is not here, not is_about(each, scene.person), each.scope))
        if found:
            return found[0]
    return None


def is_about(case: Case, person: Person | None) -> bool:
    """Whether `person` is whom the case is about, under whichever of their ids."""
    return person is not None and case.member_id in {person.member_id, person.now}


def place_of(scene: Scene, case: Case) -> Place | None:
    """Return where in the scene the standing of the case's member is, None where it was not loaded."""
    places: tuple[tuple[Place, Person | None, Standing | None], ...] = (
        ("standing", scene.person, scene.standing),
        ("other_standing", scene.other, scene.other_standing),
    )
    for place, person, standing in places:
        if standing is not None and standing.scope == case.scope and is_about(case, person):
            return place
    return None


def standing_of(scene: Scene, case: Case) -> Standing:
    """Return how the case's member stands.

    Raises:
        LookupError: the scene was not loaded around this case.
    """
    standing = getattr(scene, place_of(scene, case) or "", None)
    if standing is None:
        raise LookupError("The scene does not hold the standing of the case's member.")
    return cast("Standing", standing)


def with_standing(scene: Scene, case: Case, standing: Standing) -> Scene:
    """Return the scene with another standing of the case's member."""
    if standing is standing_of(scene, case):
        return scene
    if place_of(scene, case) == "standing":
        return replace(scene, standing=standing)
    return replace(scene, other_standing=standing)


def with_case(scene: Scene, case: Case) -> Scene:
    """Return the scene with `case` as it is now, wherever the scene holds it."""
    if case.case_id in scene.siblings and case.case_id not in scene.cases:
        siblings: Mapping[str, Case | None] = {**scene.siblings, case.case_id: case}
        return replace(scene, siblings=siblings)
    return replace(scene, cases={**scene.cases, case.case_id: case})
