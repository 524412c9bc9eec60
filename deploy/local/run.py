"""`make run`: the whole platform on this machine, without Docker and without an account anywhere."""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local.kafka import LocalKafka
from deploy.local.mongod import LocalMongod
from deploy.local.process import LocalPartUnavailable
from deploy.local.secrets import DevelopmentSecrets

PHONE_NUMBER_ID = "100000000000001"
WAHA_SESSION = "chaupal"
READY_SECONDS = 90.0
STOP_SECONDS = 35.0

console = Console(highlight=False, soft_wrap=True)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where one process listens."""

    public: int
    internal: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Which process runs what, and where."""

    modules: Mapping[str, Ports]
    gateway: Ports
    simulator: Ports

    @classmethod
    def one_process(cls, base: int) -> Plan:
        """All services together."""
        ports = Ports(base, base + 1)
        return cls({"services": ports}, ports, ports)

    @classmethod
    def one_process_each(cls, base: int) -> Plan:
        """Each service alone, as in production."""
        gateway, moderation, events, rewards, feedback, simulator = (
            Ports(base + step, base + step + 1) for step in (0, 2, 4, 6, 8, 10)
        )
        modules = {
            "services.gateway": gateway,
            "services.moderation": moderation,
            "services.events": events,
            "services.rewards": rewards,
            "services.feedback": feedback,
            "services.simulator": simulator,
        }
        return cls(modules, gateway, simulator)


