"""The gateway's environment variables."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

# An empty secret signs for everybody: a placeholder that was never filled in must not start.
Secret = Annotated[SecretStr, Field(min_length=1)]


class Account(BaseModel):
    """One phone number at one provider."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    channel: Literal["cloud_api"] = Field("cloud_api", description="The provider.")
    phone_number_id: str = Field(min_length=1, description="Meta's id of the number (not the number itself).")
    app_secrets: tuple[Secret, ...] = Field(
        min_length=1, description="Secrets that may sign webhooks; two while one is being replaced."
    )
    verify_token: Secret = Field(description="What Meta sends when it subscribes to the webhook.")
    access_token: Secret = Field(description="Token with the permission whatsapp_business_messaging.")
    api_base: str = Field(
        "https://graph.facebook.com/v25.0", pattern=r"^https?://", description="Where the API answers."
    )


class GatewaySettings(BaseSettings):
    """Settings of the gateway."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", extra="ignore", frozen=True, hide_input_in_errors=True
    )

    accounts: dict[str, Account] = Field(
        default_factory=dict,
        description="WhatsApp accounts as JSON, by the name in their webhook's address "
        "/webhooks/whatsapp/<name>.",
    )
    send_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="How long one call to a provider may take."
    )
    reconcile_seconds: float = Field(
        30.0,
        ge=0,
        description="How long to wait for a status before a message of unknown fate is sent again.",
    )
    trace_days: int = Field(
        7,
        ge=0,
        le=365,
        description="For how many days the stations of a message are kept, without its text. 0: not at all.",
    )
