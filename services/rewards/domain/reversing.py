"""An admin takes back what was got by fraud, or gives it back; the ledger says who, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

from services.rewards.domain.booking import Occasion, book
from services.rewards.domain.scene import Scene
from services.rewards.domain.week import Claim, Week
from shared.decision import Decision

MOST: Final = 200
"""Claims of one request."""
BY_HAND: Final = "by_hand:"
"""Before the id of the request, as what holds against a claim."""


def reverse(scene: Scene, claims: Collection[str], occasion: Occasion) -> Decision[Scene]:
    """Return the decision by which these claims earn nothing."""
    cause = f"{BY_HAND}{occasion.event_id}"

    def change(claim: Claim) -> Claim:
        held = {each for each in claim.void - claim.lifted if each.startswith(BY_HAND)}
        return claim if held else replace(claim, void=claim.void | {cause})

    return book(scene, _changed(scene, claims, change), occasion, "claims_reversed")


def restore(scene: Scene, claims: Collection[str], occasion: Occasion) -> Decision[Scene]:
    """Return the decision by which what was taken back by hand of these claims is given again."""

    def change(claim: Claim) -> Claim:
        held = {each for each in claim.void if each.startswith(BY_HAND)}
        return replace(claim, lifted=claim.lifted | held)

    return book(scene, _changed(scene, claims, change), occasion, "claims_restored")


def _changed(scene: Scene, claims: Collection[str], change: Callable[[Claim], Claim]) -> list[Week]:
    return [
        replace(
            week,
            claims={name: change(each) if name in claims else each for name, each in week.claims.items()},
        )
        for week in scene.weeks.values()
    ]
