"""The chat commands: which exist, who answers them, and how a member may spell them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA


# Equal is who is the same: specs are hashed with every message, and each exists once.
@dataclass(frozen=True, slots=True, eq=False)
class CommandSpec:
    """A command that exists.

    Attributes:
        name: The stable name that code uses.
        aliases: What members type: Devanagari, roman, English, then any further spellings.
        harmless: Whether running it by mistake costs nobody anything, so that a typo may be forgiven.
        owner: The one service that answers it.
    """

    name: str
    aliases: tuple[str, ...]
    harmless: bool
    owner: str


COMMANDS: Final = (
    CommandSpec("help", ("मदद", "madad", "help"), harmless=True, owner="moderation"),
    CommandSpec("rules", ("नियम", "niyam", "rules"), harmless=True, owner="moderation"),
    # Said as the whole message, without a prefix too.
    CommandSpec("accept", ("स्वीकार", "sweekar", "accept", "swikar"), harmless=False, owner="moderation"),
    CommandSpec("strict", ("सख़्त", "sakht", "strict"), harmless=False, owner="moderation"),
    CommandSpec("lenient", ("नरम", "naram", "lenient"), harmless=False, owner="moderation"),
    CommandSpec("why", ("क्यों", "kyon", "why", "kyun"), harmless=False, owner="moderation"),
    CommandSpec("appeal", ("अपील", "apeel", "appeal", "apil"), harmless=False, owner="moderation"),
    CommandSpec("report", ("रिपोर्ट", "report", "report"), harmless=False, owner="moderation"),
    CommandSpec("restrict", ("रोको", "roko", "restrict"), harmless=False, owner="moderation"),
    CommandSpec("pardon", ("माफ़", "maaf", "pardon", "maf"), harmless=False, owner="moderation"),
    CommandSpec("session", ("कार्यक्रम", "karyakram", "session", "webinar"), harmless=True, owner="events"),
    CommandSpec("join", ("शामिल", "shamil", "join", "shaamil"), harmless=False, owner="events"),
    CommandSpec("leave", ("नहीं", "nahin", "leave", "nahi"), harmless=False, owner="events"),
    CommandSpec("remind", ("याद", "yaad", "remind"), harmless=True, owner="events"),
    CommandSpec("calendar", ("कैलेंडर", "kailendar", "calendar"), harmless=True, owner="events"),
    CommandSpec("present", ("हाज़िर", "hazir", "present", "here"), harmless=False, owner="events"),
    CommandSpec("code", ("कोड", "kod", "code"), harmless=False, owner="events"),
    CommandSpec("question", ("सवाल", "sawal", "question"), harmless=False, owner="events"),
    CommandSpec("speaker", ("वक्ता", "vakta", "speaker"), harmless=False, owner="events"),
    CommandSpec("certificate", ("प्रमाणपत्र", "pramanpatra", "certificate"), harmless=False, owner="events"),
    CommandSpec("recording", ("रिकॉर्डिंग", "rikarding", "recording"), harmless=False, owner="events"),
    CommandSpec("rate", ("राय", "ray", "rate", "rai"), harmless=False, owner="events"),
    CommandSpec("thanks", ("धन्यवाद", "dhanyavad", "thanks", "dhanyawad"), harmless=False, owner="rewards"),
    CommandSpec("points", ("अंक", "ank", "points"), harmless=True, owner="rewards"),
    CommandSpec("board", ("बोर्ड", "bord", "board", "leaderboard"), harmless=True, owner="rewards"),
    CommandSpec("private", ("निजी", "niji", "private"), harmless=False, owner="rewards"),
    CommandSpec("nominate", ("नामांकन", "namankan", "nominate"), harmless=False, owner="rewards"),
    CommandSpec("veto", ("वीटो", "vito", "veto"), harmless=False, owner="rewards"),
    CommandSpec("contest", ("प्रतियोगिता", "pratiyogita", "contest"), harmless=True, owner="rewards"),
    CommandSpec("enter", ("प्रविष्टि", "pravishti", "entry"), harmless=False, owner="rewards"),
    CommandSpec("choose", ("चुनें", "chunein", "choose", "chune"), harmless=False, owner="rewards"),
    CommandSpec("prize", ("इनाम", "inaam", "prize", "inam"), harmless=True, owner="rewards"),
    CommandSpec("received", ("मिला", "mila", "received"), harmless=False, owner="rewards"),
    CommandSpec("suggest", ("सुझाव", "sujhav", "suggest", "suggestion"), harmless=False, owner="feedback"),
    CommandSpec("vote", ("वोट", "vot", "vote"), harmless=True, owner="feedback"),
    CommandSpec("review", ("समीक्षा", "samiksha", "review"), harmless=False, owner="feedback"),
    # In a direct chat alone; without a prefix too, and so is रोको, which a group takes for another command.
    CommandSpec("stop", ("रोकें", "rokein", "stop", "रोके", "roken"), harmless=False, owner="gateway"),
    CommandSpec("start", ("शुरू", "shuru", "start", "शुरु"), harmless=False, owner="gateway"),
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command that a member gave.

    Attributes:
        name: The stable name from the registry.
        args: What followed, with Devanagari digits as ASCII digits, cut at `MAX_ARGS` characters.
        spelled: The name as the member wrote it, without the prefix.
    """

    name: str
    args: str
    spelled: str

    @property
    def words(self) -> tuple[str, ...]:
        """The arguments, split at white space."""
        return tuple(self.args.split())


