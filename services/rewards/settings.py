"""Environment variables of rewards."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RewardsSettings(BaseSettings):
    """Settings of rewards; how a community counts is in its rules."""

    model_config = SettingsConfigDict(
        env_prefix="REWARDS_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    public_url: str = Field(
        "http://127.0.0.1:8080",
        pattern=r"^https?://[^\s/]+(/[^\s]*)?$",
        description="Where the public listener is reached from outside: links to the cards of contributors.",
    )
    rebuild: bool = Field(
        default=False,
        description="Fill an empty database from the ledger's topics instead of following what happens; "
        "see the runbook of rewards.",
    )
