"""Which prize a number means."""

from __future__ import annotations

from services.rewards.domain.prizes.prize import Prize, State
from services.rewards.domain.scene import Scene


def known(scene: Scene) -> tuple[Prize, ...]:
    """Return the prizes that may be meant here: in a direct chat, of all communities of who writes."""
    scopes = scene.member.scopes if scene.chat.direct else {scene.scope}
    found = (each for each in scene.prizes.values() if each is not None and each.scope in scopes)
    return tuple(sorted(found, key=lambda each: (each.number, each.scope)))


def on_list(scene: Scene) -> tuple[Prize, ...]:
    """Return the prizes of the public list: what is still to come first, then the latest."""
    homes = (scene.community, *scene.homes.values())
    names = frozenset[str]().union(*(each.prizes for each in homes))
    found = [each for each in known(scene) if each.prize_id in names]
    newest = sorted(found, key=lambda each: (each.changed_at, each.number), reverse=True)
    return tuple(sorted(newest, key=lambda each: each.state is not State.PROMISED))


def numbered(scene: Scene, number: int | None, *, mine: bool = False) -> Prize | None:
    """Return the prize of that number; `mine`: of those that were promised to who writes."""
    fits = [each for each in known(scene) if each.number == number]
    if mine:
        fits = [each for each in fits if scene.person(each.member_id).now == scene.member.now]
    return fits[0] if len(fits) == 1 else None
