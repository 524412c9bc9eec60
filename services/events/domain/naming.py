"""Which session a command means: the one it names by its number, or the only one it can mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from services.events.domain.scene import Scene
from services.events.domain.webinar import Webinar
from shared.decision import Phrase

_LEADING = re.compile(r"#?0*([1-9]\d{0,8})(?!\d)\s*")


@dataclass(frozen=True, slots=True)
class Named:
    """A session, and what was said beside its number."""

    webinar: Webinar
    rest: str


def named(
    scene: Scene, args: str, fits: Callable[[Webinar], bool] = lambda webinar: webinar.ahead
) -> Named | Phrase:
    """Return the session that a command means, or what to say where it means none.

    Args:
        scene: where it was given.
        args: what follows the command's name.
        fits: which sessions are meant by a command that names none; it means one if only one fits.
    """
    text = args.strip()
    if found := _LEADING.match(text):
        number = int(found[1])
        webinar = scene.found(number)
        if webinar is None:
            return Phrase("webinar.unknown", {"number": number})
        return Named(webinar, text[found.end() :])
    meant = [each for each in near(scene) if fits(each)]
    return Named(meant[0], text) if len(meant) == 1 else Phrase("session.which")


def near(scene: Scene) -> tuple[Webinar, ...]:
    """Return the sessions of the chat's scope; in a direct chat, of all scopes its member was seen in."""
    scopes = scene.member.scopes if scene.direct else frozenset({scene.chat.scope})
    return tuple(each for each in scene.webinars.values() if each is not None and each.scope in scopes)


def runs(scene: Scene, webinar: Webinar) -> bool:
    """Whether who acts runs a session: its host anywhere, the admins in its own community."""
    return webinar.host in scene.member.ids or (scene.admin and webinar.scope == scene.chat.scope)
