"""Members put somebody forward as contributor of the week, and admins may speak against it, with a reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.rewards.domain.community import Nomination, Veto
from services.rewards.domain.periods import announced_at, day_of, week_after, week_of
from services.rewards.domain.replying import answer, reply
from services.rewards.domain.scene import Scene
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.contracts.rewards import MemberNominated
from shared.decision import Decision, Emit, Phrase

MOST: Final = 100
"""Nominations of a week."""
LONGEST: Final = 200
"""Characters of a reason."""
TAKEN_BACK: Final = frozenset({"बंद", "band", "off", "हटाएँ", "hatayein", "undo"})


def decide_nomination(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Put somebody forward for the week; who has done so before this week now means this one."""
    named, why = _named(scene, event), _reason(command)
    if scene.chat.direct:
        return answer(scene, event, Phrase("ask.in_group"), "nomination_refused")
    if named is None or not why:
        return answer(scene, event, Phrase("nominate.how"), "nomination_refused")
    if named == scene.member.now:
        return answer(scene, event, Phrase("nominate.self"), "nomination_refused")
    week, own = week_of(day_of(event.data.sent_at, scene.zone)), scene.member.now
    others = [each for each in scene.community.nominations.get(week, ()) if each.by != own]
    if len(others) >= MOST:
        return answer(scene, event, Phrase("nominate.enough"), "nomination_refused")
    nominations = {**scene.community.nominations, week: (*others, Nomination(named, own, why))}
    fact = MemberNominated(scope=scene.scope, week=week, member_id=named, nominated_by=own, nominated_at=now)
    return Decision(
        replace(scene, community=replace(scene.community, nominations=nominations)),
        emit=(Emit(fact, scene.scope),),
        say=(reply(scene, event, Phrase("nominate.done"), mentions=(named,)),),
        note="nominated",
    )


def decide_veto(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Keep somebody from being named for the week whose contributors are named next, or take that back."""
    del now
    if scene.chat.direct:
        return answer(scene, event, Phrase("ask.in_group"), "veto_refused")
    if not scene.admin:
        return answer(scene, event, Phrase("ask.admins_only"), "veto_refused")
    named, why = _named(scene, event), _reason(command)
    if named is None or not why:
        return answer(scene, event, Phrase("veto.how"), "veto_refused")
    week = _next_named(scene, event.data.sent_at)
    others = tuple(each for each in scene.community.vetoes.get(week, ()) if each.member_id != named)
    taken_back = why.casefold() in TAKEN_BACK
    vetoes = others if taken_back else (*others, Veto(named, scene.member.now, why))
    community = replace(scene.community, vetoes={**scene.community.vetoes, week: vetoes})
    phrase = Phrase("veto.taken_back" if taken_back else "veto.done", {} if taken_back else {"why": why})
    return Decision(
        replace(scene, community=community),
        say=(reply(scene, event, phrase, mentions=(named,)),),
        note="veto_taken_back" if taken_back else "vetoed",
    )


def _next_named(scene: Scene, at: dt.datetime) -> str:
    """Return the week whose contributors are named next: on Monday morning that is still last week."""
    this = week_of(day_of(at, scene.zone))
    last = week_after(this, -1)
    return last if at < announced_at(last, scene.zone) else this


def _named(scene: Scene, event: Envelope[MessageReceived]) -> str | None:
    """Return the one member whom a command names, as they stand today."""
    mentions = event.data.mentions
    if len(mentions) != 1:
        return None
    person = scene.people.get(mentions[0])
    return person.now if person is not None else mentions[0]


def _reason(command: Command) -> str:
    """Return what a command says beside whom it names."""
    words = [each for each in command.words if not each.startswith("@")]
    return " ".join(words)[:LONGEST]
