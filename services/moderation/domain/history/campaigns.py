"""Offers that go from chat to chat, and the warning that a group gets of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

from services.moderation.domain.cases.case import Case
from services.moderation.domain.cases.telling import VALID_FOR, stays
from services.moderation.domain.judging.context import Trace
from services.moderation.domain.judging.hearing import OFFERS_FOR
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Intent, Verdict
from services.moderation.domain.replying import language_of
from services.moderation.domain.scene import Scene
from services.moderation.domain.text import EntityKind
from services.moderation.domain.text.fingerprint import distance
from shared.contracts.gateway import SendClass
from shared.contracts.moderation import CampaignDetected
from shared.decision import Emit, Phrase, Say

KEPT = 300
"""How many offers of a community are remembered."""

WITHIN = dt.timedelta(hours=1)
"""What comes again within this is one campaign, and a group is warned of it once."""

CHATS, MEMBERS = 3, 3
"""From how many chats or members on the same offer is a campaign."""

APART = 3
"""Bits in which two 63-bit fingerprints of the same text may differ; Manku et al., WWW 2007."""

TELLING = 20
"""Characters from which on two equal masked texts say that one is a copy of the other."""

_CONTACTS = frozenset({EntityKind.LINK, EntityKind.INVITE, EntityKind.PHONE, EntityKind.UPI, EntityKind.MAIL})
_OFFERING = frozenset({Category.SCAM, Category.SPAM})


def is_offer(message: Message, verdict: Verdict) -> bool:
    """Whether a message is like an offer: it leads out of the group, or some check has taken it for one."""
    leads_out = any(each.kind in _CONTACTS for each in message.normal.entities)
    return leads_out or any(each.finding.category in _OFFERING for each in verdict.reasons)


def remember(scene: Scene, trace: Trace, now: dt.datetime) -> tuple[Scene, tuple[Emit, ...]]:
    """Return the scene in which an offer is known to the community, and the fact where it is a campaign now.

    A campaign is told once, for as long as it goes on.
    """
    community = scene.community
    offers = [each for each in community.offers if now - each.at < OFFERS_FOR]
    offers = [*(each for each in offers if each.message_id != trace.message_id), trace][-KEPT:]
    scene = replace(scene, community=replace(community, offers=tuple(offers)))
    same = [each for each in offers if now - each.at <= WITHIN and alike(each, trace)]
    chats, members = {each.chat_id for each in same}, {each.member_id for each in same}
    fingerprint = name_of(scene, trace)
    if not fingerprint or (len(chats) < CHATS and len(members) < MEMBERS):
        return scene, ()
    again = _told(scene, fingerprint, now, OFFERS_FOR)
    scene = _tell(scene, fingerprint, now)
    if again:
        return scene, ()
    fact = CampaignDetected(
        chat_id=trace.chat_id,
        community=scene.room.community,
        fingerprint=fingerprint[:64],
        members=len(members),
        chats=len(chats),
        detected_at=now,
    )
    return scene, (Emit(fact, trace.chat_id),)


def alert(scene: Scene, case: Case, trace: Trace, now: dt.datetime) -> tuple[Scene, tuple[Say, ...]]:
    """Return the warning of a scam to a chat: once in an hour for what is the same scam."""
    key = f"{case.chat_id}|{name_of(scene, trace)}"
    if _told(scene, key, now, WITHIN):
        return scene, ()
    say = Say(
        case.chat_id,
        Phrase("scam.alert", {"case": case.name}),
        language_of(scene.room, scene.policy),
        send_class=SendClass.SAFETY,
        valid_for=VALID_FOR,
        reply_to=case.message_id if stays(case) else None,
    )
    return _tell(scene, key, now), (say,)


def is_scam(verdict: Verdict) -> bool:
    """Whether a message goes because it is a scam."""
    decisive = verdict.decisive
    return (
        decisive is not None
        and decisive.finding.category is Category.SCAM
        and verdict.intent in {Intent.HOLD, Intent.REMOVE}
    )


def name_of(scene: Scene, trace: Trace) -> str:
    """Return what a campaign is called: by the first of its messages that is still remembered."""
    first = next((each for each in scene.community.offers if alike(each, trace)), trace)
    return first.exact or (f"{first.near:016x}" if first.near else "")


def alike(one: Trace, other: Trace) -> bool:
    """Whether two messages say the same, links and numbers aside."""
    if one.exact and one.exact == other.exact:
        # With its links masked, a bare link is the same as any other.
        return one.length >= TELLING
    return bool(one.near and other.near) and distance(one.near, other.near) <= APART


def _told(scene: Scene, key: str, now: dt.datetime, within: dt.timedelta) -> bool:
    at = scene.community.alerted.get(key)
    return at is not None and now - at < within


def _tell(scene: Scene, key: str, now: dt.datetime) -> Scene:
    kept: Mapping[str, dt.datetime] = {
        name: at for name, at in scene.community.alerted.items() if now - at < OFFERS_FOR
    }
    return replace(scene, community=replace(scene.community, alerted={**kept, key: now}))
