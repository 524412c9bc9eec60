from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.chaos.__main__ import load_modules
from tests.chaos.scenario import scenarios

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "guarantees.md").read_text(encoding="utf-8")
SECTIONS = {
    title.split(" ", 1)[0]: body
    for title, body in re.findall(r"^## (G\d+ .+?)\n(.*?)(?=^## )", PAGE, flags=re.MULTILINE | re.DOTALL)
}


@cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the tests of a module."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = (each for each in ast.walk(tree) if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return frozenset(each.name for each in functions if each.name.startswith("test_"))


@cache
def scenario_ids() -> frozenset[str]:
    """Return what `chaos:` may name."""
    load_modules()
    return frozenset(each.id.partition(".")[0] for each in scenarios())


def test_the_page_has_every_guarantee_once_and_in_order() -> None:
    assert list(SECTIONS) == [f"G{number}" for number in range(1, len(SECTIONS) + 1)]
    assert len(SECTIONS) >= 16


@pytest.mark.parametrize("number", SECTIONS)
def test_a_guarantee_says_how_it_is_kept_what_proves_it_and_where_it_ends(number: str) -> None:
    parts = re.findall(r"^\*\*(\w+)\.\*\*(.+?)(?=^\*\*|\Z)", SECTIONS[number], flags=re.MULTILINE | re.DOTALL)
    assert [name for name, _ in parts] == ["How", "Proof", "Limit"]
    assert all(text.strip() for _, text in parts)


@pytest.mark.parametrize("number", SECTIONS)
def test_a_guarantee_is_proven_by_tests_and_scenarios_that_exist(number: str) -> None:
    proofs = re.findall(r"`(tests/[^`]+|chaos: [^`]+)`", SECTIONS[number])
    assert any(proof.startswith("tests/") for proof in proofs), "something has to run with every change"
    for proof in proofs:
        if proof.startswith("chaos: "):
            assert proof.removeprefix("chaos: ") in scenario_ids(), proof
            continue
        path, _, name = proof.partition("::")
        assert (ROOT / path).is_file(), proof
        assert name in names_in(path) if name else names_in(path), proof


def test_every_scenario_proves_something() -> None:
    assert scenario_ids() == set(re.findall(r"`chaos: (\w+)`", PAGE))
