from __future__ import annotations

from deploy.local.kafka.broker import LocalKafka
from deploy.local.kafka.library import KAFKA_VERSION, ensure_library, find_java

__all__ = ["KAFKA_VERSION", "LocalKafka", "ensure_library", "find_java"]
