import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.events.domain.timing import (
    AlreadyThere,
    Ambiguous,
    Frequency,
    NoSuchOccurrence,
    NotAStart,
    Recurrence,
    Resolved,
    Series,
    Unsupported,
    UnsupportedRule,
    cancel_one,
    change_all,
    change_following,
    from_rrule,
    move_one,
    occurrence,
    occurrences,
    read_recurrence,
    settle,
    to_rrule,
    wall_in,
)
from shared.i18n import Language
from tests.support.session_times import INDIA, NOW, repeated, said_for, wall

EPOCH, EVER = wall(1970, 1, 1), wall(2100, 1, 1)
TUESDAY = wall(2026, 11, 24, 18)
WEEKLY = Recurrence(Frequency.WEEKLY, (1,))
WEEK = dt.timedelta(weeks=1)


def weekly(
    zone: str = "Asia/Kolkata",
    starts: dt.datetime = TUESDAY,
    *,
    count: int | None = None,
    until: dt.datetime | None = None,
) -> Series:
    return Series(
        "S1", starts, zone, Recurrence(Frequency.WEEKLY, (starts.weekday(),), count=count, until=until)
    )


def starts_of(
    series: Series | None, before: dt.datetime = EVER, after: dt.datetime = EPOCH
) -> list[dt.datetime]:
    assert series
    return [each.starts for each in occurrences(series, after, before)]


def dates_of(series: Series | None, before: dt.datetime = EVER) -> list[str]:
    return [f"{each:%m-%d}" for each in starts_of(series, before)]


def test_b2_07_a_series_in_london_moves_for_members_in_india_when_london_changes_its_clocks():
    series = weekly("Europe/London", wall(2027, 3, 16, 18))
    before, last, after = occurrences(series, wall(2027, 3, 16), wall(2027, 4, 1))
    assert {each.starts.hour for each in (before, last, after)} == {18}
    assert [each.starts.day for each in (before, last, after)] == [16, 23, 30]
    seen = [wall_in(each.starts, each.zone, "Asia/Kolkata") for each in (last, after)]
    assert seen == [wall(2027, 3, 23, 23, 30), wall(2027, 3, 30, 22, 30)]
    said = said_for(after.starts, after.zone, "Asia/Kolkata", Language.HI)
    assert said == "मंगलवार, 30 मार्च 2027, रात 10:30 बजे (IST)"
    assert after.at == dt.datetime(2027, 3, 30, 17, 0, tzinfo=dt.UTC)


def test_b2_07_a_series_in_india_does_not_move():
    series = weekly("Asia/Calcutta", wall(2027, 3, 16, 18))
    found = occurrences(series, wall(2027, 3, 16), wall(2027, 4, 30))
    assert len(found) == 7
    assert {(each.at.hour, each.at.minute) for each in found} == {(12, 30)}
    assert {each.zone for each in found} == {"Asia/Kolkata"}


def test_b2_07_a_guest_in_london_sees_an_indian_series_move():
    found = occurrences(weekly(starts=wall(2027, 3, 23, 19, 30)), wall(2027, 3, 1), wall(2027, 4, 1))
    seen = [wall_in(each.starts, each.zone, "Europe/London") for each in found]
    assert seen == [wall(2027, 3, 23, 14), wall(2027, 3, 30, 15)]


def test_a_session_in_a_skipped_hour_takes_place_when_clocks_show_it_again():
    found = occurrences(weekly("Europe/London", wall(2027, 3, 21, 1, 30)), wall(2027, 3, 1), wall(2027, 4, 5))
    assert [each.at.strftime("%d %H:%M") for each in found] == ["21 01:30", "28 01:30", "04 00:30"]
    assert [each.starts.hour for each in found] == [1, 1, 1]


