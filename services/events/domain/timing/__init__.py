"""Times of sessions: read as people write them, kept as wall time and zone."""

from services.events.domain.timing.answers import settle
from services.events.domain.timing.reader import read_time
from services.events.domain.timing.reading import (
    Ambiguous,
    Impossible,
    NoClock,
    NoDate,
    NoTime,
    Past,
    Question,
    Reading,
    Reason,
    Resolved,
)
from services.events.domain.timing.recurrence import Frequency, Recurrence, UnsupportedRule
from services.events.domain.timing.recurring import (
    Pattern,
    RecurrenceReading,
    Repeats,
    Unsupported,
    read_recurrence,
)
from services.events.domain.timing.rrule import from_rrule, to_rrule
from services.events.domain.timing.series import (
    AlreadyThere,
    NoSuchOccurrence,
    NotAStart,
    Occurrence,
    Series,
    Split,
    cancel_one,
    change_all,
    change_following,
    move_one,
    occurrence,
    occurrences,
)
from services.events.domain.timing.words import Part
from services.events.domain.timing.zones import (
    UnknownZone,
    canonical,
    existing,
    instant,
    wall_at,
    wall_in,
    zone_of,
)

__all__ = [
    "AlreadyThere",
    "Ambiguous",
    "Frequency",
    "Impossible",
    "NoClock",
    "NoDate",
    "NoSuchOccurrence",
    "NoTime",
    "NotAStart",
    "Occurrence",
    "Part",
    "Past",
    "Pattern",
    "Question",
    "Reading",
    "Reason",
    "Recurrence",
    "RecurrenceReading",
    "Repeats",
    "Resolved",
    "Series",
    "Split",
    "UnknownZone",
    "Unsupported",
    "UnsupportedRule",
    "cancel_one",
    "canonical",
    "change_all",
    "change_following",
    "existing",
    "from_rrule",
    "instant",
    "move_one",
    "occurrence",
    "occurrences",
    "read_recurrence",
    "read_time",
    "settle",
    "to_rrule",
    "wall_at",
    "wall_in",
    "zone_of",
]
