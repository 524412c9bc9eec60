from __future__ import annotations

import base64
import datetime as dt
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from services.events.papers.links import google_feed, google_session, safe, subscription
from services.events.papers.pages import (
    CONTENT_SECURITY_POLICY,
    CalendarPage,
    CertificatePage,
    Session,
    calendar_page,
    certificate_page,
)
from shared.i18n.language import Language

IST = ZoneInfo("Asia/Kolkata")
NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
SESSION = Session(
    number=12,
    title="SEO की शुरुआत",
    starts_at=dt.datetime(2026, 11, 24, 14, tzinfo=dt.UTC),
    minutes=60,
    ics_url="https://example.org/webinars/12.ics",
    speaker="प्रो. मिश्रा",
    series="हर मंगलवार",
    seats_left=14,
)
PAGE = CalendarPage(
    community="SEO सीखें, कमाएँ",
    zone=IST,
    sessions=(SESSION,),
    now=NOW,
    feed_url="https://example.org/calendar/seo.ics?a=1&b=2",
)
CHECK = CertificatePage(
    number="CH-7F3K-92QD",
    name="श्रीकृष्ण द्विवेदी",
    title="SEO की शुरुआत",
    starts_at=SESSION.starts_at,
    zone=IST,
    community="SEO सीखें, कमाएँ",
    issued_at=SESSION.starts_at,
    host="प्रो. मिश्रा",
    minutes=60,
    pdf_url="https://example.org/certificates/CH-7F3K-92QD.pdf",
)
HOSTILE = "<script>alert(1)</script>\x00\u202e\"'><img src=x onerror=alert(1)>{{ 7*7 }}" + "क" * 9000


