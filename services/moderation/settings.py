"""Moderation's environment variables."""

from __future__ import annotations

from pydantic_settings import BaseSettings, SettingsConfigDict


class ModerationSettings(BaseSettings):
    """Settings of moderation: what differs between chats is in their policies, so there are none yet."""

    model_config = SettingsConfigDict(
        env_prefix="MODERATION_", extra="ignore", frozen=True, hide_input_in_errors=True
    )
