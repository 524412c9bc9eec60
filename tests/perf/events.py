"""How fast times are read."""

from __future__ import annotations

import datetime as dt
import statistics
import time
from typing import Final

from services.events.domain.timing import read_time
from shared.clock import DEFAULT_ZONE

ROUNDS: Final = 200
NOW: Final = dt.datetime(2026, 11, 23, 10, 0, tzinfo=DEFAULT_ZONE)
PHRASES: Final = (
    "SEO वेबिनार कल शाम साढ़े सात बजे",
    "परसों सवा छह बजे शाम, ब्लॉग की पहली कमाई के अनुभव",
    "डेढ़ घंटे का WordPress वर्कशॉप, 25 नवंबर दोपहर ढाई बजे",
    "आज रात 9 बजे सवाल-जवाब",
    "next Tue 7pm keyword research for beginners",
    "Live site audit on Nov 25th, 2026 at 7:30 PM (IST), 90 min",
    "session with our guest from London, 25/11/2026 19:30 Europe/London",
    "kal shaam 7:30 baje canva se poster banana",
    "is shanivar subah 10 baje se 11:30 baje tak mock interview",
    "mangal ko shaam 7 baje content calendar kaise banaye",
    "डेढ़ बजे",
    "2 घंटे बाद अचानक वाली क्लास",
    "May the best blog win: results and feedback for everybody, one on one",
    "मंगलवार, 24 नवंबर 2026, शाम 7:30 बजे (IST)",
)


def time_parser_seconds() -> float:
    """Return the median time in seconds to read the time in one line that announces a session."""
    spans: list[float] = []
    for _ in range(ROUNDS):
        for phrase in PHRASES:
            began = time.perf_counter()
            read_time(phrase, NOW, DEFAULT_ZONE)
            spans.append(time.perf_counter() - began)
    return statistics.median(spans)
