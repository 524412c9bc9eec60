"""How fast messages are judged: by the judge alone on one core, and by the whole service with its store."""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

import services.moderation
from services.moderation import weights as kept
from services.moderation.consumer import subscription
from services.moderation.domain.detectors.contract import Detector
from services.moderation.domain.detectors.shipped import shipped
from services.moderation.domain.judging.context import Context, Trace
from services.moderation.domain.judging.hearing import trace_of
from services.moderation.domain.judging.judge import LEARNED, judge
from services.moderation.domain.judging.learned import Weights, features
from services.moderation.domain.judging.message import Message
from services.moderation.domain.listening import Listener
from services.moderation.domain.policy.document import DEFAULT
from services.moderation.domain.room import RECENT
from services.moderation.domain.signals import read
from services.moderation.domain.text import normalise
from services.moderation.store import MIGRATIONS
from shared.contracts.envelope import originate
from shared.contracts.gateway import ChatKind, MessageKind, MessageReceived
from shared.ids import deterministic_id, random_id
from shared.log.record import NewRecord
from shared.store.client import Database
from shared.stream.rows import to_record
from shared.stream.runtime import Runtime
from shared.stream.subscription import Subscription
from tests.perf.through import per_second
from tests.support.moderation_stores import stores_in

MESSAGES: Final = 10_000
WARM_UP: Final = 2_000
CHATS: Final = 20
MEMBERS: Final = 200
BEGAN: Final = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
BATCHES_APART: Final = dt.timedelta(minutes=1)
"""How long a batch takes to come together in the groups: ten messages of each chat within a minute."""

_SITE = ("hamara school ka blog", "mera portfolio", "bakery ki site", "दुकान की वेबसाइट", "my travel blog")
_WHAT = ("title tag", "meta description", "sitemap", "robots.txt", "alt text", "schema", "internal links")
_WHEN = ("आज", "कल शाम", "Monday tak", "इस हफ्ते", "by Friday", "do din mein")

_FINE: Final = (
    "{site} के लिए {what} कितना लंबा होना चाहिए? मैंने {number} अक्षर रखे हैं, पर Google पूरा नहीं दिखाता।",
    "Bhai {what} check kar liya kya? {site} par {number} pages index ho gaye, baaki {when} dekhte hain.",
    "I changed the {what} of {site} last week and impressions went from {number} to {more}. Is that normal?",
    "{when} वाला homework: {site} का {what} ठीक करके screenshot भेजना है। {number} नंबर का काम है।",
    "Good morning everyone 🙏 {when} ka session {number} baje hai, notes group mein daal diye hain.",
    "धन्यवाद सर, {what} अब समझ आ गया। {site} पर लगा दिया है, {number} में से {more} errors चले गए।",
    "Sir mujhe {what} samajh nahi aaya, {number} baar try kiya. Kya aap {when} ek baar phir bata sakte hain?",
    "Search Console says {number} pages are not indexed on {site}. Should I fix the {what} first?",
    "https://developers.google.com/search/docs/{number} yahan {what} ka poora example hai, {when} padh lena.",
    "कल मुझे फोन आया कि {number} रुपये भेजो तो काम मिलेगा, यह धोखा है न? सब लोग बचकर रहना।",
    "ok {number}",
    "जी सर 👍 {when}",
    (
        "{site}: keyword research ki sheet bana li, {number} keywords hain, volume {more} se upar wale pehle "
        "lenge. Competitor ke {what} bhi note kiye hain. {when} review karke bataiye ki kaunse pages pehle "
        "likhne chahiye, aur kya purane articles ko update karna behtar rahega ya naye likhna."
    ),
)
_FOUL: Final = (
    "घर बैठे रोज ₹{number} कमाओ, रजिस्ट्रेशन ₹499, Telegram पर आओ t.me/kamai_{number}",
    "Join my channel for free tips https://chat.whatsapp.com/AbCdEf{number}GhIjKlMnOpQr",
    "You are an idiot, {number} baar bataya, samajh nahi aata kya bewakoof",
)
FOUL_SHARE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Loading:
    """The learned weights, how large they are, and how long it takes to read them."""

    weights: Weights
    mebibytes: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Judging:
    """What judging one message takes, as medians in milliseconds."""

    cheap: float
    """Normal form and every check but the learned ones."""
    model: float
    """Signals and both learned heads, on a text that is normalised."""
    whole: float


