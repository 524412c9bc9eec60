"""Environment variables of events."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class EventsSettings(BaseSettings):
    """Settings of events; what differs between communities is in their terms."""

    model_config = SettingsConfigDict(
        env_prefix="EVENTS_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    public_url: str = Field(
        "http://127.0.0.1:8080",
        pattern=r"^https?://[^\s/]+(/[^\s]*)?$",
        description="Where the public listener is reached from outside: links to calendars and certificates.",
    )
    secret: SecretStr = Field(
        SecretStr("development-only"),
        min_length=16,
        description="From which the codes of sessions and the numbers of certificates are derived; "
        "a long random text, the same on every process. Whoever knows it can forge attendance.",
    )
