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
    decisions_days: int = Field(
        365,
        ge=365,
        le=3650,
        description="How long cases are kept after the last decision about them: at least a year, because "
        "somebody may have to account for them.",
    )