@pytest.mark.parametrize(
    ("rule", "starts", "dates"),
    [
        (Recurrence(Frequency.WEEKLY, (1,), count=3), TUESDAY, ["11-24", "12-01", "12-08"]),
        (Recurrence(Frequency.WEEKLY, (1,), 2, count=3), TUESDAY, ["11-24", "12-08", "12-22"]),
        (Recurrence(Frequency.WEEKLY, (1, 3), count=4), TUESDAY, ["11-24", "11-26", "12-01", "12-03"]),
        (Recurrence(Frequency.WEEKLY, (1,), until=wall(2026, 12, 1, 18)), TUESDAY, ["11-24", "12-01"]),
        (Recurrence(Frequency.WEEKLY, (1,), until=wall(2026, 12, 1, 17, 59)), TUESDAY, ["11-24"]),
        (
            Recurrence(Frequency.MONTHLY, (6,), nth=1, count=3),
            wall(2026, 12, 6, 11),
            ["12-06", "01-03", "02-07"],
        ),
        (
            Recurrence(Frequency.MONTHLY, (4,), nth=-1, count=3),
            wall(2026, 11, 27, 19),
            ["11-27", "12-25", "01-29"],
        ),
        (
            Recurrence(Frequency.MONTHLY, (0,), nth=5, count=3),
            wall(2026, 11, 30, 19),
            ["11-30", "03-29", "05-31"],
        ),
        (
            Recurrence(Frequency.MONTHLY, (6,), 2, 1, count=3),
            wall(2026, 12, 6, 11),
            ["12-06", "02-07", "04-04"],
        ),
    ],
)
def test_a_rule_makes_its_sessions(rule, starts, dates):
    assert dates_of(Series("S1", starts, "Asia/Kolkata", rule)) == dates


def test_a_series_without_an_end_is_bounded():
    everything = starts_of(weekly())
    assert 520 <= len(everything) <= 523
    assert (
        len(starts_of(Series("S1", TUESDAY, "UTC", Recurrence(Frequency.WEEKLY, tuple(range(7)))))) == 1_000
    )


def test_a_window_has_its_first_moment_and_not_its_last():
    assert starts_of(weekly(), TUESDAY + WEEK, TUESDAY) == [TUESDAY]
    assert starts_of(weekly(), TUESDAY, TUESDAY) == []


@pytest.mark.parametrize(
    "rule",
    [
        {"weekdays": ()},
        {"weekdays": (7,)},
        {"weekdays": (3, 1)},
        {"weekdays": (1, 1)},
        {"interval": 0},
        {"interval": 53},
        {"count": 0},
        {"count": 521},
        {"count": 3, "until": TUESDAY},
        {"nth": 1},
        {"frequency": Frequency.MONTHLY},
        {"frequency": Frequency.MONTHLY, "nth": 6},
        {"frequency": Frequency.MONTHLY, "nth": -2},
        {"frequency": Frequency.MONTHLY, "nth": 1, "weekdays": (1, 2)},
    ],
)
def test_a_rule_that_no_session_has_is_refused(rule):
    with pytest.raises(UnsupportedRule):
        Recurrence(**({"frequency": Frequency.WEEKLY, "weekdays": (1,)} | rule))


@pytest.mark.parametrize(
    ("starts", "rule"),
    [
        (TUESDAY + dt.timedelta(days=1), WEEKLY),
        (TUESDAY.replace(tzinfo=dt.UTC), WEEKLY),
        (TUESDAY.replace(microsecond=1), WEEKLY),
        (TUESDAY, Recurrence(Frequency.WEEKLY, (1,), until=TUESDAY - WEEK)),
        (TUESDAY, Recurrence(Frequency.MONTHLY, (1,), nth=1)),
        (wall(9999, 12, 28, 18), WEEKLY),
    ],
)
def test_a_series_begins_with_one_of_its_own_sessions(starts, rule):
    with pytest.raises(NotAStart):
        Series("S1", starts, "Asia/Kolkata", rule)


def test_one_session_is_cancelled():
    series = cancel_one(weekly(count=3), TUESDAY + WEEK)
    assert dates_of(series) == ["11-24", "12-08"]
    with pytest.raises(NoSuchOccurrence):
        occurrence(series, TUESDAY + WEEK)
    with pytest.raises(NoSuchOccurrence):
        cancel_one(series, TUESDAY + WEEK)
    with pytest.raises(NoSuchOccurrence):
        cancel_one(series, TUESDAY + dt.timedelta(hours=1))


