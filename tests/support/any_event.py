"""Any event or command there can be, for tests that must hold for all of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from enum import Enum
from typing import Any, get_args

from hypothesis import strategies as st
from pydantic import AwareDatetime

from shared.contracts import actions, feedback, gateway, members, moderation, rewards, webinars
from shared.contracts.base import EventModel

# Whatever a phone can send and UTF-8 can carry.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
WORD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
HEX = st.text("0123456789abcdef", min_size=20, max_size=20)
CHAT, MEMBER, MESSAGE = HEX.map("c_{}".format), HEX.map("m_{}".format), st.uuids().map(str)
TIME = st.datetimes(min_value=dt.datetime(1970, 1, 1), timezones=st.sampled_from([dt.UTC]))  # noqa: DTZ001
IN_CHAT: dict[str, Any] = {"chat_id": CHAT, "chat_kind": st.sampled_from(gateway.ChatKind)}


def maybe(strategy: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | strategy


SHORT = st.text(st.characters(exclude_categories=["Cs"]), min_size=2, max_size=16)
COMMAND: dict[str, Any] = {"chat_id": CHAT, "not_after": TIME}
OUTCOME: dict[str, Any] = {
    "action_id": MESSAGE,
    "action": st.sampled_from([model.TYPE for model in actions.COMMANDS]),
    "chat_id": CHAT,
}
SLUG = st.from_regex(r"[a-z][a-z0-9_.]{0,30}", fullmatch=True)
OF_CASE: dict[str, Any] = {
    "case_id": st.builds("{}#{}".format, SHORT, st.integers(1, 10**6)),
    "chat_id": CHAT,
    "member_id": MEMBER,
    "community": maybe(SHORT),
}
ATTACHMENT = st.builds(
    gateway.Attachment,
    mime_type=maybe(TEXT),
    filename=maybe(TEXT),
    sha256=maybe(TEXT),
    voice=st.booleans(),
    animated=st.booleans(),
)
LOCATION = st.builds(
    gateway.Location,
    latitude=st.floats(-90, 90),
    longitude=st.floats(-180, 180),
    name=maybe(TEXT),
    address=maybe(TEXT),
)
FILE = st.builds(
    gateway.File,
    kind=st.sampled_from(gateway.SendKind),
    link=maybe(st.just("https://files.example.org/notes.pdf")),
    provider_media=maybe(WORD),
    filename=maybe(TEXT),
)
CHOICE = st.builds(gateway.Choice, id=WORD, title=SHORT, description=maybe(TEXT))
TEMPLATE = st.builds(
    gateway.Template, name=WORD, language=SHORT, parameters=st.lists(TEXT, max_size=3).map(tuple)
)

LINK = st.just("https://example.org/recording")
OF_WEBINAR: dict[str, st.SearchStrategy[Any]] = {
    "webinar_id": st.builds("{}#{}".format, SHORT, st.integers(1, 10**6)),
    "chat_id": CHAT,
    "member_id": MEMBER,
    "host": maybe(MEMBER),
    "after": maybe(MEMBER),
    "community": maybe(SHORT),
    "series": maybe(SHORT),
    "origin": maybe(
        st.builds(
            webinars.OriginOfWebinar,
            kind=st.sampled_from(webinars.OriginKind),
            origin_id=SHORT,
            title=maybe(SHORT),
        )
    ),
    "reason": SHORT,
    "recording": maybe(LINK),
    "slides": maybe(LINK),
    "rating": st.integers(1, 5),
    "speakers": st.lists(SHORT, max_size=3).map(tuple),
    "capacity": maybe(st.integers(1, 10**5)),
    "minutes": st.integers(1, 600),
}


ACTION = st.from_regex(r"[a-z][a-z_]{0,31}", fullmatch=True)
PLACED = st.builds(
    rewards.Placed,
    member_id=MEMBER,
    points=st.integers(0, 1000),
    parts=st.lists(
        st.builds(rewards.Part, action=ACTION, count=st.integers(0, 9), points=st.integers(0, 99)), max_size=3
    ).map(tuple),
)
OF_FEEDBACK: dict[str, st.SearchStrategy[Any]] = {
    "scope": SLUG,
    "suggestion_id": SLUG,
    "into_id": SLUG,
    "chat_id": CHAT,
    "community": maybe(SHORT),
    "member_id": MEMBER,
    "merged_by": SLUG,
    "decided_by": SLUG,
    "strategy_id": SLUG,
    "metric": SLUG,
    "change": SHORT,
    "owner": MEMBER,
    "first_day": st.dates().map(lambda day: day.isoformat()),
    "last_day": st.dates().map(lambda day: day.isoformat()),
    "registered_by": SLUG,
    "survey_id": SLUG,
    "kind": st.sampled_from(["nps", "text"]),
    "value": st.integers(0, 100),
    "reason": maybe(SHORT),
}
OF_REWARDS: dict[str, st.SearchStrategy[Any]] = {
    "member_id": MEMBER,
    "chat_id": CHAT,
    "scope": SLUG,
    "claim_id": SLUG,
    "action": ACTION,
    "reason": st.text("abc ", min_size=1, max_size=32),
    "giver": maybe(MEMBER),
    "about": maybe(MESSAGE),
    "topic": maybe(SLUG),
    "by": maybe(SLUG),
    "why": maybe(SHORT),
    "source": SLUG,
    "cause": SLUG,
    "against": st.lists(SLUG, max_size=3).map(tuple),
    "day": st.dates().map(lambda day: day.isoformat()),
    "week": st.sampled_from(["2026-W47", "2027-W01"]),
    "badge": SLUG,
    "points": st.integers(0, 1000),
    "action_limits": st.dictionaries(ACTION, st.integers(0, 100), max_size=3),
    "members": st.lists(PLACED, max_size=3).map(tuple),
    "runners_up": st.lists(PLACED, max_size=3).map(tuple),
    "rested": st.lists(MEMBER, max_size=3).map(tuple),
    "vetoed": st.lists(MEMBER, max_size=3).map(tuple),
    "winners": st.lists(MEMBER, max_size=3).map(tuple),
    "nominated_by": MEMBER,
    "changed_by": SLUG,
    "contest_id": SLUG,
    "prize_id": SLUG,
    "title": SHORT,
}


def of_fields(
    model: type[EventModel], known: Mapping[str, st.SearchStrategy[Any]]
) -> st.SearchStrategy[EventModel]:
    """Return a strategy for a fact; `known` says what some fields are like, in all facts of their kind."""
    kinds: dict[Any, st.SearchStrategy[Any]] = {
        str: SHORT,
        int: st.integers(1, 10**6),
        bool: st.booleans(),
        AwareDatetime: TIME,
    }
    fields = {}
    for name, field in model.model_fields.items():
        kind = next((each for each in get_args(field.annotation) if each is not type(None)), field.annotation)
        some: st.SearchStrategy[Any] | None = kinds.get(kind)
        if isinstance(kind, type) and issubclass(kind, Enum):
            some = st.sampled_from(kind)
        strategy = known.get(name, some)
        assert strategy is not None, f"{model.__name__}.{name}"
        fields[name] = strategy
    return st.builds(model, **fields)


BUILDERS: dict[type[EventModel], st.SearchStrategy[EventModel]] = {
    gateway.MessageReceived: st.builds(
        gateway.MessageReceived,
        **IN_CHAT,
        message_id=MESSAGE,
        member_id=MEMBER,
        sent_at=TIME,
        kind=st.sampled_from(gateway.MessageKind),
        text=maybe(TEXT),
        reply_to=maybe(MESSAGE),
        forwarded=st.booleans(),
        media_id=maybe(TEXT),
        unsupported_type=maybe(TEXT),
        attachment=maybe(ATTACHMENT),
        location=maybe(LOCATION),
        choice=maybe(TEXT),
        form=maybe(TEXT),
        mentions=st.lists(MEMBER, max_size=3).map(tuple),
        often_forwarded=st.booleans(),
        from_advertisement=st.booleans(),
    ),
    gateway.MessageEdited: st.builds(
        gateway.MessageEdited,
        **IN_CHAT,
        message_id=MESSAGE,
        member_id=MEMBER,
        text=maybe(TEXT),
        edited_at=TIME,
    ),
    gateway.MessageRevoked: st.builds(
        gateway.MessageRevoked, **IN_CHAT, message_id=MESSAGE, member_id=maybe(MEMBER), revoked_at=TIME
    ),
    gateway.PollVoted: st.builds(
        gateway.PollVoted,
        **IN_CHAT,
        message_id=MESSAGE,
        member_id=MEMBER,
        options=st.lists(TEXT, max_size=3).map(tuple),
        voted_at=TIME,
    ),
    gateway.ReactionChanged: st.builds(
        gateway.ReactionChanged,
        **IN_CHAT,
        message_id=MESSAGE,
        member_id=MEMBER,
        emoji=maybe(TEXT),
        changed_at=TIME,
    ),
    gateway.MemberJoined: st.builds(gateway.MemberJoined, **IN_CHAT, member_id=MEMBER, joined_at=TIME),
    gateway.MemberLeft: st.builds(
        gateway.MemberLeft, **IN_CHAT, member_id=MEMBER, removed=st.booleans(), left_at=TIME
    ),
    gateway.MessageSend: st.builds(
        gateway.MessageSend,
        chat_id=CHAT,
        text=WORD,
        send_class=st.sampled_from(gateway.SendClass),
        not_after=TIME,
        reply_to=maybe(MESSAGE),
        mentions=st.lists(MEMBER, max_size=3).map(tuple),
        file=maybe(FILE),
        choices=st.lists(CHOICE, max_size=3).map(tuple),
        poll=st.lists(WORD, max_size=3).map(tuple),
        many_answers=st.booleans(),
        fallback=maybe(TEMPLATE),
    ),
    gateway.MessageAccepted: st.builds(
        gateway.MessageAccepted, send_id=MESSAGE, chat_id=CHAT, accepted_at=TIME
    ),
    gateway.MessageFailed: st.builds(
        gateway.MessageFailed,
        send_id=MESSAGE,
        chat_id=CHAT,
        code=WORD,
        provider_code=maybe(st.integers(-(10**6), 10**6)),
        failed_at=TIME,
    ),
    gateway.DeliveryReported: st.builds(
        gateway.DeliveryReported,
        send_id=maybe(MESSAGE),
        provider_message=MESSAGE,
        chat_id=CHAT,
        member_id=maybe(MEMBER),
        status=st.sampled_from(gateway.DeliveryStatus),
        provider_codes=st.lists(st.integers(0, 10**6), max_size=4).map(tuple),
        reported_at=TIME,
    ),
    gateway.WebhookUnparsed: st.builds(gateway.WebhookUnparsed, account=WORD, reason=WORD, raw=TEXT),
    members.MemberPresent: st.builds(members.MemberPresent, **IN_CHAT, member_id=MEMBER, seen_at=TIME),
    members.MemberPromoted: st.builds(members.MemberPromoted, **IN_CHAT, member_id=MEMBER, promoted_at=TIME),
    members.MemberDemoted: st.builds(members.MemberDemoted, **IN_CHAT, member_id=MEMBER, demoted_at=TIME),
    members.JoinRequested: st.builds(
        members.JoinRequested, **IN_CHAT, member_id=MEMBER, request_id=WORD, requested_at=TIME
    ),
    members.JoinWithdrawn: st.builds(
        members.JoinWithdrawn, **IN_CHAT, member_id=MEMBER, request_id=WORD, withdrawn_at=TIME
    ),
    members.ChatConfigured: st.builds(
        members.ChatConfigured,
        **IN_CHAT,
        community=maybe(WORD),
        subject=maybe(TEXT),
        language=maybe(SHORT),
        zone=maybe(WORD),
        channel=SHORT,
        capabilities=st.lists(WORD, max_size=3).map(tuple),
        configured_at=TIME,
    ),
    members.MemberMerged: st.builds(members.MemberMerged, member_id=MEMBER, merged_id=MEMBER, merged_at=TIME),
    members.MemberUnmerged: st.builds(
        members.MemberUnmerged, member_id=MEMBER, merged_id=MEMBER, unmerged_at=TIME
    ),
    actions.MessageReact: st.builds(actions.MessageReact, **COMMAND, message_id=MESSAGE, emoji=maybe(TEXT)),
    actions.MessageDelete: st.builds(actions.MessageDelete, **COMMAND, message_id=MESSAGE),
    actions.MessagePin: st.builds(actions.MessagePin, **COMMAND, message_id=MESSAGE, days=st.integers(0, 30)),
    actions.MemberRemove: st.builds(actions.MemberRemove, **COMMAND, member_id=MEMBER),
    actions.JoinAnswer: st.builds(actions.JoinAnswer, **COMMAND, request_id=WORD, approved=st.booleans()),
    actions.ChatRestrict: st.builds(actions.ChatRestrict, **COMMAND, admins_only=st.booleans()),
    actions.ActionDone: st.builds(actions.ActionDone, **OUTCOME, done_at=TIME),
    actions.ActionUnsupported: st.builds(actions.ActionUnsupported, **OUTCOME, code=WORD, told_at=TIME),
    actions.ActionFailed: st.builds(
        actions.ActionFailed,
        **OUTCOME,
        code=WORD,
        provider_code=maybe(st.integers(-(10**6), 10**6)),
        failed_at=TIME,
    ),
    moderation.PolicyChanged: st.builds(
        moderation.PolicyChanged,
        chat_id=CHAT,
        version=st.integers(1, 10**6),
        languages=st.lists(WORD, max_size=3).map(tuple),
        changed_by=WORD,
        changed_at=TIME,
    ),
    moderation.RulesAccepted: st.builds(
        moderation.RulesAccepted,
        chat_id=CHAT,
        member_id=MEMBER,
        version=st.integers(0, 10**6),
        language=SHORT,
        accepted_at=TIME,
    ),
    moderation.MessageFlagged: st.builds(
        moderation.MessageFlagged,
        **OF_CASE,
        message_id=MESSAGE,
        rule=SLUG,
        check=SLUG,
        code=SLUG,
        category=SLUG,
        intent=st.sampled_from(moderation.WantedIntent),
        policy_version=st.integers(0, 10**6),
        flagged_at=TIME,
    ),
    moderation.MemberWarned: st.builds(
        moderation.MemberWarned,
        **OF_CASE,
        points=st.integers(0, 100),
        total=st.integers(0, 100),
        expires_at=maybe(TIME),
        warned_at=TIME,
    ),
    moderation.MemberRestricted: st.builds(
        moderation.MemberRestricted, **OF_CASE, until=TIME, restricted_at=TIME
    ),
    moderation.MemberReleased: st.builds(
        moderation.MemberReleased,
        **OF_CASE,
        reason=st.sampled_from(moderation.ReleaseReason),
        released_at=TIME,
    ),
    moderation.MemberExpelled: st.builds(moderation.MemberExpelled, **OF_CASE, expelled_at=TIME),
    moderation.CaseEnforced: st.builds(
        moderation.CaseEnforced, **OF_CASE, action=SLUG, achieved=SLUG, code=maybe(WORD), enforced_at=TIME
    ),
    moderation.CaseAppealed: st.builds(moderation.CaseAppealed, **OF_CASE, appealed_at=TIME),
    moderation.CaseUpheld: st.builds(
        moderation.CaseUpheld,
        **OF_CASE,
        message_id=maybe(MESSAGE),
        reason=SLUG,
        upheld_by=WORD,
        upheld_at=TIME,
    ),
    moderation.CaseDismissed: st.builds(
        moderation.CaseDismissed,
        **OF_CASE,
        message_id=maybe(MESSAGE),
        reason=SLUG,
        dismissed_by=WORD,
        dismissed_at=TIME,
    ),
    moderation.CaseOverturned: st.builds(
        moderation.CaseOverturned,
        **OF_CASE,
        message_id=maybe(MESSAGE),
        reason=SLUG,
        overturned_by=WORD,
        overturned_at=TIME,
    ),
    moderation.StrikeExpired: st.builds(moderation.StrikeExpired, **OF_CASE, expired_at=TIME),
    moderation.RestrictionEnded: st.builds(moderation.RestrictionEnded, **OF_CASE, ended_at=TIME),
    moderation.RaidDetected: st.builds(
        moderation.RaidDetected, chat_id=CHAT, joins=st.integers(1, 1000), until=TIME, detected_at=TIME
    ),
    moderation.RaidEnded: st.builds(moderation.RaidEnded, chat_id=CHAT, ended_at=TIME),
    moderation.CampaignDetected: st.builds(
        moderation.CampaignDetected,
        chat_id=CHAT,
        community=maybe(SHORT),
        fingerprint=SLUG,
        members=st.integers(1, 1000),
        chats=st.integers(1, 1000),
        detected_at=TIME,
    ),
    **{model: of_fields(model, OF_WEBINAR) for model in webinars.EVENTS},
    **{model: of_fields(model, OF_FEEDBACK) for model in feedback.EVENTS},
    **{model: of_fields(model, OF_REWARDS) for model in rewards.EVENTS},
    rewards.PointsReversed: of_fields(
        rewards.PointsReversed, {**OF_REWARDS, "points": st.integers(-1000, -1)}
    ),
    rewards.RewardRulesChanged: of_fields(
        rewards.RewardRulesChanged,
        {**OF_REWARDS, "points": st.dictionaries(ACTION, st.integers(0, 100), max_size=3)},
    ),
}
