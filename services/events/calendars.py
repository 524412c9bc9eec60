"""From webinars to what calendar software and browsers are given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from urllib.parse import quote
from zoneinfo import ZoneInfo

from services.events.domain.award import Certificate
from services.events.domain.certificates import NAME_CORRECTED
from services.events.domain.community import Terms
from services.events.domain.facts import community_of
from services.events.domain.roll import Roll
from services.events.domain.webinar import Stage, Webinar
from services.events.papers.certificate import Certificate as Paper
from services.events.papers.ics import Entry
from services.events.papers.pages import CalendarPage, CertificatePage, Session
from services.events.papers.poster import Poster
from shared.chats import DEFAULT_ZONE
from shared.i18n.language import Language

DOMAIN = "chaupal"


class Calendars:
    """Puts webinars into calendars, with links to where the public listener is reached."""

    def __init__(self, public_url: str) -> None:
        self._base = public_url.rstrip("/")

    def page(
        self,
        community: str,
        webinars: Sequence[Webinar],
        rolls: Mapping[str, Roll],
        speakers: Mapping[str, str],
        *,
        now: dt.datetime,
        language: Language,
    ) -> CalendarPage:
        """Return the page of a community; of speakers it names those in `speakers`, by the webinar's id."""
        zone = ZoneInfo(webinars[0].zone if webinars else DEFAULT_ZONE)
        return CalendarPage(
            community=community,
            zone=zone,
            sessions=tuple(
                Session(
                    number=each.number,
                    title=each.title,
                    starts_at=each.starts_at,
                    minutes=each.minutes,
                    ics_url=self.file_url(each),
                    speaker=speakers.get(each.webinar_id),
                    description=each.description,
                    series=each.title if each.series else None,
                    seats_left=_left(each, rolls.get(each.webinar_id)),
                    cancelled=each.stage is Stage.CANCELLED,
                    reason=each.reason,
                )
                for each in webinars
            ),
            now=now,
            feed_url=f"{self._base}/calendar/{quote(community)}.ics",
            language=language,
        )

    def entry(self, webinar: Webinar, terms: Terms, speaker: str | None, *, personal: bool) -> Entry:
        """Return a webinar as calendars keep it; where it takes place is for who has a seat alone."""
        return Entry(
            uid=f"{webinar.webinar_id}@{DOMAIN}",
            title=webinar.title,
            starts=dt.datetime.fromisoformat(webinar.wall),
            zone=ZoneInfo(webinar.zone),
            minutes=webinar.minutes,
            changed_at=webinar.changed_at,
            created_at=webinar.created_at,
            sequence=webinar.version,
            description=webinar.description,
            speaker=speaker,
            location=(webinar.link or "") if personal else "",
            url=self.community_url(webinar),
            cancelled=webinar.stage is Stage.CANCELLED,
            reminders=terms.reminders if personal else (),
        )

    def poster(self, webinar: Webinar, speaker: str | None, language: Language) -> Poster:
        """Return the picture of a webinar that is shared in chats."""
        return Poster(
            title=webinar.title,
            starts_at=webinar.starts_at,
            zone=ZoneInfo(webinar.zone),
            community=community_of(webinar.scope) or "",
            join_url=self.community_url(webinar) or self._base,
            speaker=speaker,
            minutes=webinar.minutes,
            language=language,
        )

    def certificate(self, webinar: Webinar, held: Certificate, language: Language) -> Paper:
        """Return a certificate to print."""
        return Paper(
            number=held.certificate_id,
            name=held.name,
            title=webinar.title,
            starts_at=webinar.starts_at,
            zone=ZoneInfo(webinar.zone),
            community=community_of(webinar.scope) or "",
            issued_at=held.issued_at,
            verify_url=self.certificate_url(held),
            minutes=webinar.minutes,
            language=language,
        )

    def certificate_page(self, webinar: Webinar, held: Certificate, language: Language) -> CertificatePage:
        """Return what anybody is told who checks a certificate; a code of ours is no reason to show."""
        return CertificatePage(
            number=held.certificate_id,
            name=held.name,
            title=webinar.title,
            starts_at=webinar.starts_at,
            zone=ZoneInfo(webinar.zone),
            community=community_of(webinar.scope) or "",
            issued_at=held.issued_at,
            minutes=webinar.minutes,
            pdf_url=f"{self.certificate_url(held)}.pdf" if held.valid else None,
            revoked_at=held.revoked_at,
            reason=None if held.reason == NAME_CORRECTED else held.reason,
            language=language,
        )

    def certificate_url(self, held: Certificate) -> str:
        """Return where a certificate is checked."""
        return f"{self._base}/certificates/{held.certificate_id}"

    def community_url(self, webinar: Webinar) -> str | None:
        """Return the public page on which a webinar stands; None where its chat belongs to no community."""
        community = community_of(webinar.scope)
        return f"{self._base}/calendar/{quote(community)}#session-{webinar.number}" if community else None

    def file_url(self, webinar: Webinar) -> str:
        """Return where a webinar is fetched for a calendar."""
        community = community_of(webinar.scope) or ""
        return f"{self._base}/calendar/{quote(community)}/{webinar.number}.ics"


def _left(webinar: Webinar, roll: Roll | None) -> int | None:
    if webinar.capacity is None:
        return None
    return max(0, webinar.capacity - (roll.taken if roll is not None else 0))
