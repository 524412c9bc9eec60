"""`make bench`: measures what the README claims and prints it beside the target and the machine."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import os
import platform
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from deploy.local.kafka import LocalKafka
from deploy.local.mongod import LocalMongod
from deploy.local.process import LocalPartUnavailable
from shared.observability.logs import configure
from tests.perf import (
    events,
    feedback,
    feedback_effects,
    ingest,
    moderation,
    processor,
    rewards,
    trip,
    webhooks,
)

REPORT = Path("reports/perf.md")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report."""

    what: str
    measured: str
    target: str
    met: bool


def main() -> int:
    """Measure, print, write the report; return 0 only if every target is met."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument(
        "--runs", type=int, default=3, help="how often each figure is taken; the median counts"
    )
    parser.add_argument("--seconds", type=float, default=8.0, help="how long a run of requests lasts")
    parser.add_argument(
        "--webhook-seconds", type=float, default=60.0, help="how long webhooks come at a fixed pace"
    )
    given = parser.parse_args()
    configure("warning", "console", sys.stderr)
    console = Console()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="chaupal-bench-") as name:
        place = Path(name)
        steps: list[Callable[[], list[Row]]] = [
            lambda: _trip(place / "run", given.runs),
            lambda: _processor(place / "processor", given.runs),
            lambda: _moderation(place / "moderation", given.runs),
            lambda: _events(place / "events", given.runs),
            lambda: _rewards(place / "rewards", given.runs),
            lambda: _feedback(place / "feedback", given.runs),
            lambda: _ingest(place / "ingest", given.runs, given.seconds),
            lambda: _webhooks(place / "webhooks", given.webhook_seconds),
        ]
        for step in steps:
            with console.status("measuring…"):
                rows += step()
    _report(rows, console)
    return 0 if all(row.met for row in rows) else 1


def _trip(data: Path, runs: int) -> list[Row]:
    with trip.installed(data) as first:
        asyncio.run(trip.first_reply(first))
    seconds: list[float] = []
    halves: list[float] = []
    slowest: list[float] = []
    for _ in range(runs):
        with trip.installed(data) as again:
            seconds.append(asyncio.run(trip.first_reply(again)))
            latencies = asyncio.run(trip.replies(again))
            halves.append(latencies[len(latencies) // 2] * 1000)
            slowest.append(latencies[int(len(latencies) * 0.99)] * 1000)
    with trip.installed(data) as quiet:
        asyncio.run(trip.first_reply(quiet))
        idle = trip.idle(quiet, 20.0)
    start, p50, p99 = map(statistics.median, (seconds, halves, slowest))
    share = idle.share_of_core * 100
    return [
        Row("second start to first reply", f"{start:.1f} s", "≤ 8 s", start <= 8),
        Row("message to accepted reply at 50/s, p50", f"{p50:.0f} ms", "≤ 60 ms", p50 <= 60),
        Row("message to accepted reply at 50/s, p99", f"{p99:.0f} ms", "≤ 300 ms", p99 <= 300),
        Row("idle memory, mongod aside", f"{idle.megabytes:.0f} MB", "≤ 300 MB", idle.megabytes <= 300),
        Row("idle share of a core", f"{share:.1f} %", "≤ 3 %", share <= 3),
    ]


def _processor(data: Path, runs: int) -> list[Row]:
    bare: list[float] = []
    ours: list[float] = []
    with LocalMongod(data) as mongod:
        for _ in range(runs):
            bare.append(asyncio.run(processor.measure_bare(mongod.url)))
            ours.append(asyncio.run(processor.measure_processor(mongod.url)))
    rate, ratio = statistics.median(ours), statistics.median(ours) / statistics.median(bare)
    return [
        Row("processor, events/s in batches of 200", f"{rate:,.0f}", "≥ 4,000", rate >= 4000),
        Row("processor beside the same writes bare", f"{ratio:.2f}", "≥ 0.6", ratio >= 0.6),
    ]


def _moderation(data: Path, runs: int) -> list[Row]:
    loaded = [moderation.measure_loading() for _ in range(runs)]
    weights, size, seconds = (
        loaded[0].weights,
        loaded[0].mebibytes,
        statistics.median(each.seconds for each in loaded),
    )
    judgings = [moderation.measure_judge(weights) for _ in range(runs)]
    cheap, model, whole = (
        statistics.median(getattr(each, part) for each in judgings) for part in ("cheap", "model", "whole")
    )
    with LocalMongod(data) as mongod:
        rate = statistics.median(
            asyncio.run(moderation.measure_service(mongod.url, weights)) for _ in range(runs)
        )
    per_core, stored = f"{1000 / cheap:,.0f}", f"{rate:,.0f}"
    return [
        Row("learned weights", f"{size:.1f} MiB, {seconds * 1000:.0f} ms to load", "≤ 3 MiB", size <= 3),
        Row("messages/s judged without the model, a core", per_core, "≥ 5,000", cheap <= 0.2),
        Row("the model alone, p50", f"{model:.2f} ms", "≤ 0.5 ms", model <= 0.5),
        Row("judging a message with everything, p50", f"{whole:.2f} ms", "≤ 1.5 ms", whole <= 1.5),
        Row("messages/s judged and stored in batches of 200", stored, "≥ 2,000", rate >= 2000),
    ]


def _events(data: Path, runs: int) -> list[Row]:
    reading = statistics.median(events.time_parser_seconds() for _ in range(runs)) * 1_000_000
    with LocalMongod(data) as mongod:
        rate = statistics.median(asyncio.run(events.measure_service(mongod.url)) for _ in range(runs))
    return [
        Row("reading a time as people write it, median", f"{reading:.0f} µs", "≤ 200 µs", reading <= 200),
        Row("commands of sessions/s answered and stored", f"{rate:,.0f}", "≥ 2,000", rate >= 2000),
    ]


def _rewards(data: Path, runs: int) -> list[Row]:
    with LocalMongod(data) as mongod:
        rate = statistics.median(asyncio.run(rewards.measure_service(mongod.url)) for _ in range(runs))
        board, place = asyncio.run(rewards.measure_board(mongod.url))
    return [
        Row("facts/s entered into the ledger", f"{rate:,.0f}", "≥ 4,000", rate >= 4000),
        Row("a board of 100,000 members, p99", f"{board * 1000:.1f} ms", "≤ 50 ms", board <= 0.05),
        Row("anybody's place on it, p99", f"{place * 1000:.1f} ms", "≤ 50 ms", place <= 0.05),
    ]


def _feedback(data: Path, runs: int) -> list[Row]:
    seconds = statistics.median(feedback_effects.verdict_seconds() for _ in range(runs))
    with LocalMongod(data) as mongod:
        rate = statistics.median(asyncio.run(feedback.measure_service(mongod.url)) for _ in range(runs))
    return [
        Row("a verdict over 100,000 facts", f"{seconds:.2f} s", "≤ 2 s", seconds <= 2),
        Row("answers to surveys/s taken and stored", f"{rate:,.0f}", "≥ 2,000", rate >= 2000),
    ]


def _ingest(data: Path, runs: int, seconds: float) -> list[Row]:
    with LocalMongod(data / "mongod") as mongod:
        environment = {"MONGO_URL": mongod.url}
        rows = _ingest_on("local", environment, runs, seconds)
        try:
            with LocalKafka(data / "kafka") as kafka:
                environment["KAFKA_BOOTSTRAP_SERVERS"] = kafka.bootstrap
                rows += _ingest_on("kafka", environment, runs, seconds)
        except LocalPartUnavailable as error:
            print(f"Kafka is left out: {error.sentence}", file=sys.stderr)
    return rows


def _ingest_on(backend: str, environment: dict[str, str], runs: int, seconds: float) -> list[Row]:
    bare: list[float] = []
    ours: list[float] = []
    slowest: list[float] = []
    cpu: list[float] = []
    for _ in range(runs):
        bare.append(ingest.measure("bare", environment, seconds).per_second)
        outcome = ingest.measure("gateway", environment, seconds)
        ours.append(outcome.per_second)
        slowest.append(outcome.percentile(0.99) * 1000)
        cpu.append(outcome.server_cpu * 1_000_000)
    rate, p99 = statistics.median(ours), statistics.median(slowest)
    ratio = rate / statistics.median(bare)
    detail = f"{rate:,.0f}/s, {statistics.median(cpu):.0f} µs of processor each"
    return [
        Row(f"webhook ingest on {backend}, beside bare", f"{ratio:.2f} ({detail})", "≥ 0.6", ratio >= 0.6),
        Row(f"webhook ingest on {backend}, p99", f"{p99:.0f} ms", "≤ 100 ms", p99 <= 100),
    ]


def _webhooks(data: Path, seconds: float) -> list[Row]:
    with LocalMongod(data) as mongod:
        found = webhooks.measure({"MONGO_URL": mongod.url}, seconds)
    names = {
        "mixture": (f"3 statuses + 1 message, {webhooks.PER_SECOND}/s for {seconds:.0f} s", 100),
        "batch": (f"one webhook of {webhooks.BATCH:,} updates", 1000),
        "large": (f"one webhook of {webhooks.LARGE // 2**20} MiB", 1000),
    }
    rows = []
    for kind, (what, limit) in names.items():
        answers = found[kind]
        p50, p99 = answers.milliseconds(0.5), answers.milliseconds(0.99)
        measured = f"p50 {p50:.0f} ms, p99 {p99:.0f} ms, {answers.refused} not 2xx"
        met = p99 <= limit and answers.refused == 0
        rows.append(Row(what, measured, f"p99 ≤ {limit:,} ms, 0 not 2xx", met))
    return rows


def _report(rows: list[Row], console: Console) -> None:
    table = Table(title=_machine())
    for title in ("what", "measured", "target", ""):
        table.add_column(title)
    for row in rows:
        table.add_row(row.what, row.measured, row.target, "✓" if row.met else "✗")
    console.print(table)
    REPORT.parent.mkdir(exist_ok=True)
    lines = [f"| {row.what} | {row.measured} | {row.target} | {'✓' if row.met else '✗'} |" for row in rows]
    REPORT.write_text(
        "\n".join([_machine(), "", "| what | measured | target | |", "|---|---|---|---|", *lines, ""])
    )


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    today = dt.datetime.now(dt.UTC).date()
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, Java {'present' if shutil.which('java') else 'absent'}, {today}"
    )


if __name__ == "__main__":
    sys.exit(main())
