import datetime as dt
from typing import Any

import pytest
from pydantic import ValidationError

from services.moderation.domain.detectors.forwards import Forwards, ForwardsSettings
from services.moderation.domain.detectors.media import Media, MediaSettings
from services.moderation.domain.detectors.patterns import PatternRefused, Patterns, PatternsSettings, compiled
from services.moderation.domain.detectors.personal import Personal, PersonalSettings
from services.moderation.domain.detectors.topic import Topic, TopicSettings
from services.moderation.domain.judging.context import Context, Trust
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Intent
from services.moderation.domain.text import normalise
from shared.contracts.gateway import MessageKind

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


def message(text: str, kind: MessageKind = MessageKind.TEXT, **more: Any) -> Message:
    return Message("x", "c", "m", kind, normalise(text), NOW, **more)


@pytest.mark.parametrize(
    "text",
    [
        "इस मैसेज को 11 लोगों को भेजो शुभ समाचार मिलेगा",
        "forward this message to all your groups",
        "is msg ko sabhi groups me forward karo",
        "ise 21 logo ko bhejo, 7 din me khushkhabri milegi",
        "agar sachche hindu ho to share karo",
    ],
)
def test_chain_letters_are_known_by_their_wording(text):
    (finding,) = Forwards().find(message(text), Context(NOW), ForwardsSettings())
    assert (finding.code, finding.intent) == ("chain_wording", Intent.REVIEW)
    assert finding.spans
    (both,) = Forwards().find(message(text, often_forwarded=True), Context(NOW), ForwardsSettings())
    assert (both.code, both.intent) == ("chain_forward", Intent.HOLD)


def test_a_forward_alone_is_a_hint_and_sharing_is_no_chain():
    (finding,) = Forwards().find(message("dekho", often_forwarded=True), Context(NOW), ForwardsSettings())
    assert (finding.code, finding.intent) == ("often_forwarded", Intent.REVIEW)
    for text in (
        "apna screenshot group me share karo",
        "kisi ko share market aata hai?",
        "please send me the notes",
        "",
    ):
        assert Forwards().find(message(text), Context(NOW), ForwardsSettings()) == ()


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("aadhaar 2341 2341 2346", "aadhaar", "2341 2341 2346"),
        ("आधार २३४१ २३४१ २३४६", "aadhaar", "२३४१ २३४१ २३४६"),
        ("pan ABCPE1234F", "pan", "ABCPE1234F"),
        ("card 4111 1111 1111 1111 hai", "card", "4111 1111 1111 1111"),
        ("upi a.b@ybl", "upi", "a.b@ybl"),
    ],
)
def test_personal_data_is_found_by_form_and_check_digit(text, code, part):
    (finding,) = Personal().find(message(text), Context(NOW), PersonalSettings())
    assert finding.code == code
    (span,) = finding.spans
    assert text[span.start : span.end] == part
    assert not finding.details


@pytest.mark.parametrize(
    "text",
    ["2341 2341 2347", "4111 1111 1111 1112", "order 1234 5678 9012", "ABCDE1234F", "3.14159265358979"],
)
def test_numbers_that_are_no_papers_are_left_alone(text):
    assert Personal().find(message(text), Context(NOW), PersonalSettings()) == []


def test_phones_count_where_a_group_says_so():
    text = "call 98765 43210"
    assert Personal().find(message(text), Context(NOW), PersonalSettings()) == []
    (finding,) = Personal().find(message(text), Context(NOW), PersonalSettings(phones=Intent.REVIEW))
    assert finding.code == "phone"


def test_cards_and_bare_media_are_seen_and_captions_are_left_to_other_checks():
    def codes(kind: MessageKind, text: str = "", **around: Any) -> list[tuple[str, Intent]]:
        return [
            (each.code, each.intent)
            for each in Media().find(message(text, kind), Context(NOW, **around), MediaSettings())
        ]

    assert codes(MessageKind.CONTACTS) == [("contact", Intent.REVIEW)]
    assert codes(MessageKind.CONTACTS, trust=Trust.NEW) == [("contact", Intent.HOLD)]
    assert codes(MessageKind.IMAGE) == []
    assert codes(MessageKind.IMAGE, trust=Trust.NEW) == [("media_only", Intent.REVIEW)]
    assert codes(MessageKind.IMAGE, "मेरा पहला लोगो", trust=Trust.NEW) == []
    assert codes(MessageKind.VIDEO, "x", restricted=True) == [("restricted_media", Intent.HOLD)]
    assert codes(MessageKind.TEXT, "x", restricted=True) == []


