"""What is due for a review comes with the least useful on top, and what is decided of it is kept."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.domain.reviews.deciding import Wish, put
from services.feedback.domain.reviews.item import Choice, Item, Kind, item_id
from services.feedback.domain.reviews.ranking import due
from services.feedback.domain.subjects import ReviewSubject
from services.feedback.scenes import around_review
from shared.contracts.webinars import SessionRated, WebinarEnded
from tests.support.events import chat_id, member_id
from tests.support.feedback import ADMIN, NOW, SCOPE, Group
from tests.support.moderation import happens

TODAY = dt.date(2026, 11, 23)
DAY = dt.timedelta(days=1)


@pytest.fixture
async def group() -> Group:
    return await Group().begin()


async def planned(group: Group, ref: str, due_on: dt.date, usefulness: float | None, n: int = 20) -> None:
    """Have a resource reviewed."""
    wish = Wish(Kind.RESOURCE, ref, f"संसाधन {ref}", due_on, usefulness, n)
    subject = ReviewSubject(SCOPE, item_id(SCOPE, Kind.RESOURCE, ref))
    await group.village.asks(around_review(group.stores), subject, lambda scene, _: put(scene, wish))


async def test_b10_09_a_resource_that_is_due_and_less_useful_than_most_is_on_top_and_what_is_decided_is_kept(
    group: Group,
) -> None:
    await planned(group, "guide", TODAY, 0.9)
    await planned(group, "old-links", TODAY, 0.2)
    await planned(group, "later", TODAY + DAY, 0.1)
    await planned(group, "unknown", TODAY - DAY, None)
    await planned(group, "new", TODAY + DAY, 0.8)
    shown = await group.writes("!समीक्षा", by=ADMIN)
    assert shown.index("old-links") < shown.index("unknown") < shown.index("guide")
    assert "later" not in shown
    assert "20% (n=20)" in shown

    assert "हटाएँ" in await group.writes("!समीक्षा R2 हटाएँ कोई नहीं पढ़ता", by=ADMIN)
    assert "रखें" in await group.writes("!samiksha 1 rakhein", by=ADMIN)
    assert "बदलें" in await group.writes("!review R4 change", by=ADMIN)
    assert "बाकी नहीं" in await group.writes("!समीक्षा", by=ADMIN)
    item = group.reviews.kept[item_id(SCOPE, Kind.RESOURCE, "old-links")]
    assert item is not None
    (decided,) = item.decisions
    assert (decided.choice, decided.by, decided.note) == (Choice.RETIRE, member_id(ADMIN), "कोई नहीं पढ़ता")
    kept = group.reviews.kept[item_id(SCOPE, Kind.RESOURCE, "guide")]
    assert kept is not None
    assert kept.due_on == (TODAY + 90 * DAY).isoformat()


async def test_only_admins_review(group: Group) -> None:
    await planned(group, "guide", TODAY, 0.9)
    assert "एडमिन" in await group.writes("!समीक्षा", by=1)
    assert "एडमिन" in await group.writes("!समीक्षा R1 हटाएँ", by=1)
    item = group.reviews.kept[item_id(SCOPE, Kind.RESOURCE, "guide")]
    assert item is not None
    assert not item.decisions


@pytest.mark.parametrize(
    "text", ["!समीक्षा R9 रखें", "!समीक्षा 1", "!समीक्षा 1 सोचें", "!समीक्षा रखें", "!review ९९९९९९९९९ keep"]
)
async def test_what_names_nothing_is_answered_with_how_to_write_it(group: Group, text: str) -> None:
    await planned(group, "guide", TODAY, 0.9)
    assert "रखें, बदलें या हटाएँ" in await group.writes(text, by=ADMIN)


async def test_a_session_is_to_be_reviewed_a_month_later_by_how_it_was_rated(group: Group) -> None:
    ended = WebinarEnded(
        webinar_id=f"{SCOPE}#1",
        chat_id=chat_id(0),
        community="seekho",
        title="SEO की शुरुआत",
        session_at=NOW,
        registered=10,
        attended=8,
        ended_at=NOW,
    )
    await group.village.happens(happens(ended, at=NOW), happens(ended, at=NOW))
    for rating in (5, 3, 1):
        rated = SessionRated(
            webinar_id=f"{SCOPE}#1", chat_id=chat_id(0), community="seekho", rating=rating, rated_at=NOW
        )
        await group.village.happens(happens(rated, at=NOW))
    assert "बाकी नहीं" in await group.writes("!समीक्षा", by=ADMIN)
    await group.village.passes(days=30)
    shown = await group.writes("!समीक्षा", by=ADMIN)
    assert "R1 «SEO की शुरुआत» · उपयोगी 50% (n=3)" in shown
    assert "R2" not in shown


@given(
    st.lists(
        st.tuples(st.integers(-3, 3), st.one_of(st.none(), st.integers(0, 10)), st.booleans()), max_size=12
    )
)
def test_nothing_that_is_due_is_left_out_and_nothing_else_is_there(
    made: list[tuple[int, int | None, bool]],
) -> None:
    items = [
        Item(
            str(number),
            SCOPE,
            number,
            Kind.RESOURCE,
            "x",
            (TODAY + days * DAY).isoformat(),
            ratings=0 if useful is None else 10,
            total=float(useful or 0),
            retired=retired,
        )
        for number, (days, useful, retired) in enumerate(made)
    ]
    found = due(items, TODAY)
    wanted = {each.item_id for each in items if not each.retired and each.due_on <= TODAY.isoformat()}
    assert {each.item_id for each in found} == wanted
    rated = [each.usefulness for each in found if each.usefulness is not None]
    assert rated == sorted(rated)
