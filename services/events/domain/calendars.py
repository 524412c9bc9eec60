"""`!कैलेंडर`: where the sessions of a community are seen, and a member's own calendar to follow."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

from services.events.domain.codes import Codes
from services.events.domain.facts import community_of
from services.events.domain.replying import answer, reply
from services.events.domain.scene import Scene
from shared.commands import Command
from shared.contracts.envelope import Envelope
from shared.contracts.gateway import MessageReceived
from shared.decision import Decision, Phrase


def decide(
    scene: Scene,
    command: Command,
    event: Envelope[MessageReceived],
    now: dt.datetime,
    *,
    codes: Codes,
    public_url: str,
) -> Decision[Scene]:
    """Tell the chat where the community's page is, and who asks alone where their own calendar is."""
    del command, now
    base = public_url.rstrip("/")
    own = f"{base}/feeds/{codes.feed(scene.member.now)}.ics"
    private = reply(scene, event, Phrase("calendar.own", {"link": own}), private=True)
    community = community_of(scene.chat.scope)
    if scene.direct:
        return Decision(scene, say=(private,), note="calendar_shown")
    if community is None:
        return answer(scene, event, Phrase("calendar.none"), "calendar_none")
    page = f"{base}/calendar/{quote(community)}"
    told = reply(scene, event, Phrase("calendar.page", {"link": page}))
    return Decision(scene, say=(told, private), note="calendar_shown")
