"""Guest experts: they are invited, say yes or no, and say themselves what may be shown of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from services.events.domain.calling import NO, YES
from services.events.domain.facts import emit, of_webinar
from services.events.domain.naming import Named, named
from services.events.domain.replying import answer, of, reply
from services.events.domain.scene import Scene
from services.events.domain.speaker import Consent, Invitation, Invited, Shown, Speaker
from services.events.domain.webinar import Webinar
from shared.commands import Command, says_only
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived, SendClass
from shared.contracts.webinars import SpeakerConfirmed, SpeakerDeclined
from shared.decision import Decision, Parameter, Phrase, Say
from shared.errors import Conflict, NotFound

MOST: Final = 32
"""Speakers of one session."""

NEWS_VALID_FOR: Final = dt.timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a speaker's record says of them."""

    name: str
    bio: str = ""
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    photo: str | None = None
    member_id: str | None = None


def decide(
    scene: Scene, command: Command, event: Envelope[MessageReceived], now: dt.datetime
) -> Decision[Scene]:
    """`!वक्ता 12` shows who speaks; `!वक्ता हाँ 12` and `!वक्ता नहीं 12` answer an invitation."""
    words = command.words
    accepted = next((yes for word in words for yes in (True, False) if _says(word, yes=yes)), None)
    rest = " ".join(word for word in words if accepted is None or not _says(word, yes=accepted))
    meant = named(
        scene, rest, lambda each: each.ahead and (accepted is None or _own(scene, each) is not None)
    )
    if isinstance(meant, Phrase):
        return answer(scene, event, meant, "speaker_unclear")
    if accepted is None:
        return _shown(scene, meant, event)
    speaker = _own(scene, meant.webinar)
    if speaker is None:
        return answer(scene, event, Phrase("speaker.not_invited", of(meant.webinar)), "speaker_refused")
    if not meant.webinar.ahead:
        return answer(scene, event, Phrase("registration.over", of(meant.webinar)), "speaker_refused")
    done = decide_invitation_answered(scene, meant.webinar, speaker, now, accepted=accepted)
    said = Phrase("speaker.confirmed" if accepted else "speaker.declined", of(meant.webinar))
    return replace(done, say=(reply(scene, event, said), *done.say))


def decide_invited(scene: Scene, webinar: Webinar, speaker: Speaker, now: dt.datetime) -> Decision[Scene]:
    """Invite a speaker to a session; who is in a chat of ours reads of it alone. Nobody is asked twice.

    Raises:
        Conflict: the session is over, has speakers enough, or is of another community.
    """
    if not webinar.ahead:
        raise Conflict("The session is over.")
    if speaker.scope != webinar.scope:
        raise Conflict("This speaker is of another community.")
    known = speaker.invitation(webinar.webinar_id)
    if known is not None and known.state is not Invited.DECLINED:
        return Decision(scene, note="speaker_repeated")
    if len(webinar.speakers) + len(webinar.invited) >= MOST:
        raise Conflict(f"A session has {MOST} speakers at most.")
    invited = speaker.with_invitation(Invitation(webinar.webinar_id, webinar.starts_at, now))
    webinar = replace(webinar, invited=(*webinar.invited, speaker.speaker_id))
    say = (
        ()
        if speaker.member_id is None
        else (_to(webinar, speaker.member_id, "speaker.invited", of(webinar)),)
    )
    return Decision(_with(scene, invited).with_webinar(webinar), say=say, note="speaker_invited")


def decide_invitation_answered(
    scene: Scene, webinar: Webinar, speaker: Speaker, now: dt.datetime, *, accepted: bool
) -> Decision[Scene]:
    """Take a speaker's yes or no; who said yes may still say no, and the host hears of either.

    Raises:
        NotFound: they were not invited.
        Conflict: the session is over.
    """
    invitation = speaker.invitation(webinar.webinar_id)
    if invitation is None:
        raise NotFound("This speaker was not invited to the session.")
    if not webinar.ahead:
        raise Conflict("The session is over.")
    state = Invited.CONFIRMED if accepted else Invited.DECLINED
    if invitation.state is state:
        return Decision(scene, note="speaker_repeated")
    others = tuple(each for each in webinar.speakers if each != speaker.speaker_id)
    changed = replace(
        webinar,
        invited=tuple(each for each in webinar.invited if each != speaker.speaker_id),
        speakers=(*others, speaker.speaker_id)[:MOST] if accepted else others,
    )
    answered = speaker.with_invitation(replace(invitation, state=state, at=now, starts_at=webinar.starts_at))
    about = of_webinar(webinar) | {"speaker_id": speaker.speaker_id}
    fact = (
        SpeakerConfirmed(**about, confirmed_at=now) if accepted else SpeakerDeclined(**about, declined_at=now)
    )
    key = "speaker.host_confirmed" if accepted else "speaker.host_declined"
    params = of(webinar, name=speaker.name)
    return Decision(
        _with(scene, answered).with_webinar(changed),
        emit=(emit(webinar, fact),),
        say=() if webinar.host is None else (_to(webinar, webinar.host, key, params),),
        note="speaker_confirmed" if accepted else "speaker_declined",
    )


