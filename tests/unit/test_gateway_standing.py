from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.standing import WINDOW, Standing, choice_of, decide_inbound
from shared.commands import COMMANDS
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import ChatKind, MessageKind, MessageReceived, SendClass

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
MESSAGE = "3f1c2d4e-0000-5000-8000-000000000009"
CHAT, MEMBER = "c_" + "1" * 20, "m_" + "2" * 20


def said(
    text: str | None, at: dt.datetime = NOW, kind: ChatKind = ChatKind.DIRECT
) -> Envelope[MessageReceived]:
    data = MessageReceived(
        chat_id=CHAT,
        chat_kind=kind,
        message_id=MESSAGE,
        member_id=MEMBER,
        sent_at=at,
        kind=MessageKind.TEXT,
        text=text,
    )
    return originate(data, event_id=MESSAGE, source="/chaupal/gateway", key=CHAT, time=NOW)


@pytest.mark.parametrize(
    "text", ["रोकें", "रोको", "roko", "ROKEIN", "Stop", " STOP! ", "*रोकें*", "रोकें।", "🛑 stop 🛑", "!रोकें"]
)
def test_b8_04_the_word_alone_stops(text):
    assert choice_of(text) is True


@pytest.mark.parametrize("prefix", ["", "!", "/"])
def test_every_name_of_the_two_commands_is_a_word_that_is_followed(prefix):
    meant = {spec.name: {choice_of(prefix + alias) for alias in spec.aliases} for spec in COMMANDS}
    assert (meant["stop"], meant["start"]) == ({True}, {False})


@pytest.mark.parametrize("text", ["शुरू", "शुरु", "shuru", "START", "शुरू…", "«start»"])
def test_b8_04_the_word_alone_starts_again(text):
    assert choice_of(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "सर बस रोकें वाली फाइल भेजो",
        "please stop",
        "stop it",
        "रोकेंगे",
        "non-stop",
        "शुरू करें",
        "",
        "!!!",
        "🙏",
        None,
    ],
)
def test_b8_04_a_sentence_with_the_word_in_it_is_no_choice(text):
    assert choice_of(text) is None


def test_b8_04_who_says_stop_is_silenced_until_they_say_start():
    stopped = decide_inbound(Standing(), said("रोकें"), NOW)
    assert (stopped.state.silenced, stopped.note) == (True, "silenced")
    started = decide_inbound(stopped.state, said("शुरू", NOW + SECOND), NOW + SECOND)
    assert (started.state.silenced, started.note) == (False, "unsilenced")


@pytest.mark.parametrize(
    ("stop", "start", "language"),
    [("रोकें", "शुरू", "hi"), ("Roko!", "shuru", "hi-Latn"), ("STOP", "START", "en")],
)
def test_b8_04_who_stops_or_starts_is_told_once_in_the_language_of_their_word(stop, start, language):
    standing, told = Standing(), []
    for seconds, text in enumerate((stop, stop, "जी", stop, start, start)):
        at = NOW + seconds * SECOND
        decision = decide_inbound(standing, said(text, at), at)
        standing = decision.state
        told += [(each.chat_id, each.phrase.key, each.language, each.send_class) for each in decision.say]
    reply = SendClass.REPLY
    assert told == [(CHAT, "stop.done", language, reply), (CHAT, "start.done", language, reply)]


def test_b8_04_who_begins_with_the_word_to_start_is_told_nothing():
    assert decide_inbound(Standing(), said("start"), NOW).say == ()


def test_b8_04_a_stop_that_is_told_of_after_the_start_is_not_confirmed():
    started = decide_inbound(Standing(), said("start", NOW), NOW).state
    assert decide_inbound(started, said("stop", NOW - SECOND), NOW).say == ()


def test_in_a_group_nobody_stops_what_all_get():
    decision = decide_inbound(Standing(), said("stop", kind=ChatKind.GROUP), NOW)
    assert (decision.state.silenced, decision.note, decision.say) == (False, None, ())
    assert decision.state.last_inbound == NOW


def test_a_choice_that_is_told_of_late_does_not_undo_the_newer_one():
    started = decide_inbound(Standing(), said("start", NOW), NOW).state
    assert decide_inbound(started, said("stop", NOW - SECOND), NOW).state is started


def test_the_window_is_open_for_a_day_after_the_last_message():
    standing = decide_inbound(Standing(), said("नमस्ते"), NOW).state
    assert standing.window_open(NOW)
    assert standing.window_open(NOW + WINDOW - SECOND)
    assert not standing.window_open(NOW + WINDOW)
    assert not Standing().window_open(NOW)


def test_a_provider_whose_clock_runs_ahead_holds_no_window_open():
    standing = decide_inbound(Standing(), said("नमस्ते", NOW + 30 * WINDOW), NOW).state
    assert not standing.window_open(NOW + WINDOW)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=8), st.randoms())
def test_in_whatever_order_messages_come_the_newest_counts(seconds, random):
    shuffled = random.sample(seconds, len(seconds))
    standing = Standing()
    for each in shuffled:
        standing = decide_inbound(standing, said("जी", NOW - each * SECOND), NOW).state
    assert standing.last_inbound == NOW - min(seconds) * SECOND


def test_what_is_no_news_changes_nothing():
    standing = Standing(last_inbound=NOW)
    assert decide_inbound(standing, said("जी", NOW - SECOND), NOW).state is standing
