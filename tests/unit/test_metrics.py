from __future__ import annotations

import ast
from pathlib import Path

import prometheus_client
import pytest
from prometheus_client.metrics import MetricWrapperBase

from shared.observability import metrics
from shared.observability.metrics import REGISTRY

ROOT = Path(__file__).parents[2]
DECLARED = {name: each for name, each in vars(metrics).items() if isinstance(each, MetricWrapperBase)}
BOUNDED = {
    # An operator configures the accounts of an installation by name, and they are few.
    "account",
    "app",
    "backend",
    "channel",
    "consumer",
    "effect",
    "kind",
    "method",
    "note",
    "outcome",
    "reached",
    "reason",
    "route",
    # The built-in rules by name, every other as `own`.
    "rule",
    "ruling",
    "seat",
    "service",
    "stage",
    "status",
    "task",
    "tier",
    "topic",
}
"""Labels whose values are a handful of our own words; chats, members and phones are none of them."""


def test_the_registry_holds_what_is_declared_and_what_tells_of_the_process():
    ours = {each._name for each in DECLARED.values()}
    registered = {family.name for family in REGISTRY.collect()}
    assert ours <= registered
    assert {name.split("_")[0] for name in registered - ours} <= {"process", "python"}


def test_nothing_is_counted_beside_the_registry():
    assert not [family for family in prometheus_client.REGISTRY.collect() if "chaupal" in family.name]


@pytest.mark.parametrize("metric", DECLARED.values(), ids=lambda metric: metric._name)
def test_a_metric_is_named_after_us_and_says_what_it_counts(metric):
    assert metric._name.startswith("chaupal_")
    assert metric._documentation.endswith(".")


@pytest.mark.parametrize("metric", DECLARED.values(), ids=lambda metric: metric._name)
def test_x05_no_label_can_hold_a_chat_a_member_or_a_number(metric):
    assert set(metric._labelnames) <= BOUNDED


@pytest.mark.parametrize("path", [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")], ids=str)
def test_metrics_are_declared_in_one_place(path):
    if path == Path(metrics.__file__):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "prometheus_client":
            assert not {each.name for each in node.names} & {
                "Counter",
                "Gauge",
                "Histogram",
                "Summary",
                "Info",
            }


def test_what_is_declared_is_used():
    sources = [
        path.read_text(encoding="utf-8")
        for path in [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")]
        if path != Path(metrics.__file__)
    ]
    assert not [name for name in DECLARED if not any(name in source for source in sources)]
