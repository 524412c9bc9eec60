"""What the script API takes."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from services.simulator.domain.faults import Fault, Plan, Rule
from services.simulator.domain.people import digits
from services.simulator.domain.receipts import Pace


def _phone(number: str) -> str:
    plain = digits(number)
    if not 8 <= len(plain) <= 15:  # noqa: PLR2004 - as E.164 has it
        raise ValueError("a phone number has 8 to 15 digits")
    return plain


Phone = Annotated[str, AfterValidator(_phone), Field(max_length=32, examples=["919999900001"])]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class NewMember(_Body):
    """Somebody with a phone."""

    phone: Phone
    name: str = Field(max_length=200)
    username: str | None = Field(None, max_length=64)
    phone_hidden: bool = Field(False, description="Webhooks carry the business-scoped id alone.")


class NewGroup(_Body):
    """A group with people in it."""

    subject: str = Field(min_length=1, max_length=128)
    description: str = Field("", max_length=2048)
    members: list[Phone] = Field(default_factory=list, description="Members that exist already.")
    admins: list[Phone] = Field(default_factory=list)
    announce: bool = Field(True, description="Tell the gateway by webhook.")


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


class Reacting(_Body):
    """A reaction; an empty emoji takes it away."""

    author: Phone | None = Field(None, alias="from")
    message_id: str = Field(max_length=256)
    emoji: str = Field(max_length=32)


class FaultRule(_Body):
    """One thing that goes wrong with messages calls; without every, first and rate: with all of them."""

    fault: Fault
    status: int = Field(500, ge=400, le=599, description="HTTP status of `fail`.")
    code: int = Field(131000, description="Error code of `fail` and `undelivered`.")
    retry_after: int = Field(1, ge=0, description="Seconds that `rate_limit` asks for.")
    every: int | None = Field(None, ge=1, description="Hit every nth call.")
    first: int | None = Field(None, ge=1, description="Hit the first n calls after this PUT.")
    rate: float | None = Field(None, ge=0, le=1, description="Hit calls with this probability.")


class FaultPlan(_Body):
    """Everything that is to go wrong; what is left out goes right."""

    latency_ms: int = Field(0, ge=0, le=600_000, description="Delay of each messages call.")
    rules: list[FaultRule] = Field(
        default_factory=list, max_length=20, description="The first that hits decides."
    )
    duplicate_webhooks: int = Field(1, ge=1, le=20, description="Post each webhook so often, at once.")
    reorder_statuses: bool = Field(False, description="Report read before delivered before sent.")
    hold_webhooks: bool = Field(False, description="Keep webhooks back until this is false again.")

    def plan(self) -> Plan:
        """Return what this asks for."""
        return Plan(
            latency=self.latency_ms / 1000,
            rules=tuple(Rule(**each.model_dump()) for each in self.rules),
            duplicate=self.duplicate_webhooks,
            reorder=self.reorder_statuses,
            hold=self.hold_webhooks,
        )

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """Show `plan`."""
        names = FaultRule.model_fields
        return cls(
            latency_ms=round(plan.latency * 1000),
            rules=[FaultRule(**{name: getattr(rule, name) for name in names}) for rule in plan.rules],
            duplicate_webhooks=plan.duplicate,
            reorder_statuses=plan.reorder,
            hold_webhooks=plan.hold,
        )


class Paces(_Body):
    """How quickly messages arrive and people read."""

    delivered_after_ms: int = Field(150, ge=0, le=600_000)
    read_after_ms: int = Field(1200, ge=0, le=600_000)
    read_waves: int = Field(
        2, ge=1, le=50, description="In how many groups, one after the other, people read."
    )
    read: bool = Field(True, description="Whether anybody reads.")

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
