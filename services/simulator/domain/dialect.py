"""What the simulated WhatsApp asks of each way in which it speaks to a business."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from services.simulator.domain.messages import Message, Status
from services.simulator.domain.people import Group, Member

Payload = dict[str, Any]

CLOUD_API: Final = "cloud_api"
WAHA: Final = "waha"
"""The names of the two accounts."""


class Dialect(Protocol):
    """How one account names things and is told what happens; what it is never told of yields nothing.

    An author of None is the business itself.
    """

    @property
    def account(self) -> str:
        """Whose webhooks these are."""
        ...

    def message_id(self, chat: str, author: Member | None, nonce: bytes) -> str:
        """Return an id for something that `author` says in `chat`."""
        ...

    def group_id(self, nonce: bytes) -> str:
        """Return an id for a group."""
        ...

    def received(self, author: Member, message: Message, quoted: Message | None) -> Iterable[Payload]:
        """Tell what a member said or reacted with; `quoted` is the message it is about."""
        ...

    def echoed(self, message: Message) -> Iterable[Payload]:
        """Tell what the business itself said or reacted with."""
        ...

    def edited(self, author: Member | None, notice: Message, target: Message) -> Iterable[Payload]:
        """Tell that `target` says something else now; `notice` is what carried the change."""
        ...

    def revoked(self, author: Member | None, notice: Message, target: Message) -> Iterable[Payload]:
        """Tell that `author` has deleted `target`, as it was before, for everyone."""
        ...

    def voted(self, voter: Member, notice: Message, poll: Message) -> Iterable[Payload]:
        """Tell a member's whole choice in `poll`."""
        ...

    def reached(
        self, message: Message, status: Status, at: dt.datetime, people: Sequence[Member], *, group: bool
    ) -> Iterable[Payload]:
        """Tell how far a message of the business has come; nobody means WhatsApp's own servers."""
        ...

    def founded(
        self, group: Group, people: Sequence[Member], at: dt.datetime, request_id: str | None
    ) -> Iterable[Payload]:
        """Tell that the business is in a new group, and with whom."""
        ...

    def joined(self, group: Group, people: Sequence[Member], at: dt.datetime) -> Iterable[Payload]:
        """Tell who has come into a group."""
        ...

    def left(
        self,
        group: Group,
        people: Sequence[Member],
        at: dt.datetime,
        *,
        request_id: str | None,
        by: Member | None,
    ) -> Iterable[Payload]:
        """Tell who has left a group; with `request_id` at the business's wish, else made by `by`."""
        ...

    def ranked(self, group: Group, person: Member | None, at: dt.datetime) -> Iterable[Payload]:
        """Tell that somebody has become an admin of a group, or no longer is."""
        ...

    def described(self, group: Group, changed: Sequence[str], at: dt.datetime) -> Iterable[Payload]:
        """Tell that something about a group itself has changed: the fields of `Group` in `changed`."""
        ...

    def asked(
        self, group: Group, member: Member, request: str, at: dt.datetime, *, what: str
    ) -> Iterable[Payload]:
        """Tell that a wish to come in was `created`, `revoked` by who had it, or `rejected`."""
        ...

    def renumbered(
        self, before: Member, after: Member, message_id: str, at: dt.datetime
    ) -> Iterable[Payload]:
        """Tell that somebody has another number."""
        ...

    def lane(self, chat: str, payload: Mapping[str, Any]) -> str:
        """Return which webhooks `payload` must not overtake: those of the same lane."""
        ...

    def encode(self, payload: Mapping[str, Any], serial: int, at: dt.datetime) -> bytes:
        """Return the body of a webhook; `serial` is its number among all."""
        ...
