"""What the script API takes."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    model_validator,
)

from services.simulator.domain.dialect import CLOUD_API
from services.simulator.domain.faults import Fault, Plan, Rule
from services.simulator.domain.files import MEDIA
from services.simulator.domain.limits import Limits
from services.simulator.domain.people import BOT, digits
from services.simulator.domain.receipts import Pace


def _phone(number: str) -> str:
    plain = digits(number)
    if not 8 <= len(plain) <= 15:  # noqa: PLR2004 - as E.164 has it
        raise ValueError("a phone number has 8 to 15 digits")
    return plain


def _admin(who: str) -> str:
    return who if who == BOT else _phone(who)


Phone = Annotated[str, AfterValidator(_phone), Field(max_length=32, examples=["919999900001"])]


Who = Annotated[
    str, AfterValidator(_admin), Field(max_length=32, description="A phone, or `bot`.", examples=["bot"])
]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class NewMember(_Body):
    """Somebody with a phone."""

    phone: Phone
    name: str = Field(max_length=200)
    username: str | None = Field(None, max_length=64)
    phone_hidden: StrictBool = Field(False, description="Webhooks carry the business-scoped id alone.")


class NewGroup(_Body):
    """A group with people in it."""

    subject: str = Field(min_length=1, max_length=128)
    description: str = Field("", max_length=2048)
    members: list[Phone] = Field(default_factory=list, description="Members that exist already.")
    admins: list[Phone] = Field(default_factory=list)
    announce: StrictBool = Field(True, description="Tell the gateway by webhook.")
    approval: StrictBool = Field(False, description="People are let in one by one.")
    account: Literal["cloud_api", "waha"] = Field(CLOUD_API, description="Whose number is in it.")
    bot_admin: StrictBool = Field(True, description="With WAHA: the bot is an admin.")


class Regrouping(_Body):
    """What is to be different about a group; what is left out stays."""

    subject: str | None = Field(None, min_length=1, max_length=128)
    description: str | None = Field(None, max_length=2048)
    approval: StrictBool | None = Field(None, description="People are let in one by one.")
    admins_only: StrictBool | None = Field(None, description="With WAHA: only admins may write.")


class NewNumber(_Body):
    """The number that somebody has from now on."""

    phone: Phone


class Joining(_Body):
    """Who joins."""

    phone: Phone
    name: str | None = Field(None, max_length=200, description="Creates the member when there is none.")


class Saying(_Body):
    """What a member says."""

    author: Phone | None = Field(None, alias="from", description="In a direct chat it may be left out.")
    text: str = Field("", max_length=65536)
    reply_to: str | None = Field(None, max_length=256)
    type: str = Field(
        "text",
        max_length=40,
        pattern=r"^[a-z_]+$",
        description="WhatsApp's type; `unsupported` brings its error, others bring what `payload` says.",
    )
    payload: dict[str, Any] = Field(
        default_factory=dict,
        description="Merged over the message of the webhook, for example {image: {id: …}}.",
    )
    media: str | None = Field(None, max_length=128, description="The id of a file from POST /media.")
    voice: StrictBool = Field(False, description="The recording was made on the spot.")
    forwarded: StrictBool = False

    @model_validator(mode="after")
    def _a_file_has_a_kind(self) -> Self:
        if self.media is not None and self.type not in MEDIA:
            raise ValueError(f"a file is one of {', '.join(MEDIA)}")
        return self


class Editing(_Body):
    """What a message says from now on; of a file, its caption."""

    author: Phone | None = Field(None, alias="from", description="In a direct chat it may be left out.")
    text: str = Field(min_length=1, max_length=65536)


class Answering(_Body):
    """What an admin says, in the app, to somebody who asks to come in."""

    approved: StrictBool


class Voting(_Body):
    """What somebody chooses in a poll, all of it; nothing takes their vote back."""

    author: Phone | None = Field(None, alias="from", description="In a direct chat it may be left out.")
    message_id: str = Field(max_length=256)
    options: list[Annotated[str, Field(max_length=256)]] = Field(max_length=12)


class SessionState(_Body):
    """How the WAHA session is, and which version of WAHA the server runs."""

    status: Literal["STOPPED", "STARTING", "SCAN_QR_CODE", "WORKING", "FAILED"]
    version: str | None = Field(
        None,
        max_length=32,
        pattern=r"^[0-9]+\.[0-9]+\.[0-9]+$",
        description="Left out, it stays. Requests to join are known from 2026.8.2 on.",
    )


class Pressing(_Body):
    """A button that is pressed, or a row that is chosen."""

    author: Phone | None = Field(None, alias="from")
    message_id: str = Field(max_length=256)
    choice: str = Field(max_length=256, description="The id of the button or row.")


class Reacting(_Body):
    """A reaction; an empty emoji takes it away."""

    author: Phone | None = Field(None, alias="from")
    message_id: str = Field(max_length=256)
    emoji: str = Field(max_length=32)


_FAULTS = (
    "Not accepted: `fail` (with `status` and `code`), `rate_limit`, `pair_limit` (of a linked device: 429), "
    "`token_expired` (of WAHA: the API key is refused), `reset` "
    "(the connection breaks), `hang` (no answer until the faults change). Accepted: `drop` (the connection "
    "breaks), `hang_accepted`, `half_open` (the answer begins and stops), `slow_drip` (byte by byte), "
    "`garbage` (no JSON), `undelivered` (a `failed` status with `code` follows), `status_first` (a status "
    "comes before the answer), `slow` (all goes well, later)."
)


class FaultRule(_Body):
    """One thing that goes wrong with calls; without to, every, first and rate: with all of them.

    These are the Graph API's messages calls, and all of WAHA's that change something.
    """

    fault: Fault = Field(description=_FAULTS)
    status: StrictInt = Field(500, ge=400, le=599, description="HTTP status of `fail`.")
    code: StrictInt = Field(131000, description="Error code of `fail` and `undelivered`.")
    retry_after: StrictInt = Field(1, ge=0, description="Seconds that `rate_limit` asks for.")
    delay_ms: StrictInt = Field(
        1000, ge=0, le=600_000, description="Of `slow`, and of each byte of `slow_drip`."
    )
    to: str | None = Field(
        None, max_length=256, description="Hit only this chat: a group's id, a phone, or <phone>@c.us."
    )
    every: StrictInt | None = Field(None, ge=1, description="Hit every nth call.")
    first: StrictInt | None = Field(None, ge=1, description="Hit the first n calls after this PUT.")
    rate: StrictFloat | None = Field(None, ge=0, le=1, description="Hit calls with this probability.")

    def rule(self) -> Rule:
        """Return what this asks for."""
        return Rule(**self.model_dump(exclude={"delay_ms"}), delay=self.delay_ms / 1000)

    @classmethod
    def of(cls, rule: Rule) -> Self:
        """Show `rule`."""
        given = {name: getattr(rule, name) for name in cls.model_fields if name != "delay_ms"}
        return cls(**given, delay_ms=round(rule.delay * 1000))


class FaultPlan(_Body):
    """Everything that is to go wrong; what is left out goes right."""

    latency_ms: StrictInt = Field(0, ge=0, le=600_000, description="Delay of each messages call.")
    rules: list[FaultRule] = Field(
        default_factory=list, max_length=20, description="The first that hits decides."
    )
    duplicate_webhooks: StrictInt = Field(1, ge=1, le=20, description="Post each webhook so often, at once.")
    reorder_statuses: StrictBool = Field(False, description="Report read before delivered before sent.")
    hold_webhooks: StrictBool = Field(False, description="Keep webhooks back until this is false again.")

    def plan(self) -> Plan:
        """Return what this asks for."""
        return Plan(
            latency=self.latency_ms / 1000,
            rules=tuple(each.rule() for each in self.rules),
            duplicate=self.duplicate_webhooks,
            reorder=self.reorder_statuses,
            hold=self.hold_webhooks,
        )

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Show `plan`."""
        return cls(
            latency_ms=round(plan.latency * 1000),
            rules=[FaultRule.of(rule) for rule in plan.rules],
            duplicate_webhooks=plan.duplicate,
            reorder_statuses=plan.reorder,
            hold_webhooks=plan.hold,
        )


