"""Messages as they were judged, for what comes later: reports, edits, backtests."""

from __future__ import annotations

from services.moderation.domain.history.judged import Judged
from services.moderation.domain.judging.context import Trace, Trust
from services.moderation.domain.judging.verdict import Intent, Script
from tests.support.events import chat_id, member_id, message_id
from tests.support.moderation import NOW


def judged(number: int, *, by: int = 1, scope: str = "community:seekho") -> Judged:
    """Return message `number` of member `by`, found fine."""
    name = message_id(number)
    return Judged(
        message_id=name,
        chat_id=chat_id(0),
        scope=scope,
        member_id=member_id(by),
        seq=number,
        at=NOW,
        sent_at=NOW,
        kind="text",
        text=f"बुरी बात {number}",
        script=Script.DEVANAGARI,
        trust=Trust.MEMBER,
        restricted=False,
        raid=False,
        prompt_open=False,
        trace=Trace(name, chat_id(0), member_id(by), NOW, "", 0, 10),
        offers=(),
        policy_scope=scope,
        policy_version=5,
        intent=Intent.ALLOW,
        hits=(),
    )