@dataclass(frozen=True, slots=True)
class UnknownCommand:
    """Something that looks like a command but is none.

    Attributes:
        spelled: The name as the member wrote it, without the prefix; letters, marks and digits only.
        suggestion: The spelling of a command that is nearest to it, if one is near.
    """

    spelled: str
    suggestion: str | None


MAX_ARGS: Final = 4096

_MAX_TOKEN = 64
_MIN_LETTERS = 2
_MIN_FORGIVING = 5
_FORGIVEN = 1
_SUGGESTED = 2

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_INVISIBLES = re.compile(f"[{_INVISIBLE}]")
# Possessive, so that no text, however long or odd, makes the match backtrack.
_OPENING = re.compile(rf"[\s{_INVISIBLE}]*+(\S{{1,{_MAX_TOKEN}}}+)(?!\S)")
_PREFIXES = ("!", "/")
_PUNCTUATION = "।॥.!?,:;…"
_EMOJI = {"So", "Sk"}
_NUKTA, _CHANDRABINDU, _ANUSVARA = 0x093C, 0x0901, "ं"
_SAME_SOUND = {_NUKTA: None, _CHANDRABINDU: _ANUSVARA}
_ASCII_DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")


def parse_command(text: str, commands: tuple[CommandSpec, ...] = COMMANDS) -> Command | UnknownCommand | None:
    """Read a message as a command; `None` when it is ordinary text."""
    # Only the beginning is ever looked at: a megabyte costs what a line costs.
    return _parsed(text[: 2 * MAX_ARGS], commands)


# A decision asks several times what the same message is: for each kind of state that it may touch.
@lru_cache(maxsize=256)
def _parsed(text: str, commands: tuple[CommandSpec, ...]) -> Command | UnknownCommand | None:
    opening = _OPENING.match(text)
    spelled = _spelled(opening[1]) if opening else None
    if opening is None or spelled is None:
        return None
    names = _by_folded_name(commands)
    folded = _fold(spelled)
    spec = names.get(folded) or _forgiven(folded, names)
    if spec is None:
        return UnknownCommand(spelled, _nearest(folded, commands))
    args = text[opening.end() : opening.end() + MAX_ARGS].strip().translate(_ASCII_DIGITS)
    return Command(spec.name, args, spelled)


def says_only(text: str, words: tuple[str, ...]) -> bool:
    """Whether a message is one of `words` and nothing else, with or without a prefix, in any spelling.

    A sentence that contains such a word says something else.
    """
    opening = _OPENING.match(text[: 2 * MAX_ARGS])
    if opening is None or not _is_nothing(text[opening.end() :]):
        return False
    visible = (
        _INVISIBLES.sub("", unicodedata.normalize("NFKC", opening[1])).removeprefix("!").removeprefix("/")
    )
    return _fold(_without_tail(visible)) in {_fold(word) for word in words}


def _is_nothing(rest: str) -> bool:
    """Whether what follows a word is only what people put behind words."""
    return len(rest) <= _MAX_TOKEN and not _without_tail(_INVISIBLES.sub("", "".join(rest.split())))


def _spelled(token: str) -> str | None:
    """Return the name in a message's first token, or `None` if the token is no command at all."""
    visible = _INVISIBLES.sub("", unicodedata.normalize("NFKC", token))
    if not visible.startswith(_PREFIXES):
        return None
    name = _without_tail(visible[1:])
    kinds = [unicodedata.category(character)[0] for character in name]
    # A path, an address, a number, a smiley or a lone letter is chat, and chat gets no answer.
    is_name = set(kinds) <= set("LMN") and kinds[:1] == ["L"] and kinds.count("L") >= _MIN_LETTERS
    return name if is_name and len(name) <= _MAX_TOKEN else None


def _without_tail(name: str) -> str:
    """Drop the punctuation and emoji that people write directly behind a word."""
    end = len(name)
    while end and (name[end - 1] in _PUNCTUATION or unicodedata.category(name[end - 1]) in _EMOJI):
        end -= 1
    return name[:end]


def _fold(name: str) -> str:
    """Make spellings equal that a reader would call the same."""
    # Decomposed first: some letters carry their nukta inside a single code point.
    apart = unicodedata.normalize("NFKD", name).casefold()
    return unicodedata.normalize("NFKC", apart.translate(_SAME_SOUND))


@lru_cache(maxsize=8)
def _by_folded_name(commands: tuple[CommandSpec, ...]) -> dict[str, CommandSpec]:
    return {_fold(alias): spec for spec in commands for alias in spec.aliases}


def _forgiven(folded: str, names: dict[str, CommandSpec]) -> CommandSpec | None:
    """Return the command that was surely meant by a name with one slip in it."""
    near = {name: spec for name, spec in names.items() if OSA.distance(folded, name) <= _FORGIVEN}
    # Every near command counts as a rival, even one that a slip could never start.
    if len({spec.name for spec in near.values()}) != 1:
        return None
    return next((spec for name, spec in near.items() if len(name) >= _MIN_FORGIVING and spec.harmless), None)


def _nearest(folded: str, commands: tuple[CommandSpec, ...]) -> str | None:
    aliases = [alias for spec in commands for alias in spec.aliases]
    distance = {alias: OSA.distance(folded, _fold(alias)) for alias in aliases}
    nearest = min(aliases, key=distance.__getitem__, default=None)
    if nearest is None:
        return None
    # Half of a short word is another word: "wow" is no slip of "why".
    return nearest if distance[nearest] <= min(_SUGGESTED, (len(_fold(nearest)) - 1) // 2) else None
