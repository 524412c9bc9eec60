"""Text of every kind comes in, is told of as it is, and is answered."""

from __future__ import annotations

import unicodedata

import pytest

from services.gateway.channels.cloud_api.parse import parse
from services.gateway.domain.items import IncomingMessage
from tests.security.conftest import Installation
from tests.security.payloads import text, webhook

TEXTS = {
    "family of joined emoji": "👩‍👩‍👧‍👦👩🏽‍💻🏳️‍🌈",
    "flags": "🇮🇳🇮🇳🇮",
    "emoji tags": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "override": "\u202egnp.exe\u202c",
    "isolates without end": "\u2066" * 200,
    "zero width": "न\u200b\u200c\u200d\u2060\ufeffियम",
    "cyrillic that looks latin": "раураl",
    "ten thousand marks": "z" + "\u0301" * 10_000,
    "marks of many classes": "ऩ" + "\u0323\u0301\u0328\u093c\u094d" * 500,
    "two spellings of one letter": "\u0958 \u0915\u093c \u00e9 e\u0301",
    "right to left": "قواعد المجموعة",
    "virama at the end": "क्",
    "lone high surrogate": "\ud83d",
    "lone low surrogate": "\ude4f",
    "surrogates the wrong way round": "\ude4f\ud83d",
    "nothing but nul": "\x00\x00",
    "beyond the planes in use": "\U0010ffff\U000f0000",
    "non-characters": "\ufdd0\uffff",
    "line separators": "a\u2028b\u2029c\x85d",
    "terminal": "\x1b]0;owned\x07\x1b[2J",
    "digits of other scripts": "९८७६५४३२१० ９８７６ ᠙᠘",
    "mathematical letters": "𝓻𝓾𝓵𝓮𝓼",
    "sixteen kilobytes": "न" * 5000,
    "format string": "{0.__class__} %(secret)s %s ${IFS} {{7*7}} <script>alert(1)</script>",
}


@pytest.mark.parametrize("said", TEXTS.values(), ids=TEXTS)
async def test_a_text_is_told_of_as_it_is_and_its_author_is_answered(installation: Installation, said: str):
    platform = installation.platform
    group, (asha, _) = await platform.group("लिपि", "आशा", "Ravi")
    before = len(installation.log.getvalue())
    asked = text(asha, f"!नियम {said}", group)
    contact = {"profile": {"name": said}, "wa_id": asha}
    body = webhook(text(asha, said, group), asked, contacts=[contact])
    (first, *_) = [each for each in parse(body) if isinstance(each, IncomingMessage)]
    assert first.text == _stored(said)
    assert (await installation.deliver(body)).status_code == 200
    messages = await platform.until(group, lambda all_: any(each["from"] == "bot" for each in all_))
    (reply,) = [each for each in messages if each["from"] == "bot"]
    reply["text"].encode("utf-8")
    assert "NUL" not in reply["text"]
    assert said not in reply["text"] or said in "क्"
    for line in installation.log.getvalue()[before:].splitlines():
        assert not [each for each in line if unicodedata.category(each) in {"Cc", "Cf", "Zl", "Zp"}]


def _stored(said: str) -> str:
    """Return `said` as UTF-8 and a database can hold it."""
    paired = said.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return paired.replace("\x00", "\ufffd")
