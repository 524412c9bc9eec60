from __future__ import annotations

import asyncio
import base64
import contextlib
import shutil
import socket
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from deploy.local.kafka.library import DATA, ensure_library, find_java
from deploy.local.process import LOOPBACK, LocalPartUnavailable, settle_port
from deploy.local.server import LocalServer

_LOGGING: Final = Path(__file__).with_name("log4j2.properties")

_PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port}{proxied},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}{advertised}
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={log_dir}

auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# A killed broker may come back as soon as its old session is over.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500

num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=8388608
log.index.size.max.bytes=1048576
"""


class LocalKafka(LocalServer):
    """A real Apache Kafka broker, its own controller, over a directory that outlives it.

    `stop` or `kill`, and then `start`, bring the same broker back: the same ports and the same log.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int = 0,
        cache: Path = DATA,
        heap_mb: int = 256,
        advertised_port: int | None = None,
    ) -> None:
        super().__init__("kafka", data_dir, port)
        self.advertised_port = advertised_port
        """Where a proxy listens; clients that it brings in by `proxied_port` are told to come by it again."""
        self.proxied_port = 0
        """A second door, which there is from the next start on when `advertised_port` is set."""
        self._properties = self._process.directory / "server.properties"
        self._log_dir = self._process.directory / "log"
        self._cache = cache
        self._heap_mb = heap_mb
        self._java: list[str] = []

    @property
    def bootstrap(self) -> str:
        """The address for clients, good while it runs."""
        return f"{LOOPBACK}:{self.port}"

    def _prepare(self) -> None:
        self._java = [str(find_java()), *self._java_options(ensure_library(self._cache))]

    def _launch(self) -> None:
        self._settle()
        self._format(self._java)
        self._process.start([*self._java, "kafka.Kafka", str(self._properties)])
        self._process.wait_until(lambda: answers(self.port), timeout=60)

    def _java_options(self, library: Path) -> list[str]:
        return [
            *("-Xms64m", f"-Xmx{self._heap_mb}m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *("-Djava.awt.headless=true", f"-Dlog4j2.configurationFile={_LOGGING}"),
            *("-cp", f"{library}/*"),
        ]

    def _settle(self) -> None:
        before = self._memory.read()
        self.port = settle_port(self._wanted_port, before.get("port"))
        controller_port = settle_port(0, before.get("controller_port"))
        ports = {"port": self.port, "controller_port": controller_port}
        proxied = advertised = ""
        if self.advertised_port is not None:
            self.proxied_port = ports["proxied_port"] = settle_port(0, before.get("proxied_port"))
            proxied = f",PROXIED://{LOOPBACK}:{self.proxied_port}"
            advertised = f",PROXIED://{LOOPBACK}:{self.advertised_port}"
        self._memory.write({**before, **ports})
        self._properties.write_text(
            _PROPERTIES.format(
                host=LOOPBACK,
                port=self.port,
                controller_port=controller_port,
                proxied=proxied,
                advertised=advertised,
                log_dir=self._log_dir,
            ),
            encoding="utf-8",
        )

    def _format(self, java: list[str]) -> None:
        before = self._memory.read()
        if before.get("formatted"):
            return
        # Only what an interrupted first run left behind can be here.
        shutil.rmtree(self._log_dir, ignore_errors=True)
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode("ascii").rstrip("=")
        formatted = subprocess.run(
            [
                *java,
                "kafka.tools.StorageTool",
                "format",
                f"--cluster-id={cluster_id}",
                "-c",
                str(self._properties),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        if formatted.returncode != 0:
            raise LocalPartUnavailable(f"Kafka could not lay out {self._log_dir}:\n{formatted.stderr}")
        self._memory.write({**before, "formatted": 1})


def answers(port: int) -> bool:
    """Tell whether a broker on this loopback port serves clients."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            pass
    except OSError:
        return False
    # The caller's thread may already run an event loop.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, _has_broker(f"{LOOPBACK}:{port}")).result()


async def _has_broker(bootstrap: str) -> bool:
    client = AIOKafkaClient(bootstrap_servers=bootstrap, request_timeout_ms=5_000)
    with contextlib.suppress(KafkaError, OSError):
        try:
            await client.bootstrap()
            return bool(client.cluster.brokers())
        finally:
            await client.close()
    return False
