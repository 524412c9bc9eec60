"""Why something was not sent or not done, in a sentence for whoever runs the installation."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.gateway.domain.outgoing import Capability

_SENTENCES: Mapping[str, str] = {
    "opted_out": "The person has said stop, here or to WhatsApp, and wants no such messages.",
    "noise_budget": "The group had already heard from us as often as it may within an hour.",
    "window_closed": "They had not written for 24 hours, and no approved template was given for that case.",
    "no_private_way": "The person alone was to read it, and has never written to us directly.",
    "expired": "Its time was over before it could go out.",
    "unknown_chat": "No such chat is known, or its account is not configured any more.",
    "no_address": "Nobody knows an address of this person that works on this account.",
    "unknown_message": "The message it is about is not known, or not any more.",
    "undeliverable": "WhatsApp does not deliver to this person, for now or at all.",
    "undelivered": "WhatsApp took the message and could not deliver it; it did not say why.",
    "identity_changed": "The person's WhatsApp identity has changed; somebody has to confirm the new one.",
    "group_unavailable": "WhatsApp does not let us write to this group: it is gone, suspended or empty.",
    "not_in_group": "The person is not in the group.",
    "unknown_request": "Nobody asks to join under this name, or not any more.",
    "terms_not_accepted": "The person has not accepted WhatsApp's terms.",
    "partly_done": "WhatsApp did a part of it and did not say which.",
    "not_admin": "Our number is not an admin of the group.",
    "account_restricted": "WhatsApp lets this account do less for now, and this is not among it.",
    "rejected": "The provider does not take it in this form: a mistake of ours.",
    "unsupported": "The channel has no way to do it.",
}
_CAPABILITIES = frozenset(str(each) for each in Capability)
_REPORTED = re.compile(r"provider_([0-9]{1,9})")


def explained(reason: str | None) -> str | None:
    """Return what a reason means, None where there is none or nobody has explained it."""
    if reason is None:
        return None
    if reason in _CAPABILITIES:
        return f"The channel cannot do it in this chat: {reason} is not among its capabilities."
    if reported := _REPORTED.fullmatch(reason):
        return f"WhatsApp took the message and then reported error {reported[1]}."
    return _SENTENCES.get(reason)