def test_one_session_is_moved_and_keeps_its_name():
    to = wall(2026, 12, 2, 20)
    series = move_one(weekly(count=3), TUESDAY + WEEK, to)
    assert starts_of(series) == [TUESDAY, to, TUESDAY + 2 * WEEK]
    assert occurrence(series, TUESDAY + WEEK).starts == to
    assert occurrences(series, to, to + WEEK)[0].original == TUESDAY + WEEK
    assert move_one(series, TUESDAY + WEEK, TUESDAY + WEEK) == weekly(count=3)
    assert dates_of(cancel_one(series, TUESDAY + WEEK)) == ["11-24", "12-08"]


def test_a_session_is_not_moved_onto_another():
    with pytest.raises(AlreadyThere):
        move_one(weekly(count=3), TUESDAY, TUESDAY + WEEK)


def test_a_moved_session_is_found_where_it_takes_place():
    series = move_one(weekly(count=3), TUESDAY, wall(2027, 1, 5, 9))
    assert dates_of(series) == ["12-01", "12-08", "01-05"]
    assert starts_of(series, wall(2026, 12, 1)) == []


def test_another_hour_for_all_keeps_the_exceptions():
    series = cancel_one(weekly(until=TUESDAY + 3 * WEEK), TUESDAY + WEEK)
    series = move_one(series, TUESDAY + 2 * WEEK, wall(2026, 12, 9, 9))
    changed = change_all(series, starts=TUESDAY.replace(hour=20))
    assert starts_of(changed) == [TUESDAY.replace(hour=20), wall(2026, 12, 9, 9), wall(2026, 12, 15, 20)]


def test_another_weekday_for_all_drops_the_exceptions():
    series = cancel_one(weekly(count=3), TUESDAY + WEEK)
    changed = change_all(series, starts=TUESDAY + dt.timedelta(days=2))
    assert dates_of(changed) == ["11-26", "12-03", "12-10"]


@pytest.mark.parametrize(
    ("nth", "starts", "to", "dates"),
    [
        (1, wall(2026, 12, 6, 11), wall(2026, 12, 12, 11), ["12-12", "01-09"]),
        (-1, wall(2026, 11, 27, 19), wall(2026, 11, 28, 19), ["11-28", "12-26"]),
        (-1, wall(2026, 11, 27, 19), wall(2026, 11, 18, 19), ["11-18", "12-16"]),
    ],
)
def test_a_monthly_series_moves_to_the_same_place_in_the_month(nth, starts, to, dates):
    rule = Recurrence(Frequency.MONTHLY, (starts.weekday(),), nth=nth, count=2)
    assert dates_of(change_all(Series("S1", starts, "UTC", rule), starts=to)) == dates


def test_another_zone_for_all_keeps_what_clocks_show():
    changed = change_all(weekly(count=2), zone="Europe/London")
    assert starts_of(changed) == [TUESDAY, TUESDAY + WEEK]
    assert changed.zone == "Europe/London"


def test_this_and_all_that_follow_become_a_series_of_their_own():
    series = cancel_one(move_one(weekly(count=5), TUESDAY, wall(2026, 11, 25, 9)), TUESDAY + 3 * WEEK)
    split = change_following(series, TUESDAY + 2 * WEEK, "S2", starts=wall(2026, 12, 8, 20))
    assert starts_of(split.before) == [wall(2026, 11, 25, 9), TUESDAY + WEEK]
    assert starts_of(split.after) == [wall(2026, 12, 8, 20), wall(2026, 12, 22, 20)]
    assert split.before
    assert (split.before.series_id, split.after.series_id, split.after.follows) == ("S1", "S2", "S1")
    assert (split.before.recurrence.until, split.before.recurrence.count) == (TUESDAY + WEEK, None)
    assert split.after.recurrence.count == 3


def test_the_first_and_all_that_follow_leave_nothing_before():
    split = change_following(weekly(count=3), TUESDAY, "S2", zone="Europe/London")
    assert split.before is None
    assert starts_of(split.after) == [TUESDAY, TUESDAY + WEEK, TUESDAY + 2 * WEEK]


def test_what_follows_may_have_another_rule():
    rule = Recurrence(Frequency.WEEKLY, (1,), 2, count=2)
    split = change_following(weekly(), TUESDAY + WEEK, "S2", recurrence=rule)
    assert (dates_of(split.before), dates_of(split.after)) == (["11-24"], ["12-01", "12-15"])


