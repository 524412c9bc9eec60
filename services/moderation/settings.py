"""Moderation's environment variables."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ModerationSettings(BaseSettings):
    """Settings of moderation; what differs between chats is in their policies."""

    model_config = SettingsConfigDict(
        env_prefix="MODERATION_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    retention_days: int = Field(
        30,
        ge=1,
        le=365,
        description="How long the texts of messages are kept, for edits, reports, appeals and backtests.",
    )
