"""What single words can mean in a time, in Devanagari, roman Hindi and English.

Only meanings: which of them counts is the business of the grammar, because `sat` is a day, a number and a
past tense, and `May` a month and a wish.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from typing import Final, TypeVar


class Part(StrEnum):
    """A part of the day, as speakers of Hindi divide it."""

    BEFORE_DAWN = "before_dawn"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    NIGHT = "night"
    AFTER_MIDNIGHT = "after_midnight"


class Unit(Enum):
    """A unit of time, by its minutes."""

    MINUTE = 1
    HOUR = 60
    DAY = 24 * 60
    WEEK = 7 * 24 * 60


class Role(Enum):
    """What a word does beside others."""

    OCLOCK = auto()
    PAST_THE_HOUR = auto()
    HALF = auto()
    QUARTER = auto()
    AM = auto()
    PM = auto()
    MIDNIGHT_FIRST = auto()
    """The आधी of आधी रात."""
    MIDNIGHT = auto()
    MIDDAY = auto()
    THIS = auto()
    NEXT = auto()
    COMING = auto()
    MONTH = auto()
    OF = auto()
    TO = auto()
    AFTER = auto()
    IN = auto()
    AT = auto()
    FOR = auto()
    UNTIL = auto()
    DATE = auto()
    """तारीख."""
    ORDINAL = auto()
    EVERY = auto()
    OTHER = auto()
    LAST = auto()
    WEEKLY = auto()
    FORTNIGHTLY = auto()
    MONTHLY = auto()
    DAILY = auto()
    TIMES = auto()
    TIME = auto()
    """The `time` of London time."""
    JOIN = auto()
    """Belongs to no time by itself, but may stand between and around its words."""


@dataclass(frozen=True, slots=True)
class Sense:
    """All that a word can mean; most words mean nothing here.

    Attributes:
        number: 1 to 12.
        ordinal: 1 to 5, of a weekday in a month.
        quarter: सवा, साढ़े and पौने: minutes to add to the hour that follows.
        halves: डेढ़ and ढाई: in half hours.
        weekday: 0 is Monday.
        is_weak: whether the weekday is a name or a plain word as often as a day.
        month: 1 is January.
        part: of the day.
        days: from today.
        unit: of a length.
        roles: what it does beside others.
    """

    number: int | None = None
    ordinal: int | None = None
    quarter: int | None = None
    halves: int | None = None
    weekday: int | None = None
    is_weak: bool = False
    month: int | None = None
    part: Part | None = None
    days: int | None = None
    unit: Unit | None = None
    roles: frozenset[Role] = frozenset()


NOTHING: Final = Sense()
_T = TypeVar("_T")

_LONGEST: Final = 24
_FOLDED: Final = {0x093C: None, 0x0901: "ं"} | dict.fromkeys((*range(0x200B, 0x2010), 0x2060, 0xFEFF), None)


def fold(word: str) -> str:
    """Return a word without the differences its writers do not mean: case, nukta, chandrabindu, म् for ं."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFD", word.casefold()).translate(_FOLDED)
    return plain.replace("म्ब", "ंब").replace("न्ट", "ंट").replace("ङ्ग", "ंग").replace("\u2019", "'")


def sense_of(folded: str) -> Sense:
    """Return what a folded word can mean."""
    return _SENSES.get(folded, NOTHING) if len(folded) <= _LONGEST else NOTHING


