"""The gateway's environment variables."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    SecretStr,
    Tag,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

# An empty secret signs for everybody: a placeholder that was never filled in must not start.
Secret = Annotated[SecretStr, Field(min_length=1)]

_STRICT = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
_KEY_BYTES: Final = 32


class CloudApiAccount(BaseModel):
    """One phone number at Meta's Cloud API."""

    model_config = _STRICT

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


class WahaAccount(BaseModel):
    """One session of a WAHA server, which drives a number as a linked device."""

    model_config = _STRICT

    channel: Literal["waha"] = Field(description="The provider.")
    api_base: str = Field(pattern=r"^https?://", description="Where the WAHA server answers.")
    session: str = Field(
        "default", pattern=r"^[A-Za-z0-9_-]{1,64}$", description="What the session is called there."
    )
    api_key: Secret = Field(description="The server's API key.")
    hmac_keys: tuple[Secret, ...] = Field(
        min_length=1, description="Keys that may sign webhooks; two while one is being replaced."
    )
    in_use_since: dt.date | None = Field(
        None,
        description="Since when the number sends messages, where that was before it came here: one that is "
        "new is warmed up.",
    )


def _provider(account: Any) -> Any:
    """Return which provider `account` is at; the Cloud API where it does not say."""
    if isinstance(account, dict):
        return account.get("channel", "cloud_api")
    return getattr(account, "channel", None)


Account: TypeAlias = Annotated[
    Annotated[CloudApiAccount, Tag("cloud_api")] | Annotated[WahaAccount, Tag("waha")],
    Discriminator(
        _provider,
        custom_error_type="unknown_channel",
        custom_error_message="The channel of an account is cloud_api or waha",
    ),
]
"""One number at one provider."""


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
    address_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        validate_default=True,
        description="Keys that phone numbers and other addresses are sealed with in the database, each 32 "
        "bytes in URL-safe Base64, separated by spaces. The first seals, all open. Needed where there are "
        'accounts; made by `python -c "import base64, secrets; '
        'print(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())"`. '
        "Without the right one nobody is recognised any more: keep it beside the backups, not in them.",
    )
    send_timeout_seconds: float = Field(
        10.0, gt=0, le=60, description="How long one call to a provider may take."
    )
    reconcile_seconds: float = Field(
        30.0,
        ge=0,
        description="How long to wait for a status before a message of unknown fate is sent again.",
    )
    reconcile_hours: float = Field(
        6.0,
        gt=0,
        le=168,
        description="How often, about, who is in a group is compared with what the provider says: events of "
        "joining and leaving get lost.",
    )
    sends_per_second: float = Field(
        80.0,
        gt=0,
        le=1000,
        description="How many messages a second one Cloud API number may send, all processes together. Above "
        "what the provider grants, it refuses.",
    )
    pair_seconds: float = Field(
        6.0,
        ge=0,
        le=3600,
        description="One message to the same person per so many seconds, after a burst of 45; above it the "
        "Cloud API refuses. 0: no such limit.",
    )
    noise_per_hour: int = Field(
        6,
        ge=0,
        le=1000,
        description="How many reminders and digests together a group gets within an hour; the others are "
        "dropped, with an event. Replies and warnings do not count.",
    )
    bridge_per_hour: int = Field(
        200,
        ge=1,
        le=10_000,
        description="How many messages an hour a number on a linked device sends, all processes together; "
        "one that sends many gets banned.",
    )
    bridge_first_per_hour: int = Field(
        20,
        ge=1,
        le=10_000,
        description="With how many messages an hour such a number begins. New ones that sent more than some "
        "20 in a row were banned the same day; nobody publishes a limit.",
    )
    bridge_warmup_days: int = Field(
        14,
        ge=0,
        le=365,
        description="For how many days after its first message that number grows, day by day, to the one "
        "above. 0: it does not begin with fewer.",
    )
    bridge_jitter_seconds: float = Field(
        3.0,
        ge=0,
        le=60,
        description="Up to how long a message on a linked device waits, so that no pattern shows.",
    )
    trace_days: int = Field(
        7,
        ge=0,
        le=365,
        description="For how many days the stations of a message are kept, without its text. 0: not at all.",
    )

    message_days: int = Field(
        30,
        ge=1,
        le=365,
        description="For how many days a message can be quoted, deleted or asked for its file. Its ids are "
        "kept for that, not its text.",
    )
    media_max_bytes: int = Field(
        100 * 1024 * 1024,
        ge=1,
        description="The largest file that is handed through from a provider; WhatsApp takes 100 MiB.",
    )

    @field_validator("address_keys", mode="before")
    @classmethod
    def _apart(cls, value: object) -> object:
        return tuple(value.split()) if isinstance(value, str) else value

    @field_validator("address_keys")
    @classmethod
    def _usable(cls, value: tuple[SecretStr, ...], info: ValidationInfo) -> tuple[SecretStr, ...]:
        if info.data.get("accounts") and not value:
            raise ValueError("where there are accounts, addresses need a key")
        if any(len(_decoded(each)) != _KEY_BYTES for each in value):
            raise ValueError("each key is 32 bytes in URL-safe Base64")
        return value

    def seal_keys(self) -> list[bytes]:
        """Return the keys that addresses are sealed with, as bytes."""
        return [_decoded(each) for each in self.address_keys]


def _decoded(key: SecretStr) -> bytes:
    try:
        text = key.get_secret_value().encode("ascii")
        return base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return b""
