"""What an error of Kafka's means to us."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    CommitFailedError,
    GroupAuthorizationFailedError,
    IllegalGenerationError,
    IllegalStateError,
    KafkaError,
    PolicyViolationError,
    RebalanceInProgressError,
    TopicAuthorizationFailedError,
    UnknownMemberIdError,
)

from shared.errors import LogUnavailable, SettingsError


class Fenced(LogUnavailable):
    """The request came from a generation of the group that is over."""


_FENCED = (
    CommitFailedError,
    IllegalGenerationError,
    IllegalStateError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)

REFUSED = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    PolicyViolationError,
    TopicAuthorizationFailedError,
)
"""What no patience helps against: somebody has to change the rights, or the setting."""


def refused(what: str, error: type[BaseException]) -> SettingsError:
    """Return the error that ends a process to which Kafka refuses `what`."""
    return SettingsError(
        f"The brokers of KAFKA_BOOTSTRAP_SERVERS refuse us {what}: {error.__name__}."
        " Grant it there, or set other brokers."
    )


@contextlib.contextmanager
def translated(what: str | None = None) -> Iterator[None]:
    """Turn what the driver raises into our errors.

    `what` is what Kafka may refuse for want of rights, and named where that ends a start. Rights that are
    taken away later are waited for as anything else: another part of the process may need none of them.
    """
    try:
        yield
    except _FENCED as error:
        raise Fenced(f"The group has moved on: {type(error).__name__}.") from error
    except (KafkaError, OSError) as error:
        if what is not None and isinstance(error, REFUSED):
            raise refused(what, type(error)) from error
        # The built-in TimeoutError is an OSError.
        raise LogUnavailable(f"Kafka does not answer: {type(error).__name__}.") from error