class LimitSettings(_Body):
    """What WhatsApp enforces; a limit of null is none."""

    window: StrictBool = Field(
        True, description="Free-form messages need a member's message of the last 24 hours."
    )
    pair_burst: StrictInt | None = Field(
        None, ge=1, le=10_000, description="Messages to one person at once, then 131056; WhatsApp's is 45."
    )
    pair_ms: StrictInt = Field(6000, ge=1, le=600_000, description="After how long one more is allowed.")
    per_second: StrictInt | None = Field(
        None, ge=1, le=10_000, description="Messages of the number per second, then 130429; WhatsApp's is 80."
    )

    def limits(self) -> Limits:
        """Return what this asks for."""
        return Limits(self.window, self.pair_burst, self.pair_ms / 1000, self.per_second)

    @classmethod
    def of(cls, limits: Limits) -> Self:
        """Show `limits`."""
        return cls(
            window=limits.window,
            pair_burst=limits.pair_burst,
            pair_ms=round(limits.pair_seconds * 1000),
            per_second=limits.per_second,
        )


class Paces(_Body):
    """How quickly messages arrive and people read."""

    delivered_after_ms: StrictInt = Field(150, ge=0, le=600_000)
    read_after_ms: StrictInt = Field(1200, ge=0, le=600_000)
    read_waves: StrictInt = Field(
        2, ge=1, le=50, description="In how many groups, one after the other, people read."
    )
    read: StrictBool = Field(True, description="Whether anybody reads.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.read_after_ms < self.delivered_after_ms:
            raise ValueError("nobody reads a message before it is delivered")
        return self

    def pace(self) -> Pace:
        """Return what this asks for."""
        return Pace(self.delivered_after_ms / 1000, self.read_after_ms / 1000, self.read_waves, self.read)

    @classmethod
    def of(cls, pace: Pace) -> Self:
        """Show `pace`."""
        return cls(
            delivered_after_ms=round(pace.delivered_after * 1000),
            read_after_ms=round(pace.read_after * 1000),
            read_waves=pace.read_waves,
            read=pace.read,
        )
