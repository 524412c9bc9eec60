"""`!रिकॉर्डिंग 12 https://…`: who had a seat and was not there learns once where a session can be seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from services.events.domain.attending import closes
from services.events.domain.facts import emit, of_webinar
from services.events.domain.links import is_public_link
from services.events.domain.naming import named, runs
from services.events.domain.replying import answer, of, reply
from services.events.domain.roll import Roll, Seat
from services.events.domain.scene import Scene
from services.events.domain.telling import AT_ONCE
from services.events.domain.timers import VALID_FOR
from services.events.domain.webinar import Stage, Webinar
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, SendClass
from shared.contracts.webinars import MAX_TITLE, RecordingAdded, RecordingDue
from shared.decision import Decision, Phrase, Say, Wake
from shared.errors import Conflict, Invalid

NEWS_VALID_FOR: Final = dt.timedelta(days=2)

_SLIDES: Final = frozenset({"स्लाइड", "स्लाइड्स", "slide", "slides"})


def decide(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """Show where a session can be seen; from who runs it, take where that is."""
    meant = named(
        scene,
        command.args,
        lambda each: each.stage is Stage.ENDED and (runs(scene, each) or bool(_seen(each))),
    )
    if isinstance(meant, Phrase):
        return answer(scene, event, meant, "recording_unclear")
    webinar, words = meant.webinar, meant.rest.split()
    if not words:
        lines = _seen(webinar)
        phrase = Phrase("recording.here", of(webinar, lines=lines)) if lines else _none(webinar)
        return answer(scene, event, phrase, "recording_shown")
    if not runs(scene, webinar):
        return answer(scene, event, Phrase("recording.host_only"), "recording_refused")
    if webinar.stage not in {Stage.ENDED, Stage.ARCHIVED}:
        return answer(scene, event, Phrase("recording.not_yet", of(webinar)), "recording_refused")
    slides = any(each.casefold().strip(":") in _SLIDES for each in words)
    links = [each for each in words if is_public_link(each)]
    if len(links) != 1 or len(words) > 1 + slides:
        return answer(scene, event, Phrase("recording.bad_link"), "recording_refused")
    done = decide_added(
        scene, webinar, now, recording=None if slides else links[0], slides=links[0] if slides else None
    )
    return replace(done, say=(reply(scene, event, Phrase("recording.taken", of(webinar))),))


def decide_added(
    scene: Scene,
    webinar: Webinar,
    now: dt.datetime,
    *,
    recording: str | None = None,
    slides: str | None = None,
    again: bool = False,
) -> Decision[Scene]:
    """Keep where a session can be seen, and tell who missed it once nobody can prove that they were there.

    Args:
        scene: with the session.
        webinar: the session.
        now: the time.
        recording: replaces the one before; None leaves it.
        slides: likewise.
        again: whether those who were told of an earlier link are told of this one too.

    Raises:
        Invalid: a link is none that every member can open.
        Conflict: the session has not taken place.
    """
    if webinar.stage not in {Stage.ENDED, Stage.ARCHIVED}:
        raise Conflict("The session has not taken place.")
    if not all(is_public_link(each) for each in (recording, slides) if each is not None):
        raise Invalid("A link is https, and leads to the public web.")
    changed = replace(webinar, recording=recording or webinar.recording, slides=slides or webinar.slides)
    if changed == webinar and not again:
        return Decision(scene, note="recording_repeated")
    changed = replace(changed, announced=changed.announced and not again)
    fact = RecordingAdded(
        **of_webinar(webinar),
        title=webinar.title[:MAX_TITLE],
        recording=changed.recording,
        slides=changed.slides,
        added_at=now,
    )
    telling = changed.recording is not None and not changed.announced
    due = max(now, closes(webinar, scene.terms_of(webinar)))
    wake = Wake(
        f"recording/{webinar.webinar_id}",
        due,
        RecordingDue(**of_webinar(webinar)),
        webinar.chat_id,
        VALID_FOR,
    )
    return Decision(
        scene.with_webinar(changed),
        emit=(emit(webinar, fact),),
        wake=(wake,) if telling else (),
        note="recording_added",
    )


def decide_due(scene: Scene, event: Envelope[RecordingDue], now: dt.datetime) -> Decision[Scene]:
    """Tell the next of those who had a seat and were not there, and go on with the others."""
    del now
    data = event.data
    webinar = scene.webinars.get(data.webinar_id)
    if webinar is None or webinar.recording is None or (webinar.announced and data.after is None):
        return Decision(scene)
    roll = scene.roll(webinar)
    chosen = absent(roll, data.after)
    more = len(chosen) == AT_ONCE
    phrase = Phrase("recording.missed", of(webinar, lines=_seen(webinar)))
    return Decision(
        scene.with_webinar(replace(webinar, announced=True)),
        emit=(emit(webinar, data.model_copy(update={"after": chosen[-1]})),) if more else (),
        say=tuple(
            Say(
                roll.entries[member].chat_id or webinar.chat_id,
                phrase,
                webinar.language,
                send_class=SendClass.DIGEST,
                valid_for=NEWS_VALID_FOR,
                privately_to=member,
            )
            for member in chosen
        ),
        note="recording_told",
    )


def absent(roll: Roll, after: str | None) -> tuple[str, ...]:
    """Return the next people who had a seat and were not there, by their ids, behind who was told last."""
    missed = (
        member
        for member, each in roll.entries.items()
        if each.seat is Seat.CONFIRMED and each.attended_at is None and (after is None or member > after)
    )
    return tuple(sorted(missed)[:AT_ONCE])


def _seen(webinar: Webinar) -> tuple[Phrase, ...]:
    """Return where a session can be seen, one line each."""
    found = (("recording.line", webinar.recording), ("recording.slides_line", webinar.slides))
    return tuple(Phrase(key, {"link": link}) for key, link in found if link is not None)


def _none(webinar: Webinar) -> Phrase:
    return Phrase("recording.not_yet" if webinar.ahead else "recording.none", of(webinar))
