"""The pages about settings: what each variable is for, and what holds where it is not set."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from shared.settings import SECRETS_DIRECTORY, SharedSettings, environment_names

GENERATED: Final = "Written by `make docs`; what is changed here is lost."

INTRODUCTION: Final = f"""\
<!-- {GENERATED} -->

# Configuration

Settings come from, in this order: environment variables; the file `.env` in the working directory, for which
[`.env.example`](../.env.example) is a start; and, where `{SECRETS_DIRECTORY}` names a directory, its files,
each called like a variable and holding its value. A variable that looks like a misspelt setting stops the
start. Secrets are never shown, not even their defaults.
"""

ENV_INTRODUCTION: Final = f"""\
# {GENERATED}
# Copy it to `.env` and uncomment what you change. Where else settings may come from: docs/configuration.md.
"""

REQUIRED: Final = "required"
REQUIRED_HIDDEN: Final = "required, hidden"
HIDDEN: Final = "hidden"
UNSET: Final = "unset"
_REMARKS: Final = {REQUIRED: " Required.", REQUIRED_HIDDEN: " Required. Secret.", HIDDEN: " Secret."}


@dataclass(frozen=True, slots=True)
class Setting:
    """One variable, or one key of a variable that holds JSON."""

    name: str
    default: str | None
    """As it would be written; None where there is none that can be written."""
    shown: str
    """What stands in the table."""
    description: str


def title(settings: type[BaseSettings]) -> str:
    """Return the heading of a class of settings."""
    return settings.__name__.removesuffix("Settings").replace("Shared", "Every process")


def settings_of(model: type[BaseModel], names: Mapping[str, str]) -> Iterator[Setting]:
    """Yield what can be set in `model`, whose fields are called `names` from outside."""
    for name, field in names.items():
        info = model.model_fields[field]
        default = None if _is_secret(info) or info.is_required() else _written(info)
        yield Setting(name, default, _shown(info, default), " ".join((info.description or "").split()))


def configuration(classes: Sequence[type[BaseSettings]]) -> str:
    """Return the page, with a table for each of `classes`."""
    parts = [INTRODUCTION]
    for settings in classes:
        parts.append(f"## {title(settings)}\n")
        names = environment_names(settings)
        parts.append(_table("Variable", settings_of(settings, names)) if names else "There are none.\n")
        for name, field in names.items():
            for nested in _models(settings.model_fields[field].annotation):
                parts.append(f"### Inside `{name}`\n\n{(nested.__doc__ or '').strip()}\n")
                keys = {key: key for key in nested.model_fields}
                parts.append(_table("Key", settings_of(nested, keys)))
    return "\n".join(parts)


def env_example(classes: Sequence[type[BaseSettings]]) -> str:
    """Return a `.env` in which every variable of `classes` is commented out at its default."""
    parts = [ENV_INTRODUCTION]
    for settings in classes:
        if names := environment_names(settings):
            parts.append(f"# --- {title(settings)} ---\n")
            parts.extend(_lines(each) for each in settings_of(settings, names))
    return "\n".join(parts)


def classes_of(services: Sequence[type[BaseSettings]]) -> list[type[BaseSettings]]:
    """Return the classes of settings in the order in which they are described."""
    return [SharedSettings, *services]


def _lines(setting: Setting) -> str:
    remark = _REMARKS.get(setting.shown, "")
    return f"# {setting.description}{remark}\n# {setting.name}={setting.default or ''}\n"


def _table(kind: str, settings: Iterator[Setting]) -> str:
    rows = [f"| {kind} | Default | What it is |", "|---|---|---|"]
    rows += [f"| `{each.name}` | {each.shown} | {_cell(each.description)} |" for each in settings]
    return "\n".join(rows) + "\n"


def _cell(text: str) -> str:
    """Return `text` so that Markdown shows it as it is: outside code, `<` would begin a tag."""
    parts = text.replace("|", "\\|").split("`")
    return "`".join(part if number % 2 else part.replace("<", "&lt;") for number, part in enumerate(parts))


def _shown(info: FieldInfo, default: str | None) -> str:
    if info.is_required():
        return REQUIRED_HIDDEN if _is_secret(info) else REQUIRED
    if _is_secret(info):
        return HIDDEN
    # A bar would end the cell.
    return f"`{default}`".replace("|", "\\|") if default else UNSET


def _written(info: FieldInfo) -> str | None:
    value: Any = info.get_default(call_default_factory=True)
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case Enum():
            return str(value.value)
        case str() | int() | float() | ZoneInfo():
            return str(value)
        case dict() | list():
            return json.dumps(value, ensure_ascii=False)
        case _:
            # Anything else is written by a parser of its own, and is empty at first.
            return ""


def _is_secret(info: FieldInfo) -> bool:
    return SecretStr in _leaves(info.annotation)


def _models(annotation: Any) -> list[type[BaseModel]]:
    leaves = _leaves(annotation)
    return [each for each in leaves if isinstance(each, type) and issubclass(each, BaseModel)]


def _leaves(annotation: Any) -> list[Any]:
    """Return the types of which `annotation` is made."""
    if get_origin(annotation) is typing.Literal:
        return []
    inner = get_args(annotation)
    return [leaf for each in inner for leaf in _leaves(each)] if inner else [annotation]
