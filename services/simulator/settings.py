from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class SimulatorSettings(BaseSettings):
    """What the stand-in for WhatsApp needs to know."""

    model_config = SettingsConfigDict(
        env_prefix="SIMULATOR_", extra="ignore", hide_input_in_errors=True, frozen=True
    )

    webhook_url: str = Field(
        "http://127.0.0.1:8080/webhooks/whatsapp/demo",
        pattern=r"^https?://",
        description="Where webhooks are sent: the gateway's address for this number.",
    )
    app_secret: SecretStr = Field(
        min_length=8, description="Signs webhooks; the gateway must know the same secret."
    )
    access_token: SecretStr = Field(
        min_length=8, description="The Bearer token that the Graph API expects from the gateway."
    )
    phone_number_id: str = Field(
        "100000000000001", pattern=r"^\d{5,20}$", description="Id of the business number in Graph API paths."
    )
    display_phone_number: str = Field(
        "919999900000", pattern=r"^\d{8,15}$", description="The business number itself, digits only."
    )
    bot_name: str = Field(
        "चौपाल", min_length=1, description="The name that members see on the bot's messages."
    )
    seed_demo: bool = Field(
        False, description="Create the demo groups and members when there is nothing in the store."
    )