class Started:
    """The processes of this installation, as children of this one."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, module: str, environment: Mapping[str, str]) -> None:
        """Start `python -m module` with its output in a file."""
        self._logs.mkdir(parents=True, exist_ok=True)
        with (self._logs / f"{module}.log").open("ab") as output:
            self._children[module] = subprocess.Popen(
                [sys.executable, "-m", module],
                env=dict(environment),
                stdout=output,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches this process alone, which then stops the others in order.
                start_new_session=True,
            )

    def ended(self) -> str | None:
        """Return the name of a process that is no longer there."""
        return next((name for name, child in self._children.items() if child.poll() is not None), None)

    def stop(self) -> None:
        """End every process, giving each the time to drain."""
        for child in self._children.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def last_words(self, module: str) -> str:
        """Return the end of a process's output."""
        lines = (self._logs / f"{module}.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-5:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Start everything, print where it is, and stop it in order at Ctrl-C."""
    parser = argparse.ArgumentParser(prog="make run", description=main.__doc__)
    parser.add_argument("--kafka", action="store_true", help="run on Apache Kafka, each service a process")
    parser.add_argument("--data", type=Path, default=Path(".data"), help="where data, logs and secrets are")
    parser.add_argument("--port", type=int, default=8080, help="the first port to use")
    given = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        with ExitStack() as stack:
            return _run(given.data.resolve(), given.port, given.kafka, stack, stop)
    except LocalPartUnavailable as error:
        console.print(f"[red]{error.sentence}[/red]")
        return 1


def _run(data: Path, port: int, kafka: bool, stack: ExitStack, stop: threading.Event) -> int:  # noqa: FBT001
    began = time.monotonic()
    plan = Plan.one_process_each(port) if kafka else Plan.one_process(port)
    secrets = DevelopmentSecrets.kept_in(data)
    environment = {**os.environ, **_settings(plan, secrets)}
    if "MONGO_URL" not in environment:
        environment["MONGO_URL"] = _step("MongoDB", lambda: _mongod(data, stack))
    if kafka and "KAFKA_BOOTSTRAP_SERVERS" not in environment:
        environment["KAFKA_BOOTSTRAP_SERVERS"] = _step("Kafka", lambda: _kafka(data, stack))
    started = Started(data / "logs")
    stack.callback(_step_down, started)
    for module, ports in plan.modules.items():
        listening = {"PUBLIC_PORT": str(ports.public), "INTERNAL_PORT": str(ports.internal)}
        started.start(module, environment | listening)
    _step("Chaupal", lambda: _until_ready(plan, started, stop))
    if not stop.is_set():
        _tell(plan, secrets, data / "logs", time.monotonic() - began)
    while not stop.wait(0.5):
        ended = started.ended()
        if ended is not None:
            console.print(
                f"[red]{ended} has stopped by itself:[/red]\n{started.last_words(ended)}", markup=True
            )
            return 1
    console.print("Stopping…")
    return 0


def _settings(plan: Plan, secrets: DevelopmentSecrets) -> dict[str, str]:
    account = {
        "phone_number_id": PHONE_NUMBER_ID,
        "app_secrets": [secrets.app_secret],
        "verify_token": secrets.verify_token,
        "access_token": secrets.access_token,
        "api_base": f"http://127.0.0.1:{plan.simulator.public}/simulator/graph/v25.0",
    }
    bridge = f"http://127.0.0.1:{plan.simulator.public}/simulator/waha"
    linked = {
        "channel": "waha",
        "api_base": bridge,
        "session": WAHA_SESSION,
        "api_key": secrets.waha_api_key,
        "hmac_keys": [secrets.waha_hmac_key],
    }
    return {
        "GATEWAY_ACCOUNTS": json.dumps({"demo": account, "large": linked}),
        "GATEWAY_ADDRESS_KEYS": secrets.address_key,
        # A number that nobody can ban need not be warmed up, nor seem to be used by a person.
        "GATEWAY_BRIDGE_WARMUP_DAYS": "0",
        "GATEWAY_BRIDGE_PER_HOUR": "10000",
        "GATEWAY_BRIDGE_JITTER_SECONDS": "0.5",
        "API_KEYS": secrets.api_key_hash,
        "SIMULATOR_WEBHOOK_URL": f"http://127.0.0.1:{plan.gateway.public}/webhooks/whatsapp/demo",
        "SIMULATOR_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
        "SIMULATOR_APP_SECRET": secrets.app_secret,
        "SIMULATOR_ACCESS_TOKEN": secrets.access_token,
        "SIMULATOR_WAHA_WEBHOOK_URL": f"http://127.0.0.1:{plan.gateway.public}/webhooks/whatsapp/large",
        "SIMULATOR_WAHA_BASE_URL": bridge,
        "SIMULATOR_WAHA_SESSION": WAHA_SESSION,
        "SIMULATOR_WAHA_API_KEY": secrets.waha_api_key,
        "SIMULATOR_WAHA_HMAC_KEY": secrets.waha_hmac_key,
        "SIMULATOR_SEED_DEMO": "true",
    }


def _step(name: str, work: Callable[[], str]) -> str:
    began = time.monotonic()
    with console.status(f"{name} is starting…"):
        where = work()
    console.print(f"[green]✓[/green] {name:<8} {where}  [dim]{time.monotonic() - began:.1f} s[/dim]")
    return where


def _mongod(data: Path, stack: ExitStack) -> str:
    return stack.enter_context(LocalMongod(data / "mongod")).url


def _kafka(data: Path, stack: ExitStack) -> str:
    return stack.enter_context(LocalKafka(data / "kafka-log", cache=data / "kafka")).bootstrap


def _until_ready(plan: Plan, started: Started, stop: threading.Event) -> str:
    deadline = time.monotonic() + READY_SECONDS
    waiting = {ports.internal for ports in plan.modules.values()}
    while waiting and not stop.is_set():
        ended = started.ended()
        if ended is not None:
            raise LocalPartUnavailable(f"{ended} did not start:\n{started.last_words(ended)}")
        if time.monotonic() > deadline:
            raise LocalPartUnavailable("The services did not become ready in time; see the logs.")
        waiting = {port for port in waiting if not _ready(port)}
        stop.wait(0.05)
    return ", ".join(plan.modules)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except (urllib.error.URLError, OSError):
        return False


def _tell(plan: Plan, secrets: DevelopmentSecrets, logs: Path, seconds: float) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("Chat page", f"[bold cyan]http://127.0.0.1:{plan.simulator.public}/simulator/[/bold cyan]")
    for module, ports in plan.modules.items():
        names = (
            ("gateway", "moderation", "events", "rewards", "feedback", "simulator")
            if module == "services"
            else (module.rpartition(".")[2],)
        )
        for name in names:
            table.add_row(f"API of {name}", f"http://127.0.0.1:{ports.internal}/{name}/docs")
        table.add_row("Metrics", f"http://127.0.0.1:{ports.internal}/metrics")
    table.add_row("API key", secrets.api_key)
    table.add_row("Logs", str(logs))
    console.print()
    console.print(table)
    console.print(f"\nReady after {seconds:.1f} s. Ctrl-C stops everything; the data stays.")


def _step_down(started: Started) -> None:
    with console.status("The services finish what they have begun…"):
        started.stop()
    console.print("[green]✓[/green] Stopped.")


if __name__ == "__main__":
    sys.exit(main())
