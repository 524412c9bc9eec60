"""Creates the topics of the registry on Kafka: `python -m shared.log.topics`."""

from __future__ import annotations

import asyncio

from shared.contracts.topics import TOPICS
from shared.errors import ChaupalError, SettingsError
from shared.log.kafka import KafkaLog
from shared.observability.logs import configure, get_logger
from shared.settings import SharedSettings, load

log = get_logger(__name__)


async def create(bootstrap_servers: str) -> None:
    """Create every topic that does not exist yet."""
    backend = KafkaLog(bootstrap_servers, "chaupal-topics")
    await backend.ensure_topics(TOPICS)
    log.info("topics.ready", topics=len(TOPICS))


def main() -> None:
    """Create the topics, or exit with one sentence that says why not."""
    try:
        settings = load(SharedSettings)
        configure(settings.log_level, settings.log_format)
        if settings.kafka_bootstrap_servers is None:
            raise SettingsError("KAFKA_BOOTSTRAP_SERVERS is not set; the local log makes its own topics.")
        asyncio.run(create(settings.kafka_bootstrap_servers))
    except ChaupalError as error:
        raise SystemExit(error.sentence) from None


if __name__ == "__main__":
    main()
