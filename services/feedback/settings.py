"""Environment variables of feedback."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class FeedbackSettings(BaseSettings):
    """Settings of feedback."""

    model_config = SettingsConfigDict(
        env_prefix="FEEDBACK_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    public_url: str = Field(
        "http://127.0.0.1:8080",
        pattern=r"^https?://[^\s/]+(/[^\s]*)?$",
        description="Where the public listener is reached from outside: links by which members answer.",
    )
