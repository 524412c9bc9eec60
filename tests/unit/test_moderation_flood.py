import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.moderation.domain.detectors.campaign import FURTHEST, Campaign, CampaignSettings, copies
from services.moderation.domain.detectors.flood import Flood, FloodSettings
from services.moderation.domain.judging.context import Context, Trace, Trust
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Finding, Intent
from services.moderation.domain.text import fingerprint, normalise
from shared.contracts.gateway import MessageKind

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)
OFFER = (
    "Ghar baithe kamao, aaj hi join karo aur apne doston ko bhi batao, "
    "call karo {} number par, sirf {} rupaye lagenge"
)


def message(text: str, member: str = "m1", chat: str = "c1", **more: Any) -> Message:
    return Message("now", chat, member, MessageKind.TEXT, normalise(text), NOW, **more)


def trace(text: str, *, member: str = "m1", chat: str = "c1", ago: float = 5.0, number: int = 0) -> Trace:
    normal = normalise(text)
    at = NOW - dt.timedelta(seconds=ago)
    return Trace(
        f"t{number}{member}{chat}{ago}",
        chat,
        member,
        at,
        fingerprint.exact(normal),
        fingerprint.near(normal),
        len(normal.text),
    )


def flood(
    text: str,
    recent: Iterable[Trace],
    settings: FloodSettings | None = None,
    *,
    prompt_open: bool = False,
    **more: Any,
) -> list[str]:
    context = Context(NOW, recent=tuple(recent), prompt_open=prompt_open)
    return [each.code for each in Flood().find(message(text, **more), context, settings or FloodSettings())]


def test_many_messages_in_a_short_time_are_a_flood():
    recent = [trace(f"alag baat {'k' * place}", ago=place + 1) for place in range(7)]
    assert flood("ek aur baat", recent) == ["flood"]
    assert flood("ek aur baat", recent[:6]) == []
    assert (
        flood("ek aur baat", [trace("baat", ago=40 + place) for place in range(9)], FloodSettings(copies=50))
        == []
    )


def test_copies_count_whatever_number_or_invisible_character_differs():
    first, second = OFFER.format("9876543210", 500), OFFER.format("9123456780", 700)
    assert flood(OFFER.format("9\u200b999999999", 900), [trace(first, ago=600), trace(second, ago=300)]) == [
        "copies"
    ]


def test_near_copies_count():
    longer = OFFER.format("9876543210", 500) + " jaldi kare"
    assert flood(OFFER.format("9876543210", 500), [trace(longer, ago=600), trace(longer, ago=300)]) == [
        "copies"
    ]


def test_copies_of_a_file_are_copies():
    same = Trace("a", "c1", "m1", NOW, "sha", 0, 0)
    assert flood("", [same, same], attachment_sha256="sha") == ["copies"]
    assert flood("", [same, same], attachment_sha256="other") == []


def test_short_answers_while_a_question_is_open_are_welcome():
    answers = [trace("B", ago=place + 1) for place in range(9)]
    assert flood("B", answers, prompt_open=True) == []
    assert "flood" in flood("B", answers)


def test_a_greeting_by_two_thousand_people_is_no_flood():
    crowd = [trace("शुभ दीपावली", member=f"m{place}", ago=place / 100, number=place) for place in range(2000)]
    assert flood("शुभ दीपावली", crowd, member="me") == []
    offers = Context(NOW, offers=tuple(crowd))
    assert Campaign().find(message("शुभ दीपावली", "me"), offers, CampaignSettings()) == ()


def test_an_edit_is_no_new_message():
    recent = [trace("baat", ago=place + 1) for place in range(9)]
    assert flood("baat", recent, edited=True) == []


def campaign(offers: Iterable[Trace], trust: Trust = Trust.MEMBER) -> Sequence[Finding]:
    text = OFFER.format("9876543210", 500)
    return Campaign().find(message(text), Context(NOW, trust=trust, offers=tuple(offers)), CampaignSettings())


def test_the_same_offer_by_three_members_or_in_three_chats_is_one_campaign():
    by_members = [trace(OFFER.format("9123456780", 700), member=f"m{place}") for place in (2, 3)]
    in_chats = [trace(OFFER.format("9123456780", 700), chat=f"c{place}") for place in (2, 3)]
    for offers in (by_members, in_chats):
        (finding,) = campaign(offers)
        assert finding.code == "campaign"
        assert finding.details["copies"] == 3
        assert finding.intent is Intent.HOLD
    assert campaign(by_members[:1]) == ()
    assert campaign(by_members, Trust.TRUSTED)[0].intent is Intent.REVIEW


@given(
    st.lists(st.tuples(st.integers(0, 30), st.booleans(), st.integers(1, 4)), max_size=12),
    st.integers(0, FURTHEST),
    st.integers(2, 4),
)
def test_what_is_kept_of_offers_is_all_that_any_policy_could_count(offers, distance, places):
    text = message(OFFER.format("9876543210", 500), "me")
    around = tuple(
        replace(
            trace("anything else", member=f"m{member}", number=number),
            exact=text.exact if same else "other",
            near=text.near ^ ((1 << bits) - 1),
        )
        for number, (bits, same, member) in enumerate(offers)
    )
    settings = CampaignSettings(distance=distance, places=places)
    kept = copies(text, around)
    assert Campaign().find(text, Context(NOW, offers=kept), settings) == Campaign().find(
        text, Context(NOW, offers=around), settings
    )
    assert len(kept) == sum(same or bits <= FURTHEST for bits, same, _ in offers)


def test_an_old_or_another_offer_belongs_to_no_campaign():
    assert (
        campaign([trace(OFFER.format("9123456780", 1), member=f"m{place}", ago=4000) for place in (2, 3)])
        == ()
    )
    assert (
        campaign(
            [
                trace(
                    "Naya course shuru, link https://a.example.com par dekho aur seekho", member=f"m{place}"
                )
                for place in (2, 3)
            ]
        )
        == ()
    )


@given(st.text(max_size=200))
def test_fingerprints_are_stable_and_fit(text):
    normal = normalise(text)
    assert fingerprint.exact(normal) == fingerprint.exact(normalise(normal.original))
    assert 0 <= fingerprint.near(normal) < 2**63


def test_fingerprints_of_different_texts_are_far_apart():
    first = fingerprint.near(normalise("मेरे ब्लॉग पर ट्रैफिक नहीं आ रहा है क्या करूं"))
    second = fingerprint.near(normalise("कल की कक्षा में सबने कितने सवाल हल किए बताओ"))
    assert fingerprint.distance(first, second) > 12
