"""A small world to begin with: two groups, people from all over India, and a conversation to read."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.simulator.domain.changes import Changes
from services.simulator.domain.messages import Kind, Message, Status
from services.simulator.domain.people import BOT, Group, Member
from services.simulator.domain.world import World

# Well-formed, and plainly made up.
SUNITA = "919999900001"
RAVI = "919999900002"
MEENA = "919999900003"
GURPREET = "919999900004"
LAKSHMI = "919999900005"
FATIMA = "919999900006"
ARJUN = "919999900007"
TENZIN = "919999900008"

MEMBERS = (
    Member(SUNITA, "Sunita Sharma"),
    Member(RAVI, "रवि कुमार"),
    Member(MEENA, "Meena Patel"),
    Member(GURPREET, "Gurpreet Singh"),
    Member(LAKSHMI, "Lakshmi Nair"),
    Member(FATIMA, "Fatima Shaikh"),
    Member(ARJUN, "অর্জুন দাস · Arjun"),
    Member(TENZIN, "Tenzin Dolma"),
)

SETTLED = dt.timedelta(days=30)
"""How long a group was there before anything in it is shown: its people are no newcomers any more."""


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the past."""

    ago: dt.timedelta
    author: str
    text: str
    answers: int | None = None
    """Which earlier line it quotes."""
    reactions: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    """It is a poll with these."""
    votes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def ago(hours: float) -> dt.timedelta:
    """Return how long ago that is."""
    return dt.timedelta(hours=hours)


SEO = (
    Said(
        ago(26.2),
        SUNITA,
        "नमस्ते सबको 🙏 यह ग्रुप SEO सीखने और उससे कमाई शुरू करने के लिए है।\n"
        "*रविवार 7 बजे* वेबिनार होगा, विषय: _keyword research, बिना पैसे वाले tools से_",
        reactions={RAVI: "🙏", MEENA: "👍", LAKSHMI: "👍", FATIMA: "❤️"},
    ),
    Said(ago(26.0), RAVI, "नमस्ते दीदी। मैं गया से हूँ, BA कर रहा हूँ। Blog बनाया है पर Google में दिखता ही नहीं 😅"),
    Said(ago(25.8), GURPREET, "Search Console add kiya hai? Pehle sitemap submit karo, phir 2–3 din wait", 1),
    Said(ago(25.7), RAVI, "अभी किया! Status में ~error~ “Success” आ गया 🎉", 2, {GURPREET: "🎉", SUNITA: "👏"}),
    Said(
        ago(4.4),
        LAKSHMI,
        "Quick question: for a local tailoring shop in Kochi, should the title be in English or Malayalam?",
    ),
    Said(
        ago(4.1),
        MEENA,
        "Dono! Title English mein, description Malayalam mein. Maine Surat ki ek shop ke liye yahi kiya tha, "
        "calls double ho gaye",
        4,
        {LAKSHMI: "❤️", ARJUN: "👍"},
    ),
    Said(ago(3.9), ARJUN, "Title ka format: ```Tailoring in Kochi | Shop name```"),
    Said(
        ago(1.3),
        FATIMA,
        "आज पहला client मिला! ₹1,500 में on-page audit। जो template यहाँ मिला था वही भेजा 🥹",
        reactions={SUNITA: "🎉", RAVI: "🎉", MEENA: "❤️", GURPREET: "👏", LAKSHMI: "❤️", ARJUN: "🎉"},
    ),
    Said(ago(1.2), SUNITA, "बहुत बढ़िया फ़ातिमा! रविवार को 5 मिनट में सबको बताओगी?", 7),
    Said(ago(1.1), FATIMA, "ज़रूर 😊"),
)

FREELANCING = (
    Said(ago(30.0), TENZIN, "Hi all 👋 Tenzin from Gangtok. I do logo design, ₹800 per logo. Too low?"),
    Said(
        ago(29.6),
        MEENA,
        "Hours likho na pehle. 6 ghante lage toh ₹133/hour hua, bahut kam hai",
        0,
        {TENZIN: "😮"},
    ),
    Said(
        ago(29.5),
        GURPREET,
        "Ek simple formula: *(mahine ka kharcha + 30%) ÷ billable hours*",
        1,
        {TENZIN: "🙏", RAVI: "👍"},
    ),
    Said(ago(7.2), RAVI, "किसी ने UPI से international payment लिया है? Client Nepal से है"),
    Said(ago(6.9), TENZIN, "For Nepal I use a bank transfer, takes a day. Ask for 50% advance", 3),
)


def demo_world(world: World, now: dt.datetime) -> Changes:
    """Fill an empty `world` and return what to write down; nobody outside is told."""
    changes = Changes()
    for member in MEMBERS:
        changes.add(world.enter(member))
    seo = (SUNITA, RAVI, MEENA, GURPREET, LAKSHMI, FATIMA, ARJUN)
    motto = "हर हफ़्ते एक हुनर, हर महीने एक कमाई।"
    changes.add(group_with(world, now, "SEO सीखें, कमाएँ", motto, members=seo, lines=SEO))
    friends = (MEENA, RAVI, GURPREET, TENZIN, SUNITA)
    about = "Rates, clients, payments."
    changes.add(group_with(world, now, "Freelancing अड्डा", about, members=friends, lines=FREELANCING))
    return changes


def group_with(
    world: World,
    now: dt.datetime,
    subject: str,
    description: str,
    *,
    members: Sequence[str],
    lines: Sequence[Said],
    waha: bool = False,
) -> Changes:
    """Create a group whose first member is its admin, and what was said in it.

    Args:
        world: where.
        now: when; everything is so long before it as it says.
        subject: what the group is called.
        description: what it is about.
        members: phones of people who are there.
        lines: what was said, oldest first.
        waha: whether it is a group of the number that WAHA drives, which is an admin there.
    """
    new = world.new_group_id(len(world.groups).to_bytes(8), waha=waha)
    created = now - lines[0].ago - SETTLED
    admins = frozenset([*members[:1], BOT] if waha else members[:1])
    group = Group(new, subject, created, "", description, tuple(members), admins)
    ids = [_id(world, new, place, each.author) for place, each in enumerate(lines, start=1)]
    changes = world.found_group(group, _id(world, new, 0, BOT), request_id=None, announce=True)
    for own, line in zip(ids, lines, strict=True):
        others = [each for each in (*members, BOT) if each != line.author]
        asked = {"name": line.text, "options": list(line.options), "multipleAnswers": True}
        message = Message(
            id=own,
            chat=new,
            seq=world.next_serial(),
            author=line.author,
            at=now - line.ago,
            kind=Kind.OTHER if line.options else Kind.TEXT,
            text=line.text,
            type="poll" if line.options else "text",
            reply_to=None if line.answers is None else ids[line.answers],
            receipts=dict.fromkeys(others, Status.READ),
            reactions=line.reactions,
            history=True,
            payload={"poll": asked} if line.options else {},
            votes=line.votes,
        )
        changes.add(world.recall(message))
    return changes


def _id(world: World, chat: str, place: int, author: str) -> str:
    nonce = hashlib.sha256(f"{chat} {place}".encode()).digest()[:9]
    return world.dialect(chat).message_id(chat, world.members.get(author), nonce)