class Read(HTMLParser):
    """What a browser makes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "path", "rect"} or f"</{tag}>" in self.rawdata:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if not self._open or self._open[-1] not in {"style", "script"}:
            self.text += data

    def links(self) -> list[str]:
        return [each["href"] or "" for tag, each in self.tags if tag == "a"]


def texts(read: Read) -> str:
    return " ".join(read.text.split())


def test_a_calendar_shows_what_is_ahead_by_day():
    later = replace(SESSION, number=13, title="दूसरा", starts_at=SESSION.starts_at + dt.timedelta(hours=3))
    next_day = replace(SESSION, number=14, title="तीसरा", starts_at=SESSION.starts_at + dt.timedelta(hours=5))
    over = replace(SESSION, number=11, title="बीता हुआ", starts_at=NOW - dt.timedelta(hours=1))
    read = Read(calendar_page(replace(PAGE, sessions=(next_day, later, over, SESSION))))

    text = texts(read)
    order = [
        *("कल मंगलवार, 24 नवंबर 2026", "शाम 7:30 बजे IST", "SEO की शुरुआत", "रात 10:30 बजे IST", "दूसरा"),
        *("बुधवार, 25 नवंबर 2026", "12:30", "तीसरा"),
    ]
    assert [text.index(each) for each in order] == sorted(text.index(each) for each in order)
    assert "बीता हुआ" not in text
    assert [tag for tag, _ in read.tags if tag in {"h1", "h2", "h3"}] == [
        "h1",
        "h2",
        "h3",
        "h3",
        "h2",
        "h3",
        "h2",
    ]


def test_a_session_says_how_to_take_part():
    text = texts(Read(calendar_page(PAGE)))

    for words in ("प्रो. मिश्रा", "हर मंगलवार", "14 जगहें बाकी", "!शामिल 12", "60 मिनट"):
        assert words in text
    assert "1 seat left" in calendar_page(
        replace(PAGE, language=Language.EN, sessions=(replace(SESSION, seats_left=1),))
    )
    assert "प्रतीक्षा सूची" in calendar_page(replace(PAGE, sessions=(replace(SESSION, seats_left=0),)))
    assert "बाकी" not in calendar_page(replace(PAGE, sessions=(replace(SESSION, seats_left=None),)))


def test_a_session_goes_into_any_calendar():
    links = Read(calendar_page(PAGE)).links()

    assert "https://example.org/webinars/12.ics" in links
    assert "webcal://example.org/calendar/seo.ics?a=1&b=2" in links
    assert "https://example.org/calendar/seo.ics?a=1&b=2" in links
    assert any("dates=20261124T140000Z%2F20261124T150000Z" in link for link in links)
    assert (
        google_feed("https://e.org/f.ics")
        in Read(calendar_page(replace(PAGE, feed_url="https://e.org/f.ics"))).links()
    )


def test_what_was_called_off_is_shown_as_such_and_offered_to_nobody():
    off = replace(SESSION, cancelled=True, reason="वक्ता अस्वस्थ हैं")
    read = Read(calendar_page(replace(PAGE, sessions=(off,))))

    assert "रद्द" in texts(read)
    assert "वक्ता अस्वस्थ हैं" in texts(read)
    assert "!शामिल" not in texts(read)
    assert "https://example.org/webinars/12.ics" not in read.links()


def test_a_session_that_goes_on_is_live_until_its_end():
    during, after = SESSION.starts_at + dt.timedelta(minutes=59), SESSION.starts_at + dt.timedelta(minutes=60)

    assert "अभी लाइव" in calendar_page(replace(PAGE, now=during))
    assert "अभी कोई सत्र तय नहीं है" in calendar_page(replace(PAGE, now=after))


def test_an_empty_calendar_says_so_and_can_be_followed():
    read = Read(calendar_page(replace(PAGE, sessions=())))

    assert "अभी कोई सत्र तय नहीं है" in texts(read)
    assert "webcal://example.org/calendar/seo.ics?a=1&b=2" in read.links()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.HI, ("आने वाले सत्र", "मंगलवार, 24 नवंबर 2026", "शाम 7:30 बजे IST", "!शामिल 12")),
        (Language.EN, ("Upcoming sessions", "Tuesday, 24 November 2026", "7:30 PM IST", "!join 12")),
        (Language.HI_LATN, ("Aane wale sessions", "Mangalwaar, 24 November 2026", "!shamil 12")),
    ],
)
def test_pages_speak_the_language_asked_for_and_offer_the_others(language, words):
    for page in (
        calendar_page(replace(PAGE, language=language)),
        certificate_page(replace(CHECK, language=language)),
    ):
        read = Read(page)
        assert read.tags[0] == ("html", {"lang": language.value})
        assert {"?lang=hi", "?lang=en", "?lang=hi-Latn"} <= set(read.links())
        current = [each["lang"] for tag, each in read.tags if tag == "a" and "aria-current" in each]
        assert current == [language.value]
    text = texts(Read(calendar_page(replace(PAGE, language=language))))
    assert all(each in text for each in words)


def test_a_visitor_elsewhere_can_be_told_their_own_time():
    (time,) = [each for tag, each in Read(calendar_page(PAGE)).tags if tag == "time"]

    assert (time["datetime"], time["data-offset"]) == ("2026-11-24T14:00:00Z", "330")


def test_b2_10_a_certificate_is_valid_until_it_is_revoked():
    valid = certificate_page(CHECK)
    revoked = certificate_page(
        replace(CHECK, revoked_at=SESSION.starts_at + dt.timedelta(days=2), reason="नाम सुधारा गया")
    )

    text = texts(Read(valid))
    for words in ("वैध", "श्रीकृष्ण द्विवेदी", "SEO की शुरुआत", "मंगलवार, 24 नवंबर 2026", "60 मिनट", CHECK.number):
        assert words in text
    assert "रद्द" not in text
    assert CHECK.pdf_url in Read(valid).links()

    text = texts(Read(revoked))
    for words in ("रद्द", "गुरुवार, 26 नवंबर 2026", "नाम सुधारा गया", "श्रीकृष्ण द्विवेदी"):
        assert words in text
    assert "वैध" not in text
    assert CHECK.pdf_url not in Read(revoked).links()


@pytest.mark.parametrize("number", ["+91 98765 43210", "९८७६५ ४३२१०", "919876543210"])
def test_b2_10_no_page_shows_a_phone_number(number):
    check = certificate_page(replace(CHECK, name=f"Ravi {number}", host=number))
    calendar = calendar_page(replace(PAGE, sessions=(replace(SESSION, speaker=f"Ravi {number}"),)))

    for page in (check, calendar):
        assert number not in page
        assert "Ravi •••" in page


def test_hostile_text_stays_text():
    session = replace(
        SESSION,
        title=HOSTILE,
        speaker=HOSTILE,
        description=HOSTILE,
        series=HOSTILE,
        ics_url="javascript:alert(1)",
    )
    check = replace(
        CHECK,
        name=HOSTILE,
        title=HOSTILE,
        community=HOSTILE,
        host=HOSTILE,
        reason=HOSTILE,
        number=HOSTILE,
    )
    for page in (
        calendar_page(
            replace(PAGE, sessions=(session,), community=HOSTILE, feed_url=HOSTILE, join_url=HOSTILE)
        ),
        certificate_page(replace(check, pdf_url="data:text/html,x")),
        certificate_page(replace(check, revoked_at=NOW)),
    ):
        read = Read(page)
        assert "\x00" not in page
        assert "\u202e" not in page
        assert [tag for tag, _ in read.tags].count("script") <= 1
        assert "img" not in [tag for tag, _ in read.tags]
        assert not any(name.startswith("on") or name == "style" for _, each in read.tags for name in each)
        assert all(link.startswith(("https://", "?lang=")) for link in read.links())
        assert len(page) < 40_000


def test_the_policy_lets_exactly_the_style_and_script_of_the_pages_run():
    page = calendar_page(PAGE)
    for tag in ("style", "script"):
        (inside,) = re.findall(rf"<{tag}[^>]*>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")
    assert "unsafe" not in CONTENT_SECURITY_POLICY


def test_pages_fetch_nothing():
    for page in (calendar_page(PAGE), certificate_page(CHECK)):
        fetching = [
            each for tag, each in Read(page).tags if "src" in each or tag in {"link", "iframe", "img"}
        ]
        assert fetching == []
        assert "url(" not in page


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        " java\nscript:x",
        "data:text/html,x",
        "//evil",
        "https://",
        "http://[",
        "https://a b",
    ],
)
def test_only_addresses_are_linked_to(url):
    assert safe(url) == ""
    assert subscription(url) == ""


def test_an_address_keeps_what_it_asks():
    assert safe(" https://e.org/a?b=c&d=%20#e ") == "https://e.org/a?b=c&d=%20#e"
    assert "text=A+%26+B" in google_session("A & B", SESSION.starts_at, 60, "Asia/Kolkata", "")