def decide_profile(
    speaker: Speaker | None, speaker_id: str, scope: str, profile: Profile, now: dt.datetime
) -> Decision[Speaker | None]:
    """Keep what is known of a speaker; another name or picture needs their consent again."""
    if speaker is None:
        speaker = Speaker(speaker_id, scope, profile.name, now, now)
    changed = replace(
        speaker,
        name=profile.name,
        bio=profile.bio,
        topics=profile.topics,
        languages=profile.languages,
        photo=profile.photo,
        member_id=profile.member_id,
        named=speaker.named if profile.name == speaker.name else _withdrawn(speaker.named, now),
        pictured=speaker.pictured if profile.photo == speaker.photo else _withdrawn(speaker.pictured, now),
    )
    if changed == speaker and speaker.created_at != now:
        return Decision(speaker)
    return Decision(replace(changed, changed_at=now), note="speaker_saved")


def decide_consent(
    speaker: Speaker | None, what: Shown, now: dt.datetime, *, given: bool
) -> Decision[Speaker | None]:
    """Note that a speaker agrees to be shown by name or with their picture, or no longer does.

    Raises:
        NotFound: there is no such speaker.
    """
    if speaker is None:
        raise NotFound("There is no such speaker.")
    before = speaker.named if what is Shown.NAME else speaker.pictured
    if before.holds is given:
        return Decision(speaker)
    after = Consent(now) if given else _withdrawn(before, now)
    changed = (
        replace(speaker, named=after, changed_at=now)
        if what is Shown.NAME
        else replace(speaker, pictured=after, changed_at=now)
    )
    return Decision(changed, note="speaker_consented" if given else "speaker_withdrew")


def _shown(scene: Scene, meant: Named, event: Envelope[MessageReceived]) -> Decision[Scene]:
    webinar = meant.webinar
    known = (scene.speakers.get(each) for each in webinar.speakers)
    lines = tuple(_line(each) for each in known if each is not None)
    if not lines:
        return answer(scene, event, Phrase("speaker.none", of(webinar)), "speakers_shown")
    return answer(scene, event, Phrase("speaker.list", of(webinar, lines=lines)), "speakers_shown")


def _line(speaker: Speaker) -> Phrase:
    about = ", ".join(speaker.topics) or speaker.public_bio[:100]
    params: dict[str, Parameter] = {"name": speaker.public_name, "rating": speaker.rating.phrase}
    return (
        Phrase("speaker.line_about", params | {"about": about}) if about else Phrase("speaker.line", params)
    )


def _own(scene: Scene, webinar: Webinar) -> Speaker | None:
    """Return the record of who acts among those that were asked for a session."""
    known = (scene.speakers.get(each) for each in (*webinar.invited, *webinar.speakers))
    return next((each for each in known if each is not None and each.member_id in scene.member.ids), None)


def _says(word: str, *, yes: bool) -> bool:
    return says_only(word, YES if yes else NO)


def _withdrawn(consent: Consent, now: dt.datetime) -> Consent:
    return replace(consent, withdrawn_at=now) if consent.holds else consent


def _to(webinar: Webinar, member_id: str, key: str, params: dict[str, Parameter]) -> Say:
    return Say(
        webinar.chat_id,
        Phrase(key, params),
        webinar.language,
        send_class=SendClass.REMINDER,
        valid_for=NEWS_VALID_FOR,
        privately_to=member_id,
    )


def _with(scene: Scene, speaker: Speaker) -> Scene:
    return replace(scene, speakers={**scene.speakers, speaker.speaker_id: speaker})
