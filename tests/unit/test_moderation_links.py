import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from services.moderation.domain.detectors.links import Links, LinksSettings, looks_like
from services.moderation.domain.judging.context import Context, Trust
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Finding, Intent
from services.moderation.domain.text import normalise
from shared.contracts.gateway import MessageKind

NOW = dt.datetime(2026, 11, 23, 12, 0, tzinfo=dt.UTC)


def found(text: str, settings: LinksSettings | None = None, **around: Any) -> Sequence[Finding]:
    message = Message("x", "c", "m", MessageKind.TEXT, normalise(text), NOW)
    return Links().find(message, Context(NOW, **around), settings or LinksSettings())


@pytest.mark.parametrize(
    ("text", "code", "intent"),
    [
        ("https://paytm-kyc.com/x", "lookalike_domain", Intent.REMOVE),
        ("pаytm.com", "lookalike_domain", Intent.REMOVE),
        ("flipcart.com/offer", "lookalike_domain", Intent.REMOVE),
        ("http://sbi.co.login.xyz/a", "lookalike_domain", Intent.REMOVE),
        ("g00gle.com", "lookalike_domain", Intent.REMOVE),
        ("pmkisan.gov.in.kisan.xyz", "lookalike_domain", Intent.REMOVE),
        ("https://chat.whatsapp.com/AbCdEf", "invite_link", Intent.HOLD),
        ("t . me / earn", "invite_link", Intent.HOLD),
        ("bit.ly/x", "short_link", Intent.REVIEW),
        ("http://1.2.3.4/x", "odd_address", Intent.REVIEW),
        ("xn--80ak6aa92e.com", "odd_address", Intent.REVIEW),
    ],
)
def test_links_are_judged_by_their_domain(text, code, intent):
    (finding,) = found(text)
    assert (finding.code, finding.intent) == (code, intent)
    (span,) = finding.spans
    assert text[span.start : span.end] == text


@pytest.mark.parametrize(
    "domain",
    [
        "paytm.com",
        "www.google.co.in",
        "onlinesbi.sbi",
        "pmkisan.gov.in",
        "youtu.be",
        "payment.com",
        "myblog.in",
        "amazing.com",
    ],
)
def test_what_is_well_known_or_nobodys_is_no_lookalike(domain):
    assert looks_like(domain) is None
    assert found(f"https://{domain}/a") == []


def test_links_of_newcomers_and_of_restricted_members_are_held():
    (new,) = found("see myblog.in", trust=Trust.NEW)
    (restricted,) = found("see myblog.in", restricted=True)
    assert (new.code, new.intent) == ("newcomer_link", Intent.HOLD)
    assert (restricted.code, restricted.intent) == ("restricted_link", Intent.HOLD)
    assert found("see myblog.in") == []


def test_the_admins_lists_come_first_and_hold_for_what_is_below():
    settings = LinksSettings(allowed=("myblog.in", "chat.whatsapp.com"), denied=("bad.example.com",))
    assert found("shop.myblog.in chat.whatsapp.com/abc", settings, trust=Trust.NEW) == []
    (finding,) = found("https://a.bad.example.com", settings, trust=Trust.TRUSTED)
    assert (finding.code, finding.intent) == ("denied_domain", Intent.REMOVE)


def test_an_allowed_domain_in_other_letters_is_not_the_allowed_one():
    (finding,) = found("pаytm.com", LinksSettings(allowed=("paytm.com",)))
    assert finding.code == "lookalike_domain"


def test_a_hindi_path_is_no_disguise():
    assert found("https://hi.wikipedia.org/wiki/भारत") == []


@pytest.mark.parametrize("domain", ["nodots", "a b.com", "UPPER.com", "https://x.com"])
def test_what_is_no_domain_is_refused(domain):
    with pytest.raises(ValidationError):
        LinksSettings(allowed=(domain,))
