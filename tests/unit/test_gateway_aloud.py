from __future__ import annotations

import datetime as dt
import uuid

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.aloud import Reported, aloud_id, decide_outcome, unsaid_of
from services.gateway.domain.delivery import Delivery, Stage
from shared.contracts.envelope import originate
from shared.contracts.gateway import DeliveryReported, DeliveryStatus, MessageSend, SendClass

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
SEND_ID = "3f1c2d4e-0000-5000-8000-000000000001"
GROUP, DIRECT, MEMBER = "c_" + "1" * 20, "c_" + "2" * 20, "m_" + "3" * 20
COMMAND = MessageSend(
    chat_id=GROUP,
    text="सिर्फ़ आपके लिए",
    send_class=SendClass.REPLY,
    not_after=NOW + 10 * MINUTE,
    member_id=MEMBER,
    aloud=True,
)
SENT = Delivery(SEND_ID, GROUP, send_class="reply", member_id=MEMBER).attempt(NOW, DIRECT)

reports = st.lists(st.tuples(st.sampled_from(DeliveryStatus), st.integers(0, 20)), max_size=8)


def report(status: DeliveryStatus) -> DeliveryReported:
    return DeliveryReported(
        send_id=SEND_ID, provider_message=SEND_ID, chat_id=GROUP, status=status, reported_at=NOW
    )


@given(reports)
def test_whatever_is_reported_it_is_said_at_most_once_and_never_too_late(told):
    state, said = Reported({SEND_ID: SENT}, COMMAND), []
    for status, minutes in told:
        now = NOW + minutes * MINUTE
        known = state.deliveries[SEND_ID]
        before = Reported({SEND_ID: known}, state.unsaid if unsaid_of(known) else None)
        event = originate(report(status), event_id=str(uuid.uuid4()), source="/tests", key=GROUP, time=now)
        decision = decide_outcome(before, event, now)
        state = Reported(decision.state.deliveries, decision.state.unsaid if before.unsaid else state.unsaid)
        said += [(each, now) for each in decision.emit if isinstance(each.data, MessageSend)]
    assert len(said) <= 1
    for each, now in said:
        assert now <= COMMAND.not_after
        assert (each.event_id, each.key, each.data) == (aloud_id(SEND_ID), GROUP, COMMAND)
    no_news = {DeliveryStatus.SENT, DeliveryStatus.UNKNOWN}
    first, minutes = next(((each, at) for each, at in told if each not in no_news), (None, 0))
    assert bool(said) == (first is DeliveryStatus.FAILED and minutes <= 10)


def test_a_report_of_somebody_elses_message_is_left_alone():
    event = originate(report(DeliveryStatus.FAILED), event_id=SEND_ID, source="/t", key=GROUP, time=NOW)
    nobodys = Reported({SEND_ID: None})
    decision = decide_outcome(nobodys, event, NOW)
    assert (decision.state, decision.emit) == (nobodys, ())


def test_its_delivery_says_from_the_beginning_that_no_private_way_is_left():
    event = originate(report(DeliveryStatus.FAILED), event_id=SEND_ID, source="/t", key=GROUP, time=NOW)
    kept = decide_outcome(Reported({SEND_ID: SENT}, COMMAND), event, NOW).state.deliveries
    aloud = kept[aloud_id(SEND_ID)]
    assert aloud is not None
    assert (aloud.stage, aloud.aloud, aloud.member_id, aloud.chat_id, aloud.send_class) == (
        Stage.WAITING,
        True,
        MEMBER,
        GROUP,
        "reply",
    )
