"""What a group hears of its week."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from services.rewards.domain.merit import kinds_of
from services.rewards.domain.result import Result
from services.rewards.domain.rings import Ring
from services.rewards.domain.week import Week
from services.rewards.domain.wording import Mentions, kinds, listed
from shared.chats import Chat
from shared.contracts.gateway import SendClass
from shared.decision import Phrase, Say

HEARD_FOR: Final = dt.timedelta(days=2)
"""A channel that is down for so long keeps the news from nobody."""

MOST_LINES: Final = 5
MOST_RINGS: Final = 4


def announced(result: Result, chat: Chat, card: str) -> Say:
    """Return the news of who the contributors of a week are, in the language of a chat.

    Args:
        result: how the week came out.
        chat: which hears it.
        card: the link to a picture that may be shared.
    """
    mentions = Mentions()
    lines = [_winners(result, mentions) if result.winners else Phrase("week.nobody")]
    if result.winners and result.runners_up:
        lines.append(
            Phrase(
                "week.runners_up",
                {"them": listed([_with_points(each, mentions) for each in result.runners_up])},
            )
        )
    if result.winners and result.rested:
        them = listed([_with_points(each, mentions) for each in result.rested[:MOST_LINES]])
        lines.append(Phrase("week.rested", {"them": them, "weeks": result.rest_weeks}))
    lines += [
        Phrase("week.vetoed", {"who": mentions.who(each.member_id), "why": each.why})
        for each in result.vetoed[:MOST_LINES]
    ]
    if result.nominations:
        voices = Counter(each.member_id for each in result.nominations).most_common(MOST_LINES)
        them = listed([Phrase("week.nominee", {"who": mentions.who(name), "n": n}) for name, n in voices])
        lines.append(Phrase("week.nominated", {"them": them}))
    if result.winners:
        lines.append(Phrase("week.card", {"link": card}))
    return Say(
        chat.chat_id,
        Phrase("week.told", {"lines": tuple(lines)}),
        chat.spoken,
        send_class=SendClass.DIGEST,
        valid_for=HEARD_FOR,
        mentions=tuple(mentions.members),
    )


def reported(rings: Sequence[Ring], chat: Chat) -> Iterator[Say]:
    """Yield what each admin of a chat reads of members who thank mostly each other; nobody else does."""
    for admin in sorted(chat.admins):
        mentions = Mentions()
        lines = tuple(
            Phrase(
                "rings.ring",
                {
                    "them": listed([mentions.who(name) for name in ring.members[:MOST_LINES]]),
                    "thanks": sum(each.thanks for each in ring.edges),
                },
            )
            for ring in rings[:MOST_RINGS]
        )
        yield Say(
            chat.chat_id,
            Phrase("rings.told", {"lines": lines}),
            chat.spoken,
            send_class=SendClass.DIGEST,
            valid_for=HEARD_FOR,
            mentions=tuple(mentions.members),
            privately_to=admin,
        )


def _winners(result: Result, mentions: Mentions) -> Phrase:
    them = [
        Phrase(
            "week.winner",
            {"who": mentions.who(each.member_id), "kinds": kinds(kinds_of(each)), "points": each.points},
        )
        for each in result.winners
    ]
    return Phrase(
        "week.winners", {"them": them[0] if len(them) == 1 else Phrase("list.lines", {"lines": tuple(them)})}
    )


def _with_points(week: Week, mentions: Mentions) -> Phrase:
    return Phrase("week.placed", {"who": mentions.who(week.member_id), "points": week.points})
