"""Why an account is down or slowed, in a sentence for whoever runs the installation."""

from __future__ import annotations

from collections.abc import Mapping

from services.gateway.domain.outgoing import RATE_LIMITED, RESTRICTED, SPAM_LIMITED

UNREACHABLE = "unreachable"
CREDENTIALS = "credentials_refused"
BLOCKED = "account_blocked"
UNKNOWN_NUMBER = "unknown_number"
PROVIDER_FAILED = "provider_failed"
SCAN_QR = "scan_qr"
STOPPED = "session_stopped"
STARTING = "session_starting"
FAILED = "session_failed"
UNKNOWN_SESSION = "session_unknown"

_SENTENCES: Mapping[str, str] = {
    UNREACHABLE: "The provider does not answer: look whether its server runs and can be reached from here.",
    CREDENTIALS: "The provider refuses the token or the key of this account: set a new one.",
    BLOCKED: "WhatsApp has blocked this account, or wants something settled first: look at its console.",
    UNKNOWN_NUMBER: "The provider knows no such number, or the token has no right to it.",
    PROVIDER_FAILED: "The provider answers with a fault of its own; it is asked again by itself.",
    SCAN_QR: "The number is logged out: scan the QR code of the session with its phone.",
    STOPPED: "The session is stopped: start it at the bridge.",
    STARTING: "The session is starting; if it stays so, look at the log of the bridge.",
    FAILED: "The session has failed: the number may be logged out or banned. Look at its phone first.",
    UNKNOWN_SESSION: "The bridge knows no session of this name, or it is in a state nobody knows.",
    RATE_LIMITED: "The provider has asked for a slower pace: messages go out with longer gaps.",
    SPAM_LIMITED: "People have complained: no reminder and no digest goes out for a while.",
    RESTRICTED: "WhatsApp has warned this number, and bans whoever goes on: no reminder and no digest goes "
    "out, and no chat can be begun.",
}


def advice(reason: str | None) -> str | None:
    """Return what a reason means and what to do, None where there is none or nobody has explained it."""
    return None if reason is None else _SENTENCES.get(reason)
