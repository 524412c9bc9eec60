import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.moderation.domain.judging.verdict import Script
from services.moderation.domain.text import EntityKind, fold, normalise, skeleton

HOSTILE = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("aAchutiya .*-_@$%0123456789\u200b\u200c\u200d\u0301\ufe0f\n<>😂🇮🇳"),
        st.sampled_from("चूतियाभोसड़ीहै।०१२ँंः्\u093c"),
    ),
    max_size=80,
)


@given(HOSTILE)
def test_offsets_lead_back_into_the_original_and_never_backwards(text):
    normal = normalise(text)
    assert len(normal.offsets) == len(normal.text) + 1
    assert list(normal.offsets) == sorted(normal.offsets)
    assert normal.offsets[0] >= 0
    assert normal.offsets[-1] == len(text)
    for token in normal.tokens:
        assert normal.text[token.start : token.end] == token.text
        span = normal.span(token.start, token.end)
        assert 0 <= span.start < span.end <= len(text)
    for entity in normal.entities:
        assert 0 <= entity.span.start < entity.span.end <= len(text)
    assert len(normal.folded) == len(normal.skeletons) == len(normal.tokens)
    assert isinstance(normal.script, Script)


@given(st.text(alphabet="abcdefgh ijklmnopqrstuvwxyz,?", max_size=60))
def test_spans_of_plain_text_are_where_its_words_are(text):
    normal = normalise(text)
    for token in normal.tokens:
        span = normal.span(token.start, token.end)
        assert normalise(text[span.start : span.end]).text.strip(" ,?").replace(
            ",", ""
        ) == token.text.replace(",", "")


@given(
    st.lists(
        st.sampled_from(["नौकरी", "मिलेगी", "क्या", "kaam", "chahiye", "500", "rs", "5k", "<link>", "SEOका"]),
        max_size=12,
    )
)
def test_a_normal_form_is_its_own(words):
    once = normalise(" ".join(words)).text
    assert normalise(once).text == once


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("ｆｕｌｌ ᴡɪᴅᴛʜ 𝓯𝓪𝓷𝓬𝔂 🅰🅱 ⓒⓐⓣ", "full width fancy ab cat"),
        ("jоb fоr уоu", "job for you"),
        ("n\u200ba\u200dukri", "naukri"),
        ("क़लम चाँद चन्दा १००।", "कलम चांद चंदा 100."),
        ("p a i s a  k a m a o", "paisa kamao"),
        ("नौ क रि यां", "नौकरियां"),
        ("वो भी तो है", "वो भी तो है"),
        ("n.a.u.k.r.i na-uk-ri n😂a😂u😂k😂r😂i", "naukri naukri naukri"),
        ("thanks🙏bhai work-from-home", "thanks🙏bhai work-from-home"),
        ("n0kri p4isa f@ke 5k 10th rs500 covid19", "nokri paisa fake 5k 10th rs500 covid19"),
        ("jaldiiiiii करोोोो", "jaldi करो"),
        ("%6e%61%75kri", "naukri"),
        ("भारत 🇮🇳 jai", "भारत jai"),
        ("🇳🇦🇺🇰🇷🇮", "naukri"),
        ("म@द", "माद"),
        ("", ""),
        ("\ud800", ""),
    ],
)
def test_what_only_looks_different_is_equal(text, normal):
    assert normalise(text).text == normal


@pytest.mark.parametrize(
    "word", ["naukri", "nokri", "naukari", "nokari", "n0kri", "नौकरी", "नोकरी", "NAUKRI", "naukkri"]
)
def test_spellings_of_a_word_fold_to_one_form(word):
    assert normalise(word).folded == ("nokri",)


def test_words_that_sound_alike_and_mean_other_things_stay_apart():
    for first, second in [("lodha", "lauda"), ("chhutti", "chutiya"), ("ganda", "gand"), ("gandhi", "gandi")]:
        assert fold(first) != fold(second)


def test_the_skeleton_needs_no_vowels():
    assert skeleton("naukri") == skeleton("nkr") == "nkr"
    assert skeleton("n*ukri") == "n*kr"


