"""Reads settings from the environment and `.env`, and refuses to start on a name it does not know."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as SourceError
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from shared.clock import DEFAULT_ZONE
from shared.errors import SettingsError
from shared.http.keys import KeyRing
from shared.i18n import Language

SECRETS_DIRECTORY = "SECRETS_DIR"
SHORTEST_GUARDED = 8
SLIP = 2
"""Edits between a variable and a setting at which the one is taken for a slip of the other."""

NOT_OURS = ("COMPOSE_", "DOCKER_")
"""What Docker Compose reads from the same `.env`."""

SERVICES_DIRECTORY = Path(__file__).parent.parent / "services"


class SharedSettings(BaseSettings):
    """What every process needs to know, whichever services it runs."""

    model_config = SettingsConfigDict(extra="ignore", hide_input_in_errors=True, frozen=True)

    mongo_url: SecretStr = Field(
        SecretStr("mongodb://127.0.0.1:27017/?replicaSet=rs0"),
        description="MongoDB connection string of a replica set; transactions need one.",
    )
    mongo_database_prefix: str = Field(
        "chaupal",
        pattern=r"^[a-z][a-z0-9_]{0,30}$",
        description="Each service keeps its collections in the database `<prefix>_<service>`.",
    )
    kafka_bootstrap_servers: str | None = Field(
        None,
        description="Comma-separated Kafka brokers. Unset: the local log in MongoDB, one process.",
    )
    host: str = Field("127.0.0.1", description="Address both listeners bind to.")
    public_port: int = Field(8080, ge=0, le=65535, description="Port for webhooks, health and the simulator.")
    internal_port: int = Field(
        8081, ge=0, le=65535, description="Port for REST APIs, their documentation and metrics."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="The least severe log line that is written."
    )
    log_format: Literal["json", "console"] = Field(
        "json", description="`json` for machines, `console` for a person at a terminal."
    )
    otlp_endpoint: str | None = Field(
        None,
        pattern=r"^(https?://\S+)?$",
        description="Collector that traces are sent to by OTLP over HTTP, for example "
        "http://collector:4318. Unset: no traces.",
    )
    api_keys: Annotated[KeyRing, NoDecode] = Field(
        default_factory=KeyRing,
        description="Hashed API keys, separated by spaces; `python -m shared.http.keys` makes one.",
    )
    default_language: Language = Field(
        Language.HI, description="Language of a chat that has not chosen one: hi, en or hi-Latn."
    )
    default_zone: ZoneInfo = Field(DEFAULT_ZONE, description="Time zone of a chat that has not chosen one.")
    max_body_bytes: int = Field(
        4 * 1024 * 1024,
        ge=1024,
        description="Largest request body; Meta sends webhooks of up to 3 MB.",
    )
    shutdown_seconds: float = Field(
        25.0, gt=0, description="How long SIGTERM may take before the process gives up draining."
    )


SettingsT = TypeVar("SettingsT", bound=BaseSettings)


def is_set(variable: str, dotenv: Path = Path(".env")) -> bool:
    """Return whether `variable` has a value in the environment or in `dotenv`."""
    return bool(os.environ.get(variable) or dotenv_values(dotenv).get(variable))


def environment_names(settings: type[BaseSettings]) -> dict[str, str]:
    """Return each field of `settings` by the environment variable that sets it."""
    prefix = settings.model_config.get("env_prefix", "")
    return {f"{prefix}{name}".upper(): name for name in settings.model_fields}


def load(settings: type[SettingsT], *others: type[BaseSettings], dotenv: Path = Path(".env")) -> SettingsT:
    """Return `settings` read from the environment and, below it, `dotenv` and the files in `SECRETS_DIR`.

    Args:
        settings: the class to build.
        others: further classes this process builds, whose variables are therefore known too.
        dotenv: a file of `NAME=value` lines; it need not exist.

    Raises:
        SettingsError: a variable is misspelt, missing or has a value that cannot be used. The sentence
            names the variable and never repeats its value, which may be a secret.
    """
    classes: tuple[type[BaseSettings], ...] = (settings, *others)
    known = {SECRETS_DIRECTORY}.union(*map(environment_names, classes))
    from_file = dotenv_values(dotenv)
    _refuse_unknown(known, _prefixes(classes), os.environ, from_file)
    names = {field: name for name, field in environment_names(settings).items()}
    secrets = os.environ.get(SECRETS_DIRECTORY) or from_file.get(SECRETS_DIRECTORY)
    if secrets and not Path(secrets).is_dir():
        raise SettingsError(f"{SECRETS_DIRECTORY} names no directory.")
    try:
        return settings(_env_file=dotenv, _secrets_dir=secrets or None)
    except ValidationError as error:
        problems = "; ".join(
            f"{names.get(str(each['loc'][0]), each['loc'][0])}: {each['msg']}"
            for each in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise SettingsError(f"These settings cannot be used: {problems}.") from None
    except SourceError as error:
        field = str(error).partition('"')[2].partition('"')[0]
        raise SettingsError(f"{names.get(field, field)} is not valid JSON.") from None


def _refuse_unknown(
    known: set[str], own: tuple[str, ...], environ: Mapping[str, str], from_file: Mapping[str, str | None]
) -> None:
    foreign = tuple(_service_prefixes() - set(own))
    for name in (*from_file, *environ):
        upper = name.upper()
        if upper in known or upper.startswith((*foreign, *NOT_OURS)):
            continue
        near = _nearest(upper, known)
        ours = name in from_file or upper.startswith(own)
        if near is None and not ours:
            continue
        hint = f" Did you mean {near}?" if near else ""
        raise SettingsError(f"{name} is not a setting of this process.{hint}")


def _service_prefixes() -> set[str]:
    return {
        f"{each.name.upper()}_" for each in SERVICES_DIRECTORY.iterdir() if (each / "settings.py").exists()
    }


def _prefixes(classes: Iterable[type[BaseSettings]]) -> tuple[str, ...]:
    return tuple(prefix.upper() for each in classes if (prefix := each.model_config.get("env_prefix")))


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the setting that `name` is a slip of; short names are left alone, they resemble too much."""
    candidates = [each for each in known if len(each) >= SHORTEST_GUARDED]
    nearest = process.extractOne(name, candidates, scorer=Levenshtein.distance, score_cutoff=SLIP)
    return nearest[0] if nearest else None