def texts(seed: int = 1) -> Iterator[str]:
    """Yield what a busy group of learners writes in three languages, with a little of what it should not."""
    chance = random.Random(seed)  # noqa: S311 - the same messages every time
    while True:
        pattern = chance.choice(_FOUL if chance.random() < FOUL_SHARE else _FINE)
        yield pattern.format(
            site=chance.choice(_SITE),
            what=chance.choice(_WHAT),
            when=chance.choice(_WHEN),
            number=chance.randrange(10, 5000),
            more=chance.randrange(5000, 9000),
        )


def measure_loading(path: Path = kept.FILE) -> Loading:
    """Read the learned weights.

    Raises:
        RuntimeError: there are none, or they are of no use.
    """
    began = time.perf_counter()
    found = kept.load(path)
    seconds = time.perf_counter() - began
    match found:
        case Weights():
            return Loading(found, path.stat().st_size / 2**20, seconds)
        case _:
            raise RuntimeError(f"The learned weights are {found.reason}.")


def measure_judge(weights: Weights, messages: int = 3_000) -> Judging:
    """Return how long one core takes to judge a message of a busy group."""
    everything = shipped(weights)
    cheap = {name: each for name, each in everything.items() if name not in LEARNED}
    heads = tuple(weights.heads.values())
    spans: dict[str, list[float]] = {"cheap": [], "model": [], "whole": []}
    recent: tuple[Trace, ...] = ()
    for number, text in zip(range(messages), texts(), strict=False):
        context = Context(now=BEGAN, recent=recent)
        _judged(spans["cheap"], number, text, context, cheap)
        message = _judged(spans["whole"], number, text, context, everything)
        normal = normalise(text)
        began = time.perf_counter()
        seen = features(read(normal))
        for head in heads:
            head.probability(seen)
        spans["model"].append(time.perf_counter() - began)
        recent = (*recent, trace_of(message, BEGAN))[-RECENT:]
    # The first ones fill caches that a process fills once.
    return Judging(**{name: statistics.median(each[messages // 10 :]) * 1000 for name, each in spans.items()})


def _judged(
    spans: list[float], number: int, text: str, context: Context, detectors: dict[str, Detector]
) -> Message:
    began = time.perf_counter()
    message = Message(str(number), "c_1", f"m_{number % MEMBERS}", MessageKind.TEXT, normalise(text), BEGAN)
    judge(message, context, DEFAULT, detectors)
    spans.append(time.perf_counter() - began)
    return message


class GroupClock:
    """A clock that goes as the groups' messages come, however fast the bench handles them."""

    def __init__(self) -> None:
        self._rounds = count()

    def now(self) -> dt.datetime:
        """Return the next time somebody asks at."""
        return BEGAN + next(self._rounds) * BATCHES_APART


async def measure_service(mongo_url: str, weights: Weights | None) -> float:
    """Return the messages per second that moderation judges and stores.

    Raises:
        RuntimeError: messages were lost, or judged twice.
    """

    async def table(place: Database, runtime: Runtime) -> Subscription:
        del runtime
        return subscription(stores_in(place), Listener(shipped(weights)))

    return await per_second(
        mongo_url,
        services.moderation,
        table,
        _records(WARM_UP + MESSAGES),
        migrations=MIGRATIONS,
        clock=GroupClock(),
        warm_up=WARM_UP,
        handled=lambda place: place["history"].count_documents({}),
    )


def _records(messages: int) -> list[NewRecord]:
    chance = random.Random(2)  # noqa: S311 - the same messages every time
    chats = [random_id("c") for _ in range(CHATS)]
    members = [random_id("m") for _ in range(MEMBERS)]
    records = []
    for number, text in zip(range(messages), texts(), strict=False):
        message_id = deterministic_id("bench", str(number))
        data = MessageReceived(
            chat_id=chats[number % CHATS],
            chat_kind=ChatKind.GROUP,
            message_id=message_id,
            member_id=chance.choice(members),
            sent_at=BEGAN,
            kind=MessageKind.TEXT,
            text=text,
        )
        records.append(
            to_record(originate(data, event_id=message_id, source="/bench", key=data.chat_id, time=BEGAN))
        )
    return records
