"""Environment variables of feedback."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class FeedbackSettings(BaseSettings):
    """Settings of feedback: there are none but those that every process has."""

    model_config = SettingsConfigDict(
        env_prefix="FEEDBACK_", extra="ignore", frozen=True, hide_input_in_errors=True
    )
