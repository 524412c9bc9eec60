"""Shows members what they have, and who has done most."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.rewards.domain.account import Account
from services.rewards.domain.badges import next_level
from services.rewards.domain.board import COUNTED, SHOWN, Board, Place, board_key, period_named
from services.rewards.domain.periods import ALL, day_of, week_of
from services.rewards.domain.replying import answer, reply
from services.rewards.domain.scene import Scene
from services.rewards.domain.standing import standing_key
from services.rewards.domain.streaks import streak
from services.rewards.domain.wording import Mentions, listed
from shared.chats import DEFAULT_ZONE
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Instead, Phrase

MOST_SCOPES: Final = 5
"""Communities of a member that one answer is about."""

OFF: Final = frozenset({"बंद", "band", "off", "नहीं", "nahin", "no"})


def decide_points(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Tell a member their points, their place and what makes the next badge."""
    del command, now
    at, private = event.data.sent_at, scene.member.private
    if not scene.chat.direct:
        phrase = _points(scene, scene.scope, scene.zone, at)
        said = reply(scene, event, phrase, private=private)
        if private:
            said = replace(said, instead=Instead(Phrase("points.in_private"), scene.chat.spoken))
        return Decision(scene, say=(said,), note="points_shown")
    scopes = sorted(scene.member.scopes)[:MOST_SCOPES]
    if not scopes:
        return answer(scene, event, Phrase("points.none"), "points_shown")
    told = [_points(scene, each, DEFAULT_ZONE, at) for each in scopes]
    if len(told) > 1:
        told = [
            Phrase("points.of", {"where": _name(one), "points": each})
            for one, each in zip(scopes, told, strict=True)
        ]
    return answer(scene, event, Phrase("list.lines", {"lines": tuple(told)}), "points_shown")


def decide_board(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Show who has the most points of a period."""
    del now
    if scene.chat.direct:
        return answer(scene, event, Phrase("ask.in_group"), "board_refused")
    word = command.words[0] if command.words else ""
    kind, period = period_named(word, event.data.sent_at, scene.zone)
    key = board_key(scene.scope, period)
    board = scene.boards.get(key) or Board(key)
    if not board.lines:
        return answer(scene, event, Phrase("board.empty"), "board_shown")
    mentions = Mentions()
    lines = tuple(
        Phrase(
            "board.line", {"place": each.place, "who": mentions.who(each.member_id), "points": each.points}
        )
        for each in board.lines[:SHOWN]
    )
    phrase = Phrase("board.shown", {"title": Phrase(f"board.{kind}"), "lines": lines})
    said = reply(scene, event, phrase, mentions=tuple(mentions.members))
    return Decision(scene, say=(said,), note="board_shown")


def decide_private(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Keep a member's name off every board and announcement, or let it be there again."""
    del now
    private = not (command.words and command.words[0].casefold() in OFF)
    member = replace(scene.member, private=private)
    phrase = Phrase("private.on" if private else "private.off")
    said = replace(
        reply(scene, event, phrase, private=True),
        instead=None if scene.chat.direct else Instead(Phrase("private.done"), scene.chat.spoken),
    )
    return Decision(replace(scene, member=member), say=(said,), note=phrase.key.replace(".", "_"))


def _points(scene: Scene, scope: str, zone: str, at: dt.datetime) -> Phrase:
    week, member = week_of(day_of(at, zone)), scene.member.now
    account = scene.account(member, scope)
    if not account.counts and not account.total:
        return Phrase("points.none")
    lines = [
        Phrase(
            "points.told",
            {
                "week": _amount(
                    account.weeks.get(week, 0), scene.places.get(standing_key(scope, week, member))
                ),
                "total": _amount(account.total, scene.places.get(standing_key(scope, ALL, member))),
            },
        )
    ]
    if (weeks := streak(account.weeks, week)) > 1:
        lines.append(Phrase("points.streak", {"weeks": weeks}))
    if account.badges:
        lines.append(Phrase("points.badges", {"badges": listed(_badges(account))}))
    lines.append(_next(account))
    return Phrase("list.lines", {"lines": tuple(lines)})


def _amount(points: int, place: Place | None) -> Phrase:
    if place is None or place.place is None:
        return Phrase("amount.bare", {"points": points})
    if place.place > COUNTED:
        return Phrase("amount.beyond", {"points": points, "place": COUNTED})
    return Phrase("amount.placed", {"points": points, "place": place.place})


def _badges(account: Account) -> list[Phrase]:
    return [
        Phrase("badge.held", {"badge": badge_name(name), "level": level})
        for name, level in sorted(account.badges.items(), key=lambda each: (-each[1], each[0]))
    ]


def badge_name(name: str) -> Phrase:
    """Return what a badge is for, in words."""
    if name.startswith("topic:"):
        return Phrase("badge.topic", {"topic": name.removeprefix("topic:")})
    return Phrase(f"badge.{name}")


def _next(account: Account) -> Phrase:
    """Return what earns something next: the badge that is nearest, or how anybody begins."""
    near = [
        (more, name)
        for name, count in account.counts.items()
        if (more := next_level(name, count)) is not None
    ]
    if not near:
        return Phrase("points.next")
    more, name = min(near)
    return Phrase("points.next_badge", {"n": more, "badge": badge_name(name)})


def _name(scope: str) -> str:
    """Return what a community is called; a chat without one has no name here."""
    kind, _, name = scope.partition(":")
    return name if kind == "community" else "—"
