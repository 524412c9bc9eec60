"""Tells whether a JSON Schema may take the place of an older one without a new version of the type.

While a release rolls out, and for as long as the log keeps records, old and new readers meet old and new
records. So both directions count: what a new reader may refuse in an old record, and what an old reader may
refuse in a new one. Where this cannot decide, it says that something changed: a false alarm costs a look,
a miss costs dead letters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

Schema: TypeAlias = Mapping[str, Any]

NEW_READER: Final = "a new reader may refuse an old record"
OLD_READER: Final = "an old reader may refuse a new record"
LOST: Final = "what readers rely on is gone"

_UPPER: Final = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_LOWER: Final = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_ANNOTATIONS: Final = frozenset(
    ("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "$comment")
)
_OPEN_ENUM: Final = "x-extensible-enum"
_DECIDED: Final = frozenset(
    ("type", "enum", "const", "properties", "required", "items", "additionalProperties", *_UPPER, *_LOWER)
)
_DEPTH: Final = 32
"""Deeper nesting is taken for a schema that contains itself."""


@dataclass(frozen=True, slots=True)
class Break:
    """One reason why the new schema needs a new version."""

    path: str
    """The field, with `[]` for the elements of a list; empty for the data as a whole."""
    what: str
    hurts: str

    def __str__(self) -> str:
        return f"{self.path or 'data'}: {self.what} ({self.hurts})"


def breaking_changes(old: Schema, new: Schema) -> list[Break]:
    """Return every change from `old` to `new` that a reader or a writer of `old` may fail on."""
    before, after = _Document(old), _Document(new)
    return [
        *(Break(path, what, LOST) for path, what in _lost(before, after, old, new, "")),
        *(Break(path, what, NEW_READER) for path, what in _refused(before, after, old, new, "")),
        *(Break(path, what, OLD_READER) for path, what in _refused(after, before, new, old, "")),
    ]


class _Document:
    """A whole schema, by which references are resolved."""

    def __init__(self, root: Schema) -> None:
        self._root = root

    def resolved(self, schema: Schema) -> Schema:
        """Return `schema` with its reference, if it is one, replaced by what it refers to."""
        if "$ref" not in schema:
            return schema
        target: Any = self._root
        for step in str(schema["$ref"]).removeprefix("#/").split("/"):
            target = target[step]
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        return {**self.resolved(target), **beside}

    def alternatives(self, schema: Schema) -> list[Schema]:
        """Return the plain schemas of which a value has to fit one."""
        plain = self.resolved(schema)
        branches = plain.get("anyOf") or plain.get("oneOf")
        if branches:
            return [each for branch in branches for each in self.alternatives(branch)]
        types = plain.get("type")
        if isinstance(types, list):
            return [{**plain, "type": each} if each != "null" else {"type": each} for each in types]
        return [plain]

    def expanded(self, value: Any, depth: int = 0) -> Any:
        """Return `value`, which is a part of this schema, with all references replaced."""
        if depth > _DEPTH:
            return value
        match value:
            case Mapping():
                plain = self.resolved(value)
                return {name: self.expanded(each, depth + 1) for name, each in plain.items()}
            case list():
                return [self.expanded(each, depth + 1) for each in value]
            case _:
                return value


_Finding: TypeAlias = tuple[str, str]


def _lost(before: _Document, after: _Document, old: Schema, new: Schema, path: str) -> Iterator[_Finding]:
    """Yield what `old` promised to readers and `new` does not, though nobody would refuse it."""
    ours, theirs = before.alternatives(old), after.alternatives(new)
    if not _too_deep(path):
        for one in ours:
            other = _counterpart(one, theirs)
            if other is not None:
                yield from _lost_of_one(before, after, one, other, path)


def _lost_of_one(
    before: _Document, after: _Document, old: Schema, new: Schema, path: str
) -> Iterator[_Finding]:
    gone = [
        value for value in old.get(_OPEN_ENUM, ()) if value not in new.get(_OPEN_ENUM, new.get("enum", ()))
    ]
    if gone:
        yield path, f"value removed: {', '.join(map(str, gone))}"
    fields = new.get("properties", {})
    for name, field in old.get("properties", {}).items():
        inner = _join(path, name)
        if name not in fields:
            yield inner, "field removed"
            continue
        if "default" in field and field.get("default") != fields[name].get("default", field["default"]):
            yield inner, f"default changed from {field['default']!r} to {fields[name]['default']!r}"
        yield from _lost(before, after, field, fields[name], inner)
    if isinstance(old.get("items"), Mapping) and isinstance(new.get("items"), Mapping):
        yield from _lost(before, after, old["items"], new["items"], f"{path}[]")


def _refused(
    writer: _Document, reader: _Document, written: Schema, read: Schema, path: str
) -> Iterator[_Finding]:
    """Yield why a value that fits `written` may not fit `read`."""
    if _too_deep(path):
        return
    readable = reader.alternatives(read)
    for one in writer.alternatives(written):
        same = [each for each in readable if _reads(each.get("type"), one.get("type"))]
        if not same:
            yield path, f"type {_name(one)} is not among {', '.join(map(_name, readable))}"
            continue
        # One alternative that takes everything is enough; else the nearest one explains best.
        yield from min((list(_refused_by_one(writer, reader, one, each, path)) for each in same), key=len)


def _refused_by_one(
    writer: _Document, reader: _Document, written: Schema, read: Schema, path: str
) -> Iterator[_Finding]:
    yield from _refused_values(written, read, path)
    for bounds, tighter in ((_UPPER, _lower_than), (_LOWER, _higher_than)):
        for bound in bounds:
            if bound in read and tighter(read[bound], written.get(bound)):
                yield (
                    path,
                    f"{bound} is {read[bound]} for one side and {written.get(bound, 'absent')} for the other",
                )
    for keyword in sorted(read.keys() - _DECIDED - _ANNOTATIONS):
        changed = writer.expanded(written.get(keyword)) != reader.expanded(read[keyword])
        if changed and not keyword.startswith(("x-", "$")):
            yield path, f"{keyword} changed"
    yield from _refused_members(writer, reader, written, read, path)


def _refused_values(written: Schema, read: Schema, path: str) -> Iterator[_Finding]:
    accepted = _values(read)
    if accepted is None:
        return
    possible = _values(written)
    if possible is None:
        yield path, f"only these values are accepted: {', '.join(map(str, accepted))}"
    elif strange := [value for value in possible if value not in accepted]:
        yield path, f"value not accepted: {', '.join(map(str, strange))}"


def _refused_members(
    writer: _Document, reader: _Document, written: Schema, read: Schema, path: str
) -> Iterator[_Finding]:
    for name in read.get("required", ()):
        if name not in written.get("required", ()):
            yield _join(path, name), "required by one side, and not always sent by the other"
    fields = read.get("properties", {})
    for name, field in written.get("properties", {}).items():
        if name in fields:
            yield from _refused(writer, reader, field, fields[name], _join(path, name))
        elif read.get("additionalProperties", True) is False:
            yield _join(path, name), "unknown fields are not ignored"
    if isinstance(read.get("items"), Mapping) and isinstance(sent := written.get("items", {}), Mapping):
        yield from _refused(writer, reader, sent, read["items"], f"{path}[]")
    elif read.get("items", True) not in (True, written.get("items", True)):
        yield f"{path}[]", "items changed"
    others = read.get("additionalProperties", True)
    if others is not True and written.get("additionalProperties", True) is not others:
        yield from _refused_others(writer, reader, written, others, path)


def _refused_others(
    writer: _Document, reader: _Document, written: Schema, others: Any, path: str
) -> Iterator[_Finding]:
    sent = written.get("additionalProperties", True)
    if isinstance(others, Mapping) and isinstance(sent, Mapping):
        yield from _refused(writer, reader, sent, others, _join(path, "*"))
    elif sent is not False:
        yield path, "additionalProperties changed"


def _counterpart(schema: Schema, among: list[Schema]) -> Schema | None:
    return next((each for each in among if each.get("type") == schema.get("type")), None)


def _reads(reader: Any, written: Any) -> bool:
    return reader in (None, written) or (reader == "number" and written == "integer")


def _values(schema: Schema) -> list[Any] | None:
    if "const" in schema:
        return [schema["const"]]
    values = schema.get("enum")
    return None if values is None else list(values)


def _lower_than(bound: Any, other: Any) -> bool:
    return other is None or bool(bound < other)


def _higher_than(bound: Any, other: Any) -> bool:
    return other is None or bool(bound > other)


def _name(schema: Schema) -> str:
    return str(schema.get("type", "any"))


def _too_deep(path: str) -> bool:
    return path.count(".") + path.count("[]") >= _DEPTH


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
