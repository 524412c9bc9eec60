from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.delivery import Delivery, Stage, decide_report, later
from services.gateway.sending.sender import LONGEST_WAIT, backoff
from shared.contracts.envelope import Envelope, originate
from shared.contracts.gateway import DeliveryReported, DeliveryStatus, MessageFailed

NOW = dt.datetime(2026, 11, 23, 4, 30, tzinfo=dt.UTC)
SEND, MESSAGE = "3f1c2d4e-0000-5000-8000-000000000001", "3f1c2d4e-0000-5000-8000-000000000009"
CHAT = "c_" + "1" * 20
MEMBERS = ["m_" + digit * 20 for digit in "12"]
FRESH = Delivery(SEND, CHAT)

STATUSES = st.sampled_from(DeliveryStatus)
REPORTS = st.lists(st.tuples(STATUSES, st.sampled_from([None, *MEMBERS])), max_size=6)
DELIVERIES = st.sampled_from(
    [
        FRESH,
        FRESH.attempt(NOW),
        FRESH.attempt(NOW).postponed(),
        FRESH.attempt(NOW).accepted("wamid.OUT="),
        FRESH.failed("expired"),
    ]
)


def merged(delivery: Delivery, reports: list[tuple[DeliveryStatus, str | None]]) -> Delivery:
    for status, member in reports:
        delivery = delivery.reported(status, member)
    return delivery


def report(status: DeliveryStatus, *codes: int, member: str | None = None) -> Envelope[DeliveryReported]:
    data = DeliveryReported(
        send_id=SEND,
        provider_message=MESSAGE,
        chat_id=CHAT,
        member_id=member,
        status=status,
        provider_codes=codes,
        reported_at=NOW,
    )
    return originate(data, event_id=MESSAGE, source="/chaupal/gateway", key=CHAT, time=NOW)


@given(DELIVERIES, REPORTS, st.randoms())
def test_reports_in_any_order_lead_to_the_same_delivery(delivery, reports, random):
    shuffled = random.sample(reports, len(reports))
    assert merged(delivery, reports) == merged(delivery, shuffled)


@given(DELIVERIES, REPORTS)
def test_a_report_told_twice_changes_nothing(delivery, reports):
    once = merged(delivery, reports)
    assert merged(once, reports) is once


@given(DELIVERIES, REPORTS, STATUSES, st.sampled_from([None, *MEMBERS]))
def test_no_report_moves_a_delivery_back(delivery, reports, status, member):
    before = merged(delivery, reports)
    after = before.reported(status, member)
    assert later(before.stage, after.stage) is after.stage
    for each, stage in before.members.items():
        assert later(stage, after.members[each]) is after.members[each]


@given(REPORTS)
def test_what_a_report_has_moved_is_never_given_to_the_provider_again(reports):
    after = merged(FRESH.attempt(NOW), reports)
    assert after.settled == (after.stage is not Stage.IN_FLIGHT)
    if after.settled:
        assert after.attempt(NOW) is after
        assert after.postponed() is after


def test_an_answer_that_comes_behind_its_status_only_adds_the_id():
    read = FRESH.attempt(NOW).reported(DeliveryStatus.READ, None)
    accepted = read.accepted("wamid.OUT=")
    assert (accepted.stage, accepted.provider_id) == (Stage.READ, "wamid.OUT=")
    assert accepted.accepted(None).provider_id == "wamid.OUT="


def test_delivered_after_failed_is_delivered():
    failed = FRESH.attempt(NOW).reported(DeliveryStatus.FAILED, None)
    assert failed.stage is Stage.FAILED
    assert failed.reported(DeliveryStatus.SENT, None).stage is Stage.FAILED
    assert failed.reported(DeliveryStatus.DELIVERED, None).stage is Stage.DELIVERED


@pytest.mark.parametrize("status", [DeliveryStatus.DELIVERED, DeliveryStatus.READ, DeliveryStatus.PLAYED])
def test_what_has_arrived_cannot_be_given_up(status):
    arrived = FRESH.attempt(NOW).reported(status, None)
    assert arrived.failed("expired") is arrived


def test_one_failed_phone_does_not_fail_the_message_of_a_group():
    after = FRESH.attempt(NOW).reported(DeliveryStatus.FAILED, MEMBERS[0])
    assert (after.stage, after.members) == (Stage.SENT, {MEMBERS[0]: Stage.FAILED})
    after = after.reported(DeliveryStatus.READ, MEMBERS[1])
    assert (after.stage, after.members[MEMBERS[1]]) == (Stage.READ, Stage.READ)


def test_a_status_nobody_knows_is_no_news():
    assert FRESH.reported(DeliveryStatus.UNKNOWN, MEMBERS[0]) is FRESH


def test_attempts_are_counted_until_the_message_is_settled():
    delivery = FRESH
    for expected in (1, 2, 3):
        delivery = delivery.attempt(NOW).postponed()
        assert (delivery.stage, delivery.attempts, delivery.attempted_at) == (Stage.WAITING, expected, NOW)


def test_a_report_of_somebody_elses_message_is_left_alone():
    decision = decide_report(None, report(DeliveryStatus.READ), NOW)
    assert (decision.state, decision.emit, decision.say, decision.note) == (None, (), (), None)


def test_a_failure_keeps_the_first_code_of_the_provider():
    decision = decide_report(FRESH.attempt(NOW), report(DeliveryStatus.FAILED, 131026, 131049), NOW)
    assert decision.state is not None
    assert (decision.state.stage, decision.state.code) == (Stage.FAILED, "provider_131026")
    assert decision.note == "delivery_failed"
    (said,) = decision.emit
    assert isinstance(said.data, MessageFailed)
    assert (said.data.code, said.data.provider_code, said.key) == ("undelivered", 131026, FRESH.chat_id)


def test_a_failure_is_said_once():
    failed = decide_report(FRESH.attempt(NOW), report(DeliveryStatus.FAILED, 131026), NOW).state
    assert decide_report(failed, report(DeliveryStatus.FAILED, 131026), NOW).emit == ()


def test_a_failure_without_a_code_is_one_too():
    decision = decide_report(FRESH.attempt(NOW), report(DeliveryStatus.FAILED), NOW)
    assert decision.state is not None
    assert (decision.state.stage, decision.state.code) == (Stage.FAILED, "undelivered")


def test_a_report_that_says_nothing_new_is_not_noted():
    read = FRESH.attempt(NOW).reported(DeliveryStatus.READ, None)
    decision = decide_report(read, report(DeliveryStatus.DELIVERED), NOW)
    assert (decision.state, decision.note) == (read, None)


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(Stage, 2)))
def test_of_two_stages_one_is_later(one, other):
    assert later(one, other) is later(other, one)


@given(st.integers(1, 10_000), st.floats(0, 300))
def test_the_wait_before_a_retry_grows_within_bounds(attempts, at_least):
    wait = backoff(attempts, at_least)
    assert at_least <= wait <= max(at_least, LONGEST_WAIT)
    assert backoff(attempts + 1, at_least) >= wait


def test_the_first_retries_come_soon():
    assert [backoff(attempts, 0) for attempts in (1, 2, 3, 4, 8)] == [0.5, 1.0, 2.0, 4.0, 30.0]