def test_a_series_is_split_only_where_it_has_a_session():
    with pytest.raises(NoSuchOccurrence):
        change_following(weekly(), TUESDAY + dt.timedelta(days=1), "S2")
    with pytest.raises(NoSuchOccurrence):
        change_following(cancel_one(weekly(), TUESDAY + WEEK), TUESDAY + WEEK, "S2")


RULES = st.one_of(
    st.builds(
        Recurrence,
        st.just(Frequency.WEEKLY),
        st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
        st.integers(1, 52),
        count=st.one_of(st.none(), st.integers(1, 520)),
    ),
    st.builds(
        Recurrence,
        st.just(Frequency.MONTHLY),
        st.integers(0, 6).map(lambda day: (day,)),
        st.integers(1, 12),
        st.sampled_from([1, 2, 3, 4, 5, -1]),
        st.one_of(
            st.none(),
            st.datetimes(wall(2027, 1, 1), wall(2030, 1, 1)).map(lambda at: at.replace(microsecond=0)),
        ),
    ),
)


@given(RULES, st.sampled_from(["Asia/Kolkata", "UTC", "Asia/Kathmandu"]))
def test_a_rule_that_is_written_is_read_back_as_itself(rule, zone):
    assert from_rrule(to_rrule(rule, zone), TUESDAY, zone) == rule


@given(st.integers(0, 9), st.integers(2, 10), st.sets(st.integers(0, 9)))
def test_splitting_a_series_loses_no_session_and_adds_none(at, count, cancelled):
    series = weekly(count=count)
    for number in cancelled & set(range(count)):
        series = cancel_one(series, TUESDAY + number * WEEK)
    original = TUESDAY + at * WEEK
    if at >= count or at in cancelled:
        with pytest.raises(NoSuchOccurrence):
            change_following(series, original, "S2")
        return
    split = change_following(series, original, "S2")
    assert starts_of(series) == (starts_of(split.before) if split.before else []) + starts_of(split.after)


