"""Links: where they lead, as far as their text tells; nothing is ever fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints
from rapidfuzz.distance import OSA

from services.moderation.domain.detectors.contract import Settings
from services.moderation.domain.judging.context import Context, Trust
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Category, Finding, Intent
from services.moderation.domain.lexicon import lines, words
from services.moderation.domain.text import Entity, EntityKind

Domain = Annotated[str, StringConstraints(pattern=r"^(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}$", max_length=253)]

_ENDINGS = ("com", "in", "co.in", "org", "net", "io", "co", "co.uk", "bank.in")
_SHORTENERS = words("shorteners")
_LEET = str.maketrans("013457", "oleast")
_SIMILAR = 6
"""From this length of a name on, one slip makes a look-alike; shorter names have honest neighbours."""
_ALSO_SLIPS = frozenset({"paytm"})
_NUMERIC = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}")
_GOVERNMENT = re.compile(r"(?:^|[.-])(?:gov|nic)[.-]?in(?=[.-])|(?:^|-)gov\.(?!in$)|govin\b|-gov-")


class LinksSettings(Settings):
    """What a policy can set for the check on links."""

    allowed: tuple[Domain, ...] = Field(
        (), max_length=500, description="Domains, with all below them, that anybody may link to."
    )
    denied: tuple[Domain, ...] = Field(
        (), max_length=500, description="Domains, with all below them, that nobody may."
    )
    denied_intent: Intent = Field(Intent.REMOVE, description="What happens to a link to a denied domain.")
    invites: Intent = Field(
        Intent.HOLD,
        description="What happens to invitations into groups and channels of WhatsApp, Telegram, …",
    )
    newcomers: Intent = Field(Intent.HOLD, description="What happens to any other link of a newcomer.")
    lookalikes: Intent = Field(
        Intent.REMOVE, description="What happens to a domain that passes for a well-known one."
    )
    hidden: Intent = Field(
        Intent.REVIEW, description="What happens to short links and bare numbers, which hide where they lead."
    )
    others: Intent = Field(Intent.ALLOW, description="What happens to all other links.")


class Links:
    """Judges each link by its domain: the admin's lists, what it pretends to be, who sends it."""

    name: ClassVar[str] = "links"
    category: ClassVar[Category] = Category.SPAM
    settings: ClassVar[type[Settings]] = LinksSettings

    def find(self, message: Message, context: Context, settings: Settings) -> Sequence[Finding]:
        """Return one finding for each kind of link, the gravest first."""
        assert isinstance(settings, LinksSettings)  # noqa: S101 - the judge has made them by our type
        findings: dict[str, Finding] = {}
        for entity in message.normal.entities:
            if entity.kind not in {EntityKind.LINK, EntityKind.INVITE}:
                continue
            written = message.normal.original[entity.span.start : entity.span.end]
            code, score, intent = self._judged(entity, written, context, settings)
            if intent is Intent.ALLOW:
                continue
            before = findings.get(code)
            findings[code] = Finding(
                self.name,
                code,
                Category.SPAM,
                score,
                intent,
                (*(before.spans if before else ()), entity.span),
                {"domain": entity.domain},
            )
        return sorted(findings.values(), key=lambda each: (-each.intent.rank, -each.score))

    def _judged(  # noqa: PLR0911 - a table of cases, the first of which decides
        self, entity: Entity, written: str, context: Context, settings: LinksSettings
    ) -> tuple[str, float, Intent]:
        domain = entity.domain
        if _below(domain, settings.denied):
            return "denied_domain", 1.0, settings.denied_intent
        disguised = not written.isascii() and not _ascii_host(written)
        if _below(domain, settings.allowed) and not disguised:
            return "allowed_domain", 0.0, Intent.ALLOW
        if looks_like(domain, disguised=disguised) is not None:
            return "lookalike_domain", 0.95, settings.lookalikes
        if entity.kind is EntityKind.INVITE:
            return "invite_link", 0.95, settings.invites
        if context.restricted:
            return "restricted_link", 0.95, Intent.HOLD
        if context.trust is Trust.NEW and settings.newcomers is not Intent.ALLOW:
            return "newcomer_link", 0.9, settings.newcomers
        if (odd := _oddness(domain, disguised=disguised)) is not None:
            return *odd, settings.hidden
        return "link", 0.5, settings.others


def _oddness(domain: str, *, disguised: bool) -> tuple[str, float] | None:
    """Return how a domain hides where it leads, and how sure that is."""
    if _below(domain, _SHORTENERS):
        return "short_link", 0.6
    if _NUMERIC.fullmatch(domain) or "xn--" in domain or disguised:
        return "odd_address", 0.8
    return None


def looks_like(domain: str, *, disguised: bool = False) -> str | None:
    """Return the well-known name that `domain` passes for, None where it is that name's own or nobody's.

    `disguised` says that its letters were not the Latin ones that they look like.
    """
    real = _real()
    if any(_below(domain, owned) for owned in real.values()) or _below(domain, ("gov.in", "nic.in")):
        return domain if disguised else None
    if _GOVERNMENT.search(domain):
        return "gov.in"
    return next(iter(_borrowed(domain)), None)


def _borrowed(domain: str) -> Iterator[str]:
    real = _real()
    for part in re.split(r"[.-]", domain.rsplit(".", 1)[0]):
        plain = part.translate(_LEET).replace("rn", "m").replace("vv", "w")
        for brand in real:
            if brand in {part, plain} or (
                (len(brand) >= _SIMILAR or brand in _ALSO_SLIPS)
                and OSA.distance(plain, brand, score_cutoff=1) == 1
            ):
                yield brand


@lru_cache(maxsize=1)
def _real() -> dict[str, tuple[str, ...]]:
    """Return the domains that belong to each well-known name."""
    owned: dict[str, tuple[str, ...]] = {}
    for line in lines("brands"):
        brand, *domains = line.split()
        owned[brand] = tuple(
            domain.replace("*", ending)
            for domain in domains
            for ending in (_ENDINGS if domain.endswith("*") else ("",))
        )
    return owned


def _below(domain: str, others: Sequence[str] | frozenset[str]) -> bool:
    """Whether `domain` is one of `others` or below one."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in others for start in range(len(labels)))


def _ascii_host(link: str) -> bool:
    """Whether only the path of a link is written in other letters, as in Hindi titles."""
    return re.split(r"[/?#]", link.split("://", 1)[-1], maxsplit=1)[0].isascii()
