"""The registry of topics: everything else that names one derives from here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from shared.contracts import actions, feedback, gateway, members, moderation, rewards, webinars
from shared.contracts.base import EventModel

TWO_WEEKS = dt.timedelta(days=14)
"""As long as an inbox remembers ids, so that a replay of anything still kept is absorbed."""

FOR_EVER = dt.timedelta(days=36_500)
"""A ledger is no ledger without its first line."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One stream of records."""

    name: str
    owner: str
    key: str
    purpose: str
    types: tuple[type[EventModel], ...] = ()
    partitions: int = 12
    retention: dt.timedelta = TWO_WEEKS
    private: bool = False
    """Holds what must not leave its owner, such as addresses."""


INBOUND = Topic(
    "gateway.inbound.v1",
    "gateway",
    "chat_id",
    "What people do in chats.",
    (
        gateway.MessageReceived,
        gateway.MessageEdited,
        gateway.MessageRevoked,
        gateway.ReactionChanged,
        gateway.PollVoted,
    ),
)
CHATS = Topic(
    "gateway.chats.v1",
    "gateway",
    "chat_id",
    "What a chat is, and who is in it as what.",
    (
        gateway.MemberJoined,
        gateway.MemberLeft,
        members.MemberPresent,
        members.MemberPromoted,
        members.MemberDemoted,
        members.JoinRequested,
        members.JoinWithdrawn,
        members.ChatConfigured,
    ),
)
MEMBERS = Topic(
    "gateway.members.v1",
    "gateway",
    "member_id",
    "Who is the same person as whom.",
    (members.MemberMerged, members.MemberUnmerged),
)
OUTBOUND = Topic(
    "gateway.outbound.v1",
    "gateway",
    "chat_id",
    "What services want said and done.",
    (gateway.MessageSend, *actions.COMMANDS),
)
DELIVERY = Topic(
    "gateway.delivery.v1",
    "gateway",
    "chat_id",
    "What became of what was said and done.",
    (
        gateway.MessageAccepted,
        gateway.MessageFailed,
        gateway.DeliveryReported,
        actions.ActionDone,
        actions.ActionUnsupported,
        actions.ActionFailed,
    ),
)
UNPARSED = Topic(
    "gateway.unparsed.v1",
    "gateway",
    "account",
    "Signed input that no rule reads, kept whole.",
    (gateway.WebhookUnparsed,),
    partitions=1,
    private=True,
)
DECISIONS = Topic(
    "moderation.decisions.v1",
    "moderation",
    "chat_id",
    "What moderation decided, and its timers.",
    moderation.EVENTS,
)

WEBINARS = Topic(
    "events.webinars.v1",
    "events",
    "chat_id",
    "Which sessions there are, who takes part, and their timers.",
    webinars.EVENTS,
)

LEDGER = Topic(
    "rewards.ledger.v1",
    "rewards",
    "member_id",
    "Every entry of the ledger, and the badges that follow from them.",
    rewards.LEDGER_EVENTS,
    retention=FOR_EVER,
)
RECOGNITION = Topic(
    "rewards.recognition.v1",
    "rewards",
    "scope",
    "How a community counts, whom it names, its contests and prizes, and their timers.",
    rewards.COMMUNITY_EVENTS,
    retention=FOR_EVER,
)


SUGGESTIONS = Topic(
    "feedback.suggestions.v1",
    "feedback",
    "scope",
    "What members suggest, and what became of it.",
    feedback.SUGGESTION_EVENTS,
)
STRATEGIES = Topic(
    "feedback.strategies.v1",
    "feedback",
    "scope",
    "Which changes are measured, what came of them, and their timers.",
    feedback.STRATEGY_EVENTS,
)


SURVEYS = Topic(
    "feedback.surveys.v1",
    "feedback",
    "scope",
    "What is asked, how many have answered what, and timers; never who.",
    feedback.SURVEY_EVENTS,
)


def dead_letter_topic(service: str) -> Topic:
    """Return the topic in which the consumers of `service` set records aside."""
    return Topic(
        f"{service}.dlq.v1",
        service,
        "the record's own",
        "Records that could not be handled, untouched, with the reason in their headers.",
        partitions=1,
        private=True,
    )


RETRY_TIERS: Mapping[str, dt.timedelta] = {
    "30s": dt.timedelta(seconds=30),
    "5m": dt.timedelta(minutes=5),
    "1h": dt.timedelta(hours=1),
}
"""How long a record that failed for now rests before it is tried again, the first time and the next ones."""


def retry_topic(service: str, tier: str) -> Topic:
    """Return the topic in which records rest for `tier`, a key of `RETRY_TIERS`.

    All of one topic rest equally long, so whoever reads it in order need only look at the first one's time.
    """
    return Topic(
        f"{service}.retry.{tier}.v1",
        service,
        "the record's own",
        f"Records that failed for now, untouched, to be tried again after {tier}.",
        partitions=3,
        private=True,
    )


def replay_topic(service: str) -> Topic:
    """Return the topic on which dead letters of `service` come back to the consumer that set them aside."""
    return Topic(
        f"{service}.replay.v1",
        service,
        "the record's own",
        "Dead letters that somebody asked to be handled again.",
        partitions=3,
        private=True,
    )


@cache  # asked for with every record that is read
def again_topics(service: str) -> tuple[Topic, ...]:
    """Return the topics that bring records back to the consumers of `service`."""
    return (*(retry_topic(service, tier) for tier in RETRY_TIERS), replay_topic(service))


CONSUMING_SERVICES = ("gateway", "moderation", "events", "rewards", "feedback")

TOPICS: tuple[Topic, ...] = (
    INBOUND,
    CHATS,
    MEMBERS,
    OUTBOUND,
    DELIVERY,
    UNPARSED,
    DECISIONS,
    WEBINARS,
    LEDGER,
    RECOGNITION,
    SUGGESTIONS,
    STRATEGIES,
    SURVEYS,
    *(dead_letter_topic(service) for service in CONSUMING_SERVICES),
    *(topic for service in CONSUMING_SERVICES for topic in again_topics(service)),
)
"""Every topic there is."""

_BY_TYPE = {model.TYPE: topic for topic in TOPICS for model in topic.types}
_BY_NAME = {topic.name: topic for topic in TOPICS}


def topic_of(model: type[EventModel]) -> Topic:
    """Return the one topic on which events of type `model` travel.

    Raises:
        KeyError: the type is on no topic.
    """
    return _BY_TYPE[model.TYPE]


def topic_named(name: str) -> Topic:
    """Return the topic called `name`.

    Raises:
        KeyError: there is none.
    """
    return _BY_NAME[name]