def test_a_rule_is_written_as_calendars_read_it():
    assert to_rrule(WEEKLY, "Asia/Kolkata") == "FREQ=WEEKLY;BYDAY=TU"
    until = Recurrence(Frequency.MONTHLY, (6,), 2, -1, until=wall(2027, 3, 31, 18))
    assert to_rrule(until, "Europe/London") == "FREQ=MONTHLY;INTERVAL=2;BYDAY=-1SU;UNTIL=20270331T170000Z"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("FREQ=WEEKLY", WEEKLY),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU;WKST=MO;", WEEKLY),
        ("freq=weekly;interval=2;byday=th,tu", Recurrence(Frequency.WEEKLY, (1, 3), 2)),
        (
            "FREQ=WEEKLY;UNTIL=20261201",
            Recurrence(Frequency.WEEKLY, (1,), until=wall(2026, 12, 1, 23, 59, 59)),
        ),
        (
            "FREQ=WEEKLY;UNTIL=20261201T180000",
            Recurrence(Frequency.WEEKLY, (1,), until=wall(2026, 12, 1, 18)),
        ),
        (
            "FREQ=WEEKLY;UNTIL=20261201T123000Z",
            Recurrence(Frequency.WEEKLY, (1,), until=wall(2026, 12, 1, 18)),
        ),
        ("FREQ=MONTHLY;BYDAY=+2SA", Recurrence(Frequency.MONTHLY, (5,), nth=2)),
    ],
)
def test_rules_of_calendars_are_read(text, rule):
    assert from_rrule(text, TUESDAY, "Asia/Kolkata") == rule


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "part"),
        ("FREQ=DAILY", "DAILY"),
        ("FREQ=YEARLY", "YEARLY"),
        ("BYDAY=TU", "FREQ"),
        ("FREQ=WEEKLY;BYMONTH=3", "BYMONTH"),
        ("FREQ=MONTHLY;BYMONTHDAY=3", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYDAY=TU;BYSETPOS=1", "BYSETPOS"),
        ("FREQ=MONTHLY", "weekday"),
        ("FREQ=MONTHLY;BYDAY=1TU,2TU", "BYDAY"),
        ("FREQ=MONTHLY;BYDAY=7TU", "first"),
        ("FREQ=WEEKLY;BYDAY=1TU", "nth"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=", "BYDAY"),
        ("FREQ=WEEKLY;INTERVAL=0", "INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=99", "every"),
        ("FREQ=WEEKLY;COUNT=-1", "COUNT"),
        ("FREQ=WEEKLY;COUNT=٣", "COUNT"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20261201", "both"),
        ("FREQ=WEEKLY;COUNT=3;COUNT=4", "twice"),
        ("FREQ=WEEKLY;UNTIL=20260231", "UNTIL"),
        ("FREQ=WEEKLY;UNTIL=99991231T235959Z", "UNTIL"),
        ("FREQ=WEEKLY;UNTIL=tomorrow", "UNTIL"),
        ("FREQ=WEEKLY;WKST=SU", "WKST"),
        ("FREQ=WEEKLY\nDTSTART:20260101", "FREQ"),
        ("FREQ=WEEKLY;" * 100, "characters"),
    ],
)
def test_what_no_session_does_is_refused_by_its_name(text, named):
    with pytest.raises(UnsupportedRule, match=named):
        from_rrule(text, TUESDAY, "Asia/Kolkata")


@given(st.text(alphabet="FREQ=WKLYMONTHBDAUIC;0123456789,-+TZ", max_size=60))
def test_no_text_makes_reading_a_rule_fail(text):
    for rule in (text, f"FREQ=WEEKLY;{text}"):
        with contextlib.suppress(UnsupportedRule):
            from_rrule(rule, TUESDAY, "Asia/Kolkata")


@pytest.mark.parametrize(
    ("text", "rule", "first"),
    [
        ("हर मंगलवार शाम 6 बजे", "FREQ=WEEKLY;BYDAY=TU", TUESDAY),
        ("har mangal shaam 6 baje", "FREQ=WEEKLY;BYDAY=TU", TUESDAY),
        ("har mangalvar ko shaam 6 baje", "FREQ=WEEKLY;BYDAY=TU", TUESDAY),
        ("प्रत्येक मंगलवार शाम ६ बजे", "FREQ=WEEKLY;BYDAY=TU", TUESDAY),
        ("every Tuesday 6pm", "FREQ=WEEKLY;BYDAY=TU", TUESDAY),
        ("Tuesdays 6pm", "FREQ=WEEKLY;BYDAY=TU", TUESDAY),
        ("weekly on Tuesday 6pm", "FREQ=WEEKLY;BYDAY=TU", TUESDAY),
        ("हर हफ्ते मंगलवार शाम 6 बजे", "FREQ=WEEKLY;BYDAY=TU", TUESDAY),
        ("हर हफ्ते कल शाम 6 बजे", "FREQ=WEEKLY;BYDAY=TU", TUESDAY),
        ("every Tuesday 6pm for 8 weeks", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270119T122959Z", TUESDAY),
        ("every Tuesday 6pm 8 sessions", "FREQ=WEEKLY;BYDAY=TU;COUNT=8", TUESDAY),
        ("हर मंगलवार शाम 6 बजे 8 बार", "FREQ=WEEKLY;BYDAY=TU;COUNT=8", TUESDAY),
        ("हर मंगलवार शाम 6 बजे 31 दिसंबर तक", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231T182959Z", TUESDAY),
        ("every Tuesday 6pm until 31 Dec", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231T182959Z", TUESDAY),
        ("हर मंगलवार और गुरुवार शाम 6 बजे", "FREQ=WEEKLY;BYDAY=TU,TH", TUESDAY),
        ("every Tuesday and Thursday 6pm", "FREQ=WEEKLY;BYDAY=TU,TH", TUESDAY),
        ("Tue-Thu 6pm", "FREQ=WEEKLY;BYDAY=TU,WE,TH", TUESDAY),
        ("मंगल से गुरु तक शाम 6 बजे", "FREQ=WEEKLY;BYDAY=TU,WE,TH", TUESDAY),
        ("हर सोमवार शाम 6 बजे", "FREQ=WEEKLY;BYDAY=MO", wall(2026, 11, 23, 18)),
        ("हर सोमवार सुबह 9 बजे", "FREQ=WEEKLY;BYDAY=MO", wall(2026, 11, 30, 9)),
        ("हर दूसरे शनिवार शाम 5 बजे", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", wall(2026, 11, 28, 17)),
        ("har dusre shanivar shaam 5 baje", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", wall(2026, 11, 28, 17)),
        ("every other Saturday 5pm", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", wall(2026, 11, 28, 17)),
        ("every 2 weeks Tuesday 6pm", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", TUESDAY),
        ("हर दो हफ्ते में मंगलवार शाम 6 बजे", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", TUESDAY),
        ("biweekly tuesday 6pm", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", TUESDAY),
        ("महीने के पहले रविवार सुबह 11 बजे", "FREQ=MONTHLY;BYDAY=1SU", wall(2026, 12, 6, 11)),
        ("mahine ke pehle ravivar subah 11 baje", "FREQ=MONTHLY;BYDAY=1SU", wall(2026, 12, 6, 11)),
        ("first Sunday of the month 11am", "FREQ=MONTHLY;BYDAY=1SU", wall(2026, 12, 6, 11)),
        ("1st sunday of every month 11am", "FREQ=MONTHLY;BYDAY=1SU", wall(2026, 12, 6, 11)),
        ("every second Saturday of the month 5pm", "FREQ=MONTHLY;BYDAY=2SA", wall(2026, 12, 12, 17)),
        ("हर महीने के आखिरी शुक्रवार शाम 7 बजे", "FREQ=MONTHLY;BYDAY=-1FR", wall(2026, 11, 27, 19)),
        (
            "last friday of the month 7pm for 3 months",
            "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3",
            wall(2026, 11, 27, 19),
        ),
        ("हर महीने कल शाम 6 बजे", "FREQ=MONTHLY;BYDAY=4TU", TUESDAY),
        ("every month 30 Nov 6pm", "FREQ=MONTHLY;BYDAY=-1MO", wall(2026, 11, 30, 18)),
    ],
)
def test_a_recurrence_is_read_as_people_write_it(text, rule, first):
    for said in (text, f"SEO क्लिनिक {text}"):
        reading = repeated(said)
        assert isinstance(reading.first, Resolved), reading.first
        assert (reading.first.starts, reading.first.rest) == (first, said.removesuffix(text).strip())
        recurrence = reading.pattern.starting_at(first)
        assert to_rrule(recurrence, reading.first.zone) == rule
        assert (
            occurrences(Series("S1", first, reading.first.zone, recurrence), first, EVER)[0].starts == first
        )


def test_eight_weeks_are_eight_sessions():
    reading = repeated("every Tuesday 6pm for 8 weeks")
    assert isinstance(reading.first, Resolved)
    series = Series(
        "S1", reading.first.starts, "Asia/Kolkata", reading.pattern.starting_at(reading.first.starts)
    )
    assert len(starts_of(series)) == 8


def test_what_a_series_leaves_open_is_asked_as_for_one_session():
    reading = repeated("SEO हर मंगलवार 6 बजे")
    assert isinstance(reading.first, Ambiguous)
    settled = settle(reading.first, "शाम", NOW, INDIA, reading.pattern.day)
    assert settled == Resolved(TUESDAY, "Asia/Kolkata", "SEO")
    without = repeated("SEO हर मंगलवार")
    assert settle(without.first, "शाम 6 बजे", NOW, INDIA, without.pattern.day) == settled


@pytest.mark.parametrize("text", ["SEO हर दिन सुबह 7 बजे", "SEO every day 7am", "SEO har din subah 7 baje"])
def test_a_daily_session_is_refused_by_its_words(text):
    reading = read_recurrence(text, NOW, INDIA)
    assert isinstance(reading, Unsupported)
    assert reading.said in text
    assert reading.rest.startswith("SEO")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "कल शाम 7 बजे",
            "weekly report kal 7pm",
            "everyone join kal 7pm",
            "monthly income kal 7pm",
            "",
            "हर",
        ),
        *(
            "हर घर वेबसाइट कल 7pm",
            "पहले रविवार की बात",
            "first friday blog 25 nov 7pm",
            "daily SEO tips kal 7pm",
        ),
    ],
)
def test_one_session_is_no_series(text):
    assert read_recurrence(text, NOW, INDIA) is None