def test_an_admins_words_are_found_in_every_spelling_and_script():
    settings = PatternsSettings(words=("नौकरी", "crypto coin"), patterns=(r"join\s+now",))
    text = "n0kri hai JOIN  NOW cryp\u200bto coin"
    word, pattern = Patterns().find(message(text), Context(NOW), settings)
    assert [text[span.start : span.end].strip() for span in word.spans] == ["n0kri", "cryp\u200bto coin"]
    assert [text[span.start : span.end].strip() for span in pattern.spans] == ["JOIN  NOW"]


def test_spelled_and_allowed_words_of_an_admin():
    assert not Patterns().find(message("बात"), Context(NOW), PatternsSettings(words=("=bat",)))
    assert Patterns().find(message("bat"), Context(NOW), PatternsSettings(words=("=bat",)))
    assert not Patterns().find(
        message("bat"), Context(NOW), PatternsSettings(words=("bat",), allowed=("bat",))
    )


@pytest.mark.parametrize(
    "pattern", [r"(a)\1", "(?=x)", "a*", "(", "x{1000}{1000}", "(?P<n>", "(x{0,500}){0,500}"]
)
def test_patterns_that_cannot_be_run_are_refused(pattern):
    with pytest.raises(PatternRefused):
        compiled(pattern)
    with pytest.raises(ValidationError):
        PatternsSettings(patterns=(pattern,))


def score(
    text: str, settings: TopicSettings | None = None, *, prompt_open: bool = False, **more: Any
) -> float | None:
    settings = settings or TopicSettings(within=("blogging", "SEO"))
    return Topic().score(message(text, **more), Context(NOW, prompt_open=prompt_open), settings)


ON = [
    "मेरे ब्लॉग पर ट्रैफिक नहीं आ रहा, कीवर्ड कैसे चुनूं",
    "blog ki speed slow hai hosting badalna padega",
    "how many backlinks does a new article need to rank",
    "adsense approval ke liye kitne articles chahiye website par",
]
OFF = [
    "kal match me kohli ne kya century mari yaar stadium",
    "मोदी जी ने चुनाव में क्या भाषण दिया विपक्ष हैरान",
    "anyone watched that new horror movie last night cinema",
    "aaj mausam bahut kharab barish tez bijli gayi",
]


def test_messages_on_topic_score_above_those_off_it():
    assert all((score(text) or 0) > 0.4 for text in ON)
    assert all((score(text) or 0) < 0.2 for text in OFF)


@pytest.mark.parametrize(
    "text",
    [
        "जी",
        "ok",
        "🙏",
        "good morning everyone have a great day",
        "शुभ दीपावली आप सभी सदस्यों को परिवार सहित",
        "haan bilkul",
    ],
)
def test_what_is_too_short_or_a_greeting_has_no_score(text):
    assert score(text) is None


def test_answers_to_a_question_and_groups_without_topic_have_no_score():
    assert score(OFF[0], prompt_open=True, reply_to="q") is None
    assert score(OFF[0], TopicSettings()) is None
    assert Topic().find(message(OFF[0]), Context(NOW), TopicSettings()) == ()


@pytest.mark.parametrize("declared", ["ब्लॉगिंग", "blogs", "SEO", "सर्च रैंकिंग"])
def test_a_topic_may_be_declared_in_any_script_and_form(declared):
    settings = TopicSettings(within=(declared,))
    assert (score("मेरे ब्लॉग पर ट्रैफिक नहीं आ रहा, कीवर्ड कैसे चुनूं", settings) or 0) > 0.4


def test_what_is_elsewhere_for_one_group_is_the_topic_of_another():
    text = "kal match me kohli ne kya batting ki, cricket score batao"
    assert (score(text) or 0) < 0.2
    assert (score(text, TopicSettings(within=("cricket",))) or 0) > 0.5


def test_words_outside_the_topic_take_away():
    within = TopicSettings(within=("blogging",), outside=("cricket",))
    assert (score("cricket blog likhna cricket match cricket score", within) or 0) < 0.05
