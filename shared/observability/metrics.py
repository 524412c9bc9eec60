"""Every metric of the platform: a name that is not here does not exist, and no label grows without bound."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

# The time each series was made is a second line for every one of them, and nobody asks for it.
disable_created_metrics()  # type: ignore[no-untyped-call]

REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)

LATENCIES = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

HTTP_REQUESTS = Counter(
    "chaupal_http_requests", "Requests answered.", ("app", "route", "method", "status"), registry=REGISTRY
)
HTTP_SECONDS = Histogram(
    "chaupal_http_request_seconds",
    "Time from the first byte of a request to the last of its answer.",
    ("app", "route"),
    buckets=LATENCIES,
    registry=REGISTRY,
)
WEBHOOK_ITEMS = Counter(
    "chaupal_webhook_items",
    "What signed webhooks contained, by kind.",
    ("channel", "kind"),
    registry=REGISTRY,
)
WEBHOOKS_REFUSED = Counter(
    "chaupal_webhooks_refused",
    "Webhooks answered with an error: signature, account, size, log, store.",
    ("channel", "reason"),
    registry=REGISTRY,
)
LOG_APPENDED = Counter(
    "chaupal_log_records_appended", "Records the log acknowledged.", ("backend", "topic"), registry=REGISTRY
)
LOG_LAG = Gauge(
    "chaupal_log_lag_records",
    "Records of its partitions that a consumer has not read yet.",
    ("consumer", "topic"),
    registry=REGISTRY,
)
RECORDS_HANDLED = Counter(
    "chaupal_records_handled",
    "Records a consumer took from the log: applied, duplicate, skipped, parked, retried or dead_lettered.",
    ("consumer", "outcome"),
    registry=REGISTRY,
)
BATCH_SECONDS = Histogram(
    "chaupal_batch_seconds",
    "Time from a batch's arrival to the end of its transaction.",
    ("consumer",),
    buckets=LATENCIES,
    registry=REGISTRY,
)
DEAD_LETTERS = Counter(
    "chaupal_dead_letters", "Records set aside, by reason.", ("consumer", "reason"), registry=REGISTRY
)
RETRIES = Counter(
    "chaupal_retries", "Records that were put into a retry tier.", ("consumer", "tier"), registry=REGISTRY
)
PARTITIONS_HALTED = Gauge(
    "chaupal_partitions_halted",
    "Partitions a consumer does not read on because too many of their records were set aside.",
    ("consumer",),
    registry=REGISTRY,
)
TIMERS_FIRED = Counter(
    "chaupal_timers",
    "Timers that came due: on_time, late or expired.",
    ("service", "outcome"),
    registry=REGISTRY,
)
TIMER_LATE_SECONDS = Histogram(
    "chaupal_timer_late_seconds",
    "Time from when a timer was due to when it fired.",
    ("service",),
    buckets=(0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 600.0, 3600.0),
    registry=REGISTRY,
)
LETTERS_REPLAYED = Counter(
    "chaupal_letters_replayed",
    "Dead letters handed back to their consumer.",
    ("service", "reason"),
    registry=REGISTRY,
)
LETTERS_DROPPED = Counter(
    "chaupal_letters_dropped",
    "Dead letters given up by an operator.",
    ("service", "reason"),
    registry=REGISTRY,
)
CONSUMER_PAUSED = Gauge(
    "chaupal_consumer_paused",
    "1 while a consumer waits for something it depends on.",
    ("consumer",),
    registry=REGISTRY,
)
OUTBOX_PUBLISHED = Counter(
    "chaupal_outbox_published", "Outbox rows the log acknowledged.", ("service", "topic"), registry=REGISTRY
)
OUTBOX_WAITING = Gauge(
    "chaupal_outbox_waiting", "Outbox rows read but not published yet.", ("service",), registry=REGISTRY
)
DECISIONS = Counter(
    "chaupal_decisions",
    "Decisions that did something, by their reason code.",
    ("consumer", "note"),
    registry=REGISTRY,
)
SENDS = Counter(
    "chaupal_sends",
    "Outbound messages by outcome: accepted, duplicate, failed, expired, dropped, retried, unclear.",
    ("channel", "outcome"),
    registry=REGISTRY,
)
SEND_SECONDS = Histogram(
    "chaupal_send_seconds",
    "Time of one call to the provider.",
    ("channel",),
    buckets=LATENCIES,
    registry=REGISTRY,
)
REPLY_SECONDS = Histogram(
    "chaupal_reply_seconds",
    "Time from the decision to say something to the provider's acceptance of it.",
    buckets=LATENCIES,
    registry=REGISTRY,
)
MESSAGE_INDEX_DROPPED = Counter(
    "chaupal_message_index_dropped",
    "Messages that can not be quoted, deleted or fetched later: full, excessive, refused or not_written.",
    ("reason",),
    registry=REGISTRY,
)
MEDIA_FETCHED = Counter(
    "chaupal_media_fetched",
    "Files of members that were asked for, by what came of it: served, left, or a reason.",
    ("channel", "outcome"),
    registry=REGISTRY,
)
IDENTITY_CONFLICTS = Counter(
    "chaupal_identity_conflicts",
    "Times a payload named one person by addresses of two members.",
    ("channel",),
    registry=REGISTRY,
)
ROSTER_DRIFT = Gauge(
    "chaupal_roster_drift",
    "Members that the last comparison with the provider has added to groups or removed from them.",
    ("channel",),
    registry=REGISTRY,
)
CHANNEL_UP = Gauge(
    "chaupal_channel_up", "1 where the provider takes what an account sends.", ("account",), registry=REGISTRY
)
WEBINARS = Gauge(
    "chaupal_webinars",
    "Sessions of the last 30 days and of those to come, by their stage.",
    ("stage",),
    registry=REGISTRY,
)
REGISTRATIONS = Gauge(
    "chaupal_registrations",
    "People on the rolls of sessions ahead: with a seat, taken, or waiting for one.",
    ("seat",),
    registry=REGISTRY,
)
ATTENDANCE_RATIO = Gauge(
    "chaupal_attendance_ratio",
    "Who was there, of those who had a seat, in the sessions of the last 30 days.",
    registry=REGISTRY,
)
REMINDERS = Gauge(
    "chaupal_reminders",
    "Reminders of the last day by how far they got: wanted, sent, delivered or failed.",
    ("reached",),
    registry=REGISTRY,
)
REMINDER_LATENESS_SECONDS = Gauge(
    "chaupal_reminder_lateness_seconds",
    "How late the latest reminder of the last day came to its turn.",
    registry=REGISTRY,
)
REWARDED_MEMBERS = Gauge(
    "chaupal_rewarded_members",
    "Members who have earned any points in the last four weeks.",
    registry=REGISTRY,
)
REWARDS_TOP_SHARE = Gauge(
    "chaupal_rewards_top_share",
    "What share of the points of four weeks the first five members have, in the community where it is most.",
    registry=REGISTRY,
)
PRIZES_OVERDUE = Gauge(
    "chaupal_prizes_overdue",
    "Prizes that were promised two weeks ago or longer and not handed over.",
    registry=REGISTRY,
)
POINTS_REVERSED_RATIO = Gauge(
    "chaupal_points_reversed_ratio",
    "Points that were taken back in the last four weeks, of those that were given.",
    registry=REGISTRY,
)
RULE_HITS = Counter(
    "chaupal_rule_hits",
    "Reasons of judgements by rule: what was wanted, or shadow where the rule is only tried out.",
    ("rule", "effect"),
    registry=REGISTRY,
)
CASE_RULINGS = Counter(
    "chaupal_case_rulings",
    "What people decided about cases, by rule: upheld, dismissed or overturned.",
    ("rule", "ruling"),
    registry=REGISTRY,
)
CASE_DECISION_SECONDS = Histogram(
    "chaupal_case_decision_seconds",
    "Time from a case's opening, or from the appeal, to a person's decision.",
    ("rule",),
    buckets=(60.0, 300.0, 900.0, 3600.0, 14400.0, 43200.0, 86400.0, 259200.0, 604800.0),
    registry=REGISTRY,
)
REVIEWS_OPEN = Gauge(
    "chaupal_reviews_open",
    "Cases and appeals that wait for a person, when last looked at.",
    registry=REGISTRY,
)
REVIEW_OLDEST_SECONDS = Gauge(
    "chaupal_review_oldest_seconds",
    "How long the oldest of them has waited, when last looked at.",
    registry=REGISTRY,
)
TASK_FAILURES = Counter(
    "chaupal_task_failures", "Supervised tasks that ended the process.", ("task",), registry=REGISTRY
)
STALLS = Counter(
    "chaupal_stalls",
    "Times the event loop, or one of the loops in it, was found standing still.",
    ("task",),
    registry=REGISTRY,
)
SPANS = Counter(
    "chaupal_spans",
    "Spans of traces: recorded, and of these exported to the collector or lost.",
    ("outcome",),
    registry=REGISTRY,
)
SUGGESTIONS = Gauge(
    "chaupal_suggestions",
    "Suggestions of members that are part of no other one.",
    ["status"],
    registry=REGISTRY,
)
SUGGESTIONS_UNANSWERED = Gauge(
    "chaupal_suggestions_unanswered",
    "New suggestions that nobody has answered for fourteen days.",
    registry=REGISTRY,
)
