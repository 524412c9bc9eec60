from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_Key = Annotated[SecretStr, Field(min_length=8)]


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
    waha_webhook_url: str | None = Field(
        None,
        pattern=r"^https?://",
        description="Where a simulated WAHA server sends webhooks: the gateway's address for that account. "
        "Without it there is no such server.",
    )
    waha_hmac_key: _Key | None = Field(
        None, description="Signs the webhooks of the WAHA server; the gateway must know the same key."
    )
    waha_api_key: _Key | None = Field(
        None, description="The `X-Api-Key` that the WAHA server expects from the gateway."
    )
    waha_session: str = Field(
        "chaupal",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="What the session of the WAHA server is called.",
    )
    waha_phone_number: str = Field(
        "919999900100", pattern=r"^\d{8,15}$", description="The number that WAHA drives, digits only."
    )
    waha_base_url: str = Field(
        "http://127.0.0.1:8080/simulator/waha",
        pattern=r"^https?://",
        description="Where the gateway reaches the WAHA server; addresses of files begin with it.",
    )
    seed_demo: bool = Field(
        False,
        description="Create the demo groups and members where there are none, of each account for itself.",
    )

    @model_validator(mode="after")
    def _waha_whole(self) -> Self:
        if self.waha_webhook_url and not (self.waha_hmac_key and self.waha_api_key):
            raise ValueError("SIMULATOR_WAHA_WEBHOOK_URL needs SIMULATOR_WAHA_HMAC_KEY and _API_KEY")
        return self
