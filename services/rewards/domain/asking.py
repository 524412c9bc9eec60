"""What a REST client has made is made once, however often it asks under the same key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from services.rewards.domain.community import Made
from services.rewards.domain.numbering import item_id
from services.rewards.domain.scene import Scene
from shared.decision import Decision
from shared.errors import Conflict, NotFound

KEPT: Final = 200
"""Requests of a community that are known again: the latest."""


class Wanted(Protocol):
    """A request; see `shared.asked`."""

    @property
    def id(self) -> str:
        """By which the same one is known."""
        ...

    @property
    def digest(self) -> str:
        """Of what is asked for."""
        ...


def make_once(scene: Scene, wanted: Wanted, make: Callable[[Scene], Decision[Scene]]) -> Decision[Scene]:
    """Return what `make` decides, or to do nothing where the same request has made something before.

    Args:
        scene: around the chat.
        wanted: the request.
        make: makes a contest or a prize under the community's next number.

    Raises:
        NotFound: nothing was ever heard of the chat.
        Conflict: another request had the same key.
    """
    if not scene.chat.known or scene.chat.direct:
        raise NotFound("There is no such group.")
    before = scene.community.made.get(wanted.id)
    if before is not None:
        if before.digest != wanted.digest:
            raise Conflict("Another request had this Idempotency-Key.")
        return Decision(scene, note="request_repeated")
    new = Made(item_id(scene.scope, scene.community.next_number), wanted.digest)
    done = make(scene)
    made = dict([*done.state.community.made.items(), (wanted.id, new)][-KEPT:])
    community = replace(done.state.community, made=made)
    return replace(done, state=replace(done.state, community=community))
