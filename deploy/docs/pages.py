"""Everything that is generated, by where it lies."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from deploy.docs import configuration, openapi
from deploy.docs.examples import by_versioned_name
from deploy.docs.wiring import readers, recipes, wired
from shared.contracts import asyncapi
from shared.contracts.compatibility import Break, breaking_changes
from shared.contracts.envelope import REGISTRY
from shared.contracts.schemas import data_schema, versioned_name

ROOT: Final = Path(__file__).parents[2]
SCHEMAS: Final = "docs/schemas"
RELEASED: Final = "docs/schemas/released"
WHOLLY_GENERATED: Final = (SCHEMAS, "docs/openapi")
"""Folders in which a JSON file that is not generated any more is left over."""

REMOVED: Final = Break("", "the schema is gone", "its records and its readers are still there")


async def pages() -> dict[str, str]:
    """Return the content of every generated file, by its path in the repository."""
    async with wired() as services:
        documents = dict(openapi.documents(services))
        groups = readers(services)
    settings = configuration.classes_of([recipe.settings for recipe in recipes()])
    return {
        "docs/asyncapi.yaml": _yaml(asyncapi.document(_version(), groups, by_versioned_name())),
        **{f"{SCHEMAS}/{name}.json": _json(schema) for name, schema in schemas().items()},
        **{f"docs/openapi/{name}.json": _json(document) for name, document in documents.items()},
        "docs/configuration.md": configuration.configuration(settings),
        ".env.example": configuration.env_example(settings),
    }


def schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of every version of every type, by their versioned names."""
    return {versioned_name(model): data_schema(model) for _, model in sorted(REGISTRY.items())}


def leftovers(generated: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """Return the files that an earlier run has written and none will write again."""
    found = [each for folder in WHOLLY_GENERATED for each in sorted((root / folder).glob("*.json"))]
    paths = [each.relative_to(root).as_posix() for each in found]
    return [path for path in paths if path not in generated]


def outdated(generated: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """Return the paths of files that are missing, differ from what is generated, or are left over."""
    differing = [path for path, content in generated.items() if _read(root / path) != content]
    return differing + leftovers(generated, root)


def write(generated: Mapping[str, str], root: Path = ROOT) -> list[str]:
    """Make the files what they should be and return the paths of those that were not."""
    changed = outdated(generated, root)
    for path in changed:
        target = root / path
        if path in generated:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(generated[path], "utf-8")
        else:
            target.unlink()
    return changed


def broken_promises(root: Path = ROOT) -> list[str]:
    """Return what the current schemas break that the last release promised."""
    current = schemas()
    breaks = []
    for path in sorted((root / RELEASED).glob("*.json")):
        released = json.loads(path.read_text("utf-8"))
        new = current.get(path.stem)
        found = [REMOVED] if new is None else breaking_changes(released, new)
        breaks += [f"{path.stem}: {each}" for each in found]
    return breaks


def release(root: Path = ROOT) -> None:
    """Make the current schemas the promise that later ones are held to."""
    folder = root / RELEASED
    folder.mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        (folder / f"{name}.json").write_text(_json(schema), "utf-8")


class _Dumper(yaml.SafeDumper):
    """YAML that a person can read: no aliases, and texts of several lines as they are."""

    def ignore_aliases(self, data: Any) -> bool:
        """Repeat what occurs twice."""
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def _yaml(document: Mapping[str, Any]) -> str:
    return yaml.dump(dict(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _read(path: Path) -> str | None:
    return path.read_text("utf-8") if path.exists() else None


def _version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])
