"""Which changes of a schema need a new version of the type, and which do not."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from deploy.docs import pages
from deploy.docs.pages import ROOT, broken_promises
from shared.contracts.compatibility import LOST, NEW_READER, OLD_READER, breaking_changes

TEXT = {"type": "string", "minLength": 1, "maxLength": 10}
OLD: dict[str, Any] = {
    "$defs": {
        "Kind": {"type": "string", "x-extensible-enum": ["group", "direct", "unknown"]},
        "Place": {"type": "object", "properties": {"city": TEXT}, "required": ["city"]},
    },
    "type": "object",
    "properties": {
        "chat_id": {"type": "string", "pattern": "^c_[0-9a-f]{20}$"},
        "text": {"anyOf": [TEXT, {"type": "null"}], "default": None},
        "kind": {"$ref": "#/$defs/Kind"},
        "stage": {"type": "string", "enum": ["open", "closed"]},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "share": {"type": "number", "default": 0.5},
        "at": {"type": "string", "format": "date-time"},
        "tags": {"type": "array", "items": {"type": "string"}, "default": [], "maxItems": 5},
        "place": {"$ref": "#/$defs/Place"},
        "names": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["chat_id", "kind", "count"],
}


def changed(*path: str, **values: Any) -> dict[str, Any]:
    """Return `OLD` with `values` at `path`; None removes."""
    new = copy.deepcopy(OLD)
    at = new
    for step in path:
        at = at[step]
    for name, value in values.items():
        if value is None:
            del at[name]
        else:
            at[name] = value
    return new


def field(name: str, **values: Any) -> dict[str, Any]:
    return changed("properties", name, **values)


def text(**values: Any) -> dict[str, Any]:
    return field("text", anyOf=[TEXT | values, {"type": "null"}])


BREAKS = {
    "an optional field is removed": (changed("properties", share=None), "share", LOST),
    "a field inside a field is removed": (
        changed("$defs", "Place", "properties", city=None),
        "place.city",
        LOST,
    ),
    "an open value is removed": (
        changed("$defs", "Kind", **{"x-extensible-enum": ["group", "unknown"]}),
        "kind",
        LOST,
    ),
    "a default changes": (field("share", default=0.7), "share", LOST),
    "a default is set where there was none to speak of": (field("text", default=""), "text", LOST),
    "a required field is removed": (
        changed(properties={"kind": OLD["properties"]["kind"]}, required=["kind"]),
        "chat_id",
        OLD_READER,
    ),
    "a field becomes required": (changed(required=["chat_id", "kind", "count", "at"]), "at", NEW_READER),
    "a new field is required": (
        changed(properties=OLD["properties"] | {"mood": TEXT}, required=[*OLD["required"], "mood"]),
        "mood",
        NEW_READER,
    ),
    "a field inside a field becomes required": (
        changed(
            "$defs", Place={"type": "object", "properties": {"city": TEXT, "x": TEXT}, "required": ["x"]}
        ),
        "place.x",
        NEW_READER,
    ),
    "a field stops being required": (changed(required=["chat_id", "kind"]), "count", OLD_READER),
    "another type": (field("at", type="integer", format=None), "at", NEW_READER),
    "a narrower type": (field("share", type="integer"), "share", NEW_READER),
    "a wider type": (field("count", type="number"), "count", OLD_READER),
    "null is no longer read": (field("text", anyOf=[TEXT]), "text", NEW_READER),
    "null is new": (
        field(
            "at", type=None, format=None, anyOf=[{"type": "string", "format": "date-time"}, {"type": "null"}]
        ),
        "at",
        OLD_READER,
    ),
    "a closed value is removed": (field("stage", enum=["open"]), "stage", NEW_READER),
    "a closed value is added": (field("stage", enum=["open", "closed", "lost"]), "stage", OLD_READER),
    "values become closed": (field("at", enum=["now"]), "at", NEW_READER),
    "a maximum length is lowered": (text(maxLength=9), "text", NEW_READER),
    "a maximum length is raised": (text(maxLength=11), "text", OLD_READER),
    "a minimum length is raised": (text(minLength=2), "text", NEW_READER),
    "a minimum length is lowered": (text(minLength=0), "text", OLD_READER),
    "a maximum length is new": (field("at", maxLength=40), "at", NEW_READER),
    "a maximum is lowered": (field("count", maximum=8), "count", NEW_READER),
    "a minimum is raised": (field("count", minimum=2), "count", NEW_READER),
    "a minimum is gone": (field("count", minimum=None), "count", OLD_READER),
    "an exclusive minimum is new": (field("count", exclusiveMinimum=1), "count", NEW_READER),
    "a list becomes shorter": (field("tags", maxItems=4), "tags", NEW_READER),
    "a list may not be empty": (field("tags", minItems=1), "tags", NEW_READER),
    "elements get another type": (field("tags", items={"type": "integer"}), "tags[]", NEW_READER),
    "elements get no type": (field("tags", items=None), "tags[]", OLD_READER),
    "no elements any more": (field("tags", items=False), "tags[]", NEW_READER),
    "values of a mapping get another type": (
        field("names", additionalProperties={"type": "integer"}),
        "names.*",
        NEW_READER,
    ),
    "unknown fields are refused": (changed(additionalProperties=False, properties={}), "kind", NEW_READER),
    "unknown fields get a type": (changed(additionalProperties={"type": "string"}), "", NEW_READER),
    "another pattern": (field("chat_id", pattern="^c_[0-9a-f]{32}$"), "chat_id", NEW_READER),
    "a pattern is gone": (field("chat_id", pattern=None), "chat_id", OLD_READER),
    "another format": (field("at", format="date"), "at", NEW_READER),
    "a rule that is not understood": (field("tags", uniqueItems=True), "tags", NEW_READER),
    "a rule behind a reference": (
        field("names", propertyNames={"$ref": "#/$defs/Kind"}),
        "names",
        NEW_READER,
    ),
}

GROWTH = {
    "nothing": OLD,
    "an optional field is added": changed(properties=OLD["properties"] | {"mood": TEXT | {"default": "x"}}),
    "an open value is added": changed(
        "$defs", "Kind", **{"x-extensible-enum": ["group", "direct", "channel", "unknown"]}
    ),
    "words change": field("at", title="At", description="When.", examples=["2026-01-01T00:00:00Z"]),
    "a definition is inlined": changed("properties", place=OLD["$defs"]["Place"]),
    "alternatives change places": field("text", anyOf=[{"type": "null"}, TEXT]),
    "alternatives are written as types": changed(
        "properties", text=TEXT | {"type": ["string", "null"], "default": None}
    ),
}


@pytest.mark.parametrize(("new", "path", "hurts"), BREAKS.values(), ids=list(BREAKS))
def test_a_break_is_found_and_named(new: dict[str, Any], path: str, hurts: str) -> None:
    assert (path, hurts) in {(each.path, each.hurts) for each in breaking_changes(OLD, new)}


@pytest.mark.parametrize("new", GROWTH.values(), ids=list(GROWTH))
def test_growth_is_no_break(new: dict[str, Any]) -> None:
    assert breaking_changes(OLD, new) == []


@pytest.mark.parametrize(
    "name", ["a narrower type", "a wider type", "a maximum is lowered", "a minimum is gone"]
)
def test_a_break_names_only_the_side_it_hurts(name: str) -> None:
    new, _, hurts = BREAKS[name]
    assert {each.hurts for each in breaking_changes(OLD, new)} == {hurts}


def test_a_change_of_a_rule_behind_the_same_reference_is_found() -> None:
    old = field("names", propertyNames={"$ref": "#/$defs/Kind"})
    new = copy.deepcopy(old)
    new["$defs"]["Kind"]["maxLength"] = 3
    assert {"names", "kind"} <= {each.path for each in breaking_changes(old, new)}


def test_a_schema_that_contains_itself_comes_to_an_end() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}}}
    row = {"type": "array", "items": {"$ref": "#/$defs/Row"}}
    old = {"$ref": "#/$defs/Node", "$defs": {"Node": node, "Row": row}}
    assert breaking_changes(old, old) == []
    assert breaking_changes({**old, "$ref": "#/$defs/Row"}, {**old, "$ref": "#/$defs/Row"}) == []


def test_a_break_reads_as_a_sentence() -> None:
    found = {str(each) for each in breaking_changes(OLD, text(maxLength=9))}
    assert found == {
        "text: maxLength is 9 for one side and 10 for the other (a new reader may refuse an old record)"
    }


_SENT = (None, -1, 0, 1, 2, 3, 0.5, "", "a", "aa", "aaa", "b", ["a"])
_BOUND = st.one_of(st.none(), st.integers(0, 2))
_PLAIN = st.one_of(
    st.builds(lambda low, high: _bounded("string", "Length", low, high), _BOUND, _BOUND),
    st.builds(lambda low, high: _bounded("integer", "imum", low, high), _BOUND, _BOUND),
    st.builds(lambda low, high: _bounded("number", "imum", low, high), _BOUND, _BOUND),
    st.builds(lambda values: {"enum": values}, st.lists(st.sampled_from(["", "a", "b", 1]), min_size=1)),
    st.sampled_from([{"type": "null"}, {"type": ["string", "null"]}, {"type": "array"}, {}]),
)
_SCHEMA = _PLAIN | st.builds(lambda *each: {"anyOf": list(each)}, _PLAIN, _PLAIN)


def _bounded(kind: str, suffix: str, low: int | None, high: int | None) -> dict[str, Any]:
    bounds = {f"min{suffix}": low, f"max{suffix}": high}
    return {"type": kind, **{name: value for name, value in bounds.items() if value is not None}}


@settings(max_examples=1000, deadline=None)
@given(st.tuples(_SCHEMA, st.booleans()), st.tuples(_SCHEMA, st.booleans()))
def test_where_no_break_is_found_each_side_reads_what_the_other_sends(
    old: tuple[dict[str, Any], bool], new: tuple[dict[str, Any], bool]
) -> None:
    sides = [
        {"type": "object", "properties": {"a": schema}, "required": ["a"] if required else []}
        for schema, required in (old, new)
    ]
    if breaking_changes(*sides):
        return
    before, after = map(Draft202012Validator, sides)
    for record in ({}, *({"a": value} for value in _SENT)):
        assert before.is_valid(record) == after.is_valid(record)


def test_the_current_schemas_keep_what_the_last_release_promised() -> None:
    assert broken_promises() == []


def test_there_is_a_promise_to_keep() -> None:
    assert list((ROOT / pages.RELEASED).glob("*.json"))


@pytest.mark.parametrize("path", sorted((ROOT / pages.RELEASED).glob("*.json")), ids=lambda path: path.stem)
def test_a_promise_can_be_broken(path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    current = pages.schemas()
    name = current[path.stem]["required"][0]
    del current[path.stem]["properties"][name]
    monkeypatch.setattr(pages, "schemas", lambda: current)
    assert any(each.startswith(f"{path.stem}: {name}: field removed") for each in broken_promises())
    del current[path.stem]
    assert any("the schema is gone" in each for each in broken_promises())
