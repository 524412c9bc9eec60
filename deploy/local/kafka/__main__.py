from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from deploy.local.kafka.broker import LocalKafka
from deploy.local.kafka.library import DATA, KAFKA_VERSION
from deploy.local.process import LocalPartUnavailable


def main() -> int:
    """Run one broker until Ctrl-C."""
    wanted = argparse.ArgumentParser(prog="python -m deploy.local.kafka", description=main.__doc__)
    wanted.add_argument("--port", type=int, default=9092, help="0 for any free port (default: %(default)s)")
    wanted.add_argument("--data", type=Path, default=DATA / "broker", help="where the log is kept")
    options = wanted.parse_args()

    asked_to_stop = threading.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, lambda *_: asked_to_stop.set())

    print(f"Starting Apache Kafka {KAFKA_VERSION} …", flush=True)
    try:
        broker = LocalKafka(options.data, port=options.port).start()
    except LocalPartUnavailable as unavailable:
        print(unavailable.sentence, file=sys.stderr)
        return 1
    print(f"KAFKA_BOOTSTRAP_SERVERS={broker.bootstrap}   (Ctrl-C stops it; its log is kept)", flush=True)
    while broker.running and not asked_to_stop.wait(0.5):
        pass
    ended_by_itself = not broker.running
    broker.stop()
    if ended_by_itself:
        print(f"The broker ended by itself; see {broker.log_file}.", file=sys.stderr)
    return int(ended_by_itself)


if __name__ == "__main__":
    sys.exit(main())
