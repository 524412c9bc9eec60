from shared.log.kafka.log import KafkaLog

__all__ = ["KafkaLog"]
