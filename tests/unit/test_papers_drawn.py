from __future__ import annotations

import datetime as dt
import re
import zlib
from dataclasses import replace
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from services.events.papers.certificate import Certificate, certificate_pdf
from services.events.papers.poster import Poster, poster_png
from shared.i18n.language import Language

IST = ZoneInfo("Asia/Kolkata")
AT = dt.datetime(2026, 11, 24, 14, tzinfo=dt.UTC)
CERTIFICATE = Certificate(
    number="CH-7F3K-92QD",
    name="श्रीकृष्ण द्विवेदी",
    title="SEO की शुरुआत",
    starts_at=AT,
    zone=IST,
    community="SEO सीखें, कमाएँ",
    issued_at=AT,
    verify_url="https://example.org/certificates/CH-7F3K-92QD",
    host="प्रो. ज्योत्स्ना मिश्रा",
    minutes=60,
)
POSTER = Poster(
    title="SEO की शुरुआत: पहली रैंकिंग तक",
    starts_at=AT,
    zone=IST,
    community="SEO सीखें, कमाएँ",
    join_url="https://example.org/join/12",
    speaker="प्रो. ज्योत्स्ना मिश्रा",
    role="12 साल से सामग्री की दुनिया में",
    minutes=60,
)
HOSTILE = [
    "",
    "\x00" * 40,
    "\u202egpj" * 300,
    "क्ष" * 3000,
    "W" * 9000,
    "🎉" * 50,
    "तमिल தமிழ் )Tj(",
    "x\n" * 200,
]


def said(certificate: Certificate) -> list[str]:
    pdf = certificate_pdf(certificate)
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    page = b"".join(zlib.decompress(each) for each in streams if each[:1] == b"\x78")
    hexes = re.findall(rb"/ActualText <FEFF([0-9A-F]*)>", page)
    return [bytes.fromhex(each.decode()).decode("utf-16-be") for each in hexes]


def test_a_certificate_says_who_took_part_in_what_and_when():
    lines = said(CERTIFICATE)

    for line in (
        *("प्रमाणपत्र", "श्रीकृष्ण द्विवेदी", "SEO की शुरुआत", "मंगलवार, 24 नवंबर 2026 · 60 मिनट"),
        *("SEO सीखें, कमाएँ", "प्रो. ज्योत्स्ना मिश्रा", "CH-7F3K-92QD"),
        "example.org/certificates/CH-7F3K-92QD",
    ):
        assert line in lines


@pytest.mark.parametrize(
    ("language", "heading", "when"),
    [
        (Language.EN, "Certificate", "Tuesday, 24 November 2026 · 60 minutes"),
        (Language.HI_LATN, "Pramaanpatra", "Mangalwaar, 24 November 2026 · 60 minute"),
    ],
)
def test_a_certificate_is_in_the_language_of_who_holds_it(language, heading, when):
    lines = said(replace(CERTIFICATE, language=language))

    assert heading in lines
    assert when in lines


def test_a_certificate_says_nothing_it_does_not_know():
    lines = said(replace(CERTIFICATE, host=None, minutes=None))

    assert "मंगलवार, 24 नवंबर 2026" in lines
    assert "संचालन" not in lines


def test_the_date_is_that_of_the_zone_of_the_session():
    late = dt.datetime(2026, 11, 24, 20, tzinfo=dt.UTC)

    assert "बुधवार, 25 नवंबर 2026 · 60 मिनट" in said(replace(CERTIFICATE, starts_at=late))


def test_a_certificate_is_one_landscape_page_and_always_the_same_file():
    pdf = certificate_pdf(CERTIFICATE)

    assert pdf == certificate_pdf(replace(CERTIFICATE))
    assert b"/MediaBox [0 0 841.89 595.28]" in pdf
    assert pdf.count(b"/Type /Page\n") == 1
    assert b"(D:20261124140000Z" in pdf
    assert pdf != certificate_pdf(replace(CERTIFICATE, number="CH-0000-0000"))
    assert len(pdf) < 100_000


@pytest.mark.parametrize("number", ["+91 98765 43210", "९८७६५४३२१०", "(98765) 43-210"])
def test_b2_10_no_certificate_shows_a_phone_number(number):
    lines = said(replace(CERTIFICATE, name=f"Ravi {number}", host=number))

    assert "Ravi •••" in lines
    assert not any(number in line for line in lines)


@pytest.mark.parametrize("name", ["🎉🔥", "தமிழ்", "\u200d", ""])
def test_a_name_that_cannot_be_drawn_leaves_no_hole(name):
    assert "सहभागी" in said(replace(CERTIFICATE, name=name))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_spoils_no_certificate(hostile):
    spoilt = replace(
        CERTIFICATE, name=hostile, title=hostile, community=hostile, host=hostile, number=hostile
    )

    assert certificate_pdf(spoilt).startswith(b"%PDF-")


def test_a_poster_is_a_picture_of_the_size_a_phone_shows_whole():
    png = poster_png(POSTER)

    assert Image.open(BytesIO(png)).size == (1080, 1350)
    assert png == poster_png(replace(POSTER))
    assert len(png) < 400_000


@pytest.mark.parametrize(
    "change",
    [
        {"language": Language.EN},
        {"language": Language.HI_LATN},
        {"speaker": None},
        {"starts_at": AT + dt.timedelta(minutes=1)},
        {"zone": ZoneInfo("Europe/London")},
        {"join_url": "https://example.org/join/13"},
        {"minutes": None},
    ],
)
def test_all_that_a_poster_is_told_is_seen(change):
    assert poster_png(replace(POSTER, **change)) != poster_png(POSTER)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_leaves_the_margin_of_a_poster_free(hostile):
    spoilt = replace(POSTER, title=hostile, community=hostile, speaker=hostile, role=hostile)
    image = Image.open(BytesIO(poster_png(spoilt))).convert("RGB")

    # Left of all text there is the plain wall; the band with date and code begins where it always does.
    assert set(image.crop((0, 0, 80, 870)).get_flattened_data()) == {(0x0F, 0x4C, 0x46)}
    assert image.getpixel((10, 885)) == (0xE0, 0x8E, 0x1B)


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="zone"):
        poster_png(replace(POSTER, starts_at=AT.replace(tzinfo=None)))