def test_tokens_never_split_devanagari_at_a_sign():
    assert [token.text for token in normalise("क्या हिन्दी में ज़िंदगी अच्छी है?").tokens] == [
        "क्या",
        "हिंदी",
        "में",
        "जिंदगी",
        "अच्छी",
        "है",
    ]


def test_a_latin_word_with_a_hindi_particle_is_two_words():
    assert [token.text for token in normalise("SEOका फायदा").tokens] == ["seo", "का", "फायदा"]


@pytest.mark.parametrize(
    ("text", "kind", "value", "domain"),
    [
        ("देखो https://Example.com/a?b=1।", EntityKind.LINK, "https://example.com/a?b=1", "example.com"),
        ("www.Example.co.in पर", EntityKind.LINK, "www.example.co.in", "example.co.in"),
        ("example dot com", EntityKind.LINK, "example.com", "example.com"),
        ("http://192.168.1.9:80/x", EntityKind.LINK, "http://192.168.1.9:80/x", "192.168.1.9"),
        ("xn--pytm-6ve.com", EntityKind.LINK, "xn--pytm-6ve.com", "xn--pytm-6ve.com"),
        ("chat.whatsapp.com/AbC", EntityKind.INVITE, "chat.whatsapp.com/abc", "chat.whatsapp.com"),
        ("t . me / earn", EntityKind.INVITE, "t.me/earn", "t.me"),
        ("ask a.b@mail.example.org", EntityKind.MAIL, "a.b@mail.example.org", "mail.example.org"),
        ("pay 98xy@okaxis", EntityKind.UPI, "98xy@okaxis", ""),
        ("call +91 98765-43210", EntityKind.PHONE, "919876543210", ""),
        ("९८७६५४३२१०", EntityKind.PHONE, "9876543210", ""),
        ("9 8 7 6 5 4 3 2 1 0", EntityKind.PHONE, "9876543210", ""),
        ("hi @919876543210", EntityKind.MENTION, "919876543210", ""),
    ],
)
def test_entities_are_found_masked_and_placed(text, kind, value, domain):
    normal = normalise(text)
    (entity,) = normal.entities
    assert (entity.kind, entity.value, entity.domain) == (kind, value, domain)
    assert f"<{kind}>" in [token.text for token in normal.tokens]
    assert text[entity.span.start : entity.span.end].strip("।") == text[entity.span.start : entity.span.end]


@pytest.mark.parametrize(
    "text",
    [
        "kaam ho gaya.in dino",
        "ok.thanks",
        "karo.me",
        "3.5 1,000 12.30",
        "7000 8000 9000",
        "file.txt",
        "a@home",
    ],
)
def test_what_is_no_entity_stays_text(text):
    assert normalise(text).entities == ()


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("आप कैसे हैं?", Script.DEVANAGARI),
        ("aap kaise hain?", Script.HINGLISH),
        ("इस course की fees कितनी है", Script.HINGLISH),
        ("SEO सीखना मुश्किल नहीं है लेकिन समय लगता है", Script.DEVANAGARI),
        ("How do I start a blog?", Script.ENGLISH),
        ("this is the main use of par", Script.ENGLISH),
        ("🙏🙏", Script.OTHER),
        ("வணக்கம் நண்பர்களே", Script.OTHER),
    ],
)
def test_the_script_is_told(text, script):
    assert normalise(text).script is script


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "a.",
        "@a",
        "9 ",
        "चू ",
        "%41",
        "a@",
        "a-",
        "\ufdfa",
        "1a",
        "<a",
        "😂a",
        "ु",
        "*a",
        "http://",
        "\u0301",
        "t . me ",
        "a$",
        "$",
        "+1 2",
    ],
)
def test_hostile_text_takes_linear_time(piece):
    def seconds(count: int) -> float:
        text = piece * (count // len(piece))
        started = time.process_time()
        normal = normalise(text)
        assert normal.folded is not None
        assert normal.script
        return time.process_time() - started

    # Quadratic time takes minutes; what it needs is a tenth of a second.
    assert seconds(65_536) < 2