_NUMBERS: Final = {
    1: "एक ek one",
    2: "दो do two",
    3: "तीन teen tin three",
    4: "चार char chaar four",
    5: "पाँच पांच paanch panch paach five",
    6: "छह छः छ छे छै chhah chhe chhai chah chhah che six",
    7: "सात saat sat seven",
    8: "आठ aath ath eight",
    9: "नौ nau nine",
    10: "दस das dus ten",
    11: "ग्यारह gyarah gyara gyaarah gyaara eleven",
    12: "बारह barah baarah bara twelve",
}
_ORDINALS: Final = {
    1: "पहला पहले पहली pehla pehle pehli pahla pahle pahli first 1st",
    2: "दूसरा दूसरे दूसरी dusra dusre dusri doosra doosre doosri second 2nd",
    3: "तीसरा तीसरे तीसरी teesra teesre tisra tisre third 3rd",
    4: "चौथा चौथे चौथी chautha chauthe fourth 4th",
    5: "पाँचवाँ पाँचवें पांचवे paanchva paanchve fifth 5th",
}
_QUARTERS: Final = {
    15: "सवा sava sawa savaa",
    30: "साढ़े साढे साडे saadhe sadhe saade sade saadhey sadhey",
    -15: "पौने पोने paune pone pauney",
}
_HALVES: Final = {
    3: "डेढ़ डेढ dedh derh ded",
    5: "ढाई ढाइ अढ़ाई dhai dhaai adhai",
}
_WEEKDAYS: Final = {
    0: "सोमवार चंद्रवार somvar somwar somvaar somwaar monday",
    1: "मंगलवार mangalvar mangalwar mangalvaar mangalwaar manglwar tuesday tue tues",
    2: "बुधवार budhvar budhwar budhvaar budhwaar wednesday",
    3: "गुरुवार गुरूवार बृहस्पतिवार वीरवार guruvar guruwar guruvaar guruwaar veervar brihaspativar "
    "thursday thurs thur thu",
    4: "शुक्रवार shukravar shukrawar shukravaar shukrawaar shukrwar shukrvar friday fri jumma",
    5: "शनिवार शनीवार shanivar shaniwar shanivaar shaniwaar saturday",
    6: "रविवार इतवार ravivar raviwar ravivaar raviwaar itvar itwar itvaar itwaar sunday",
}
_WEAK_WEEKDAYS: Final = {
    0: "सोम som mon",
    1: "मंगल mangal",
    2: "बुध budh wed",
    3: "गुरु गुरू guru",
    4: "शुक्र shukra shukr",
    5: "शनि shani sat",
    6: "रवि ravi sun",
}
_MONTHS: Final = {
    1: "जनवरी january janwari janvari januari janvary jan",
    2: "फरवरी फ़रवरी फेब्रुवरी february farvari farwari febuary februari feb",
    3: "मार्च march mar",
    4: "अप्रैल अप्रेल april aprail apr",
    5: "मई may mai",
    6: "जून june joon jun",
    7: "जुलाई जूलाई july julai julaai jul",
    8: "अगस्त august agast agust aug",
    9: "सितंबर सितम्बर september sitambar sitamber septembar sep sept",
    10: "अक्टूबर अक्तूबर अक्टुबर october aktubar aktoobar octobar oct",
    11: "नवंबर नवम्बर नवेंबर november navambar nawambar novembar novamber nov",
    12: "दिसंबर दिसम्बर december disambar disamber decembar dec",
}
_PARTS: Final = {
    Part.BEFORE_DAWN: "तड़के tadke tarke भोर bhor",
    Part.MORNING: "सुबह सुबेरे सवेरे प्रातः subah subeh subha savere morning",
    Part.AFTERNOON: "दोपहर दुपहर dopahar dopaher dopahr dupahar dophar afternoon",
    Part.EVENING: "शाम सायं संध्या shaam sham saayam evening",
    Part.NIGHT: "रात रात्रि raat rat raatri night",
}
_DAYS: Final = {
    0: "आज aaj aj today",
    1: "कल kal tomorrow tmrw tmr tomorow tommorow",
    2: "परसों परसो parso parson parsoon",
    3: "नरसों तरसों narso narson tarso tarson",
}
_UNITS: Final = {
    Unit.MINUTE: "मिनट मिनिट minute minutes min mins minat",
    Unit.HOUR: "घंटा घंटे घण्टा घण्टे घंटों ghanta ghante ghanta hour hours hr hrs h",
    Unit.DAY: "दिन दिनों din dino day days",
    Unit.WEEK: "हफ्ता हफ्ते हफ़्ते सप्ताह hafta hafte hafton saptah week weeks wk",
}
_ROLES: Final = {
    Role.OCLOCK: "बजे बजें baje bje baj o'clock oclock",
    Role.PAST_THE_HOUR: "बजकर bajkar past",
    Role.HALF: "आधा आधे aadha aadhe adha adhe half",
    Role.QUARTER: "quarter",
    Role.AM: "am a.m",
    Role.PM: "pm p.m",
    Role.MIDNIGHT_FIRST: "आधी aadhi adhi",
    Role.MIDNIGHT: "अर्धरात्रि मध्यरात्रि midnight",
    Role.MIDDAY: "noon midday मध्याह्न",
    Role.THIS: "इस इसी this is isi",
    Role.NEXT: "अगले अगला अगली agle agla agli next",
    Role.COMING: "आगामी aagami coming upcoming",
    Role.MONTH: "महीने महीना माह mahine mahina maheene month months",
    Role.OF: "के का की ke ka ki of को ko वाले wale",
    Role.TO: "से se to तक tak till until",
    Role.AFTER: "बाद baad bad later after",
    Role.IN: "in within",
    Role.AT: "at",
    Role.FOR: "for तक tak",
    Role.UNTIL: "until till तक tak",
    Role.DATE: "तारीख तारिख tareekh tarikh taareekh tarik",
    Role.ORDINAL: "st nd rd th",
    Role.EVERY: "हर प्रत्येक प्रति har every each pratyek",
    Role.OTHER: "दूसरे दूसरा dusre doosre dusra other second alternate",
    Role.LAST: "आखिरी आख़िरी अंतिम aakhiri akhiri aakhri akhri antim last",
    Role.WEEKLY: "साप्ताहिक saptahik weekly",
    Role.FORTNIGHTLY: "पाक्षिक pakshik biweekly fortnightly",
    Role.MONTHLY: "मासिक masik monthly",
    Role.DAILY: "रोज रोज़ रोजाना प्रतिदिन roz rozana daily everyday",
    Role.TIMES: "बार baar times sessions session सत्र satra occurrences",
    Role.TIME: "time समय samay टाइम",
    Role.JOIN: "को ko at on from से se का की के ka ki ke वाला वाली वाले wala wali wale तक tak till "
    "until to the और aur and या ya or ठीक theek sharp दिन din",
}


def _spread(table: Mapping[_T, str]) -> Iterable[tuple[str, _T]]:
    return ((word, value) for value, words in table.items() for word in words.split())


def _build() -> dict[str, Sense]:
    senses: dict[str, Sense] = {}

    def learn(word: str, **meaning: object) -> None:
        key = fold(word)
        senses[key] = replace(senses.get(key, NOTHING), **meaning)  # type: ignore[arg-type]

    for name, table in (
        ("number", _NUMBERS),
        ("ordinal", _ORDINALS),
        ("quarter", _QUARTERS),
        ("halves", _HALVES),
        ("weekday", _WEEKDAYS),
        ("month", _MONTHS),
        ("days", _DAYS),
    ):
        for word, value in _spread(table):
            learn(word, **{name: value})
    for word, value in _spread(_WEAK_WEEKDAYS):
        learn(word, weekday=value, is_weak=True)
    for word, part in _spread(_PARTS):
        learn(word, part=part)
    for word, unit in _spread(_UNITS):
        learn(word, unit=unit)
    for word, role in _spread(_ROLES):
        learn(word, roles=senses.get(fold(word), NOTHING).roles | {role})
    return senses


_SENSES: Final = _build()
