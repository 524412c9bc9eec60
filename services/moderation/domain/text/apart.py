"""Words that were taken apart or spelled with other signs so that lists do not find them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from services.moderation.domain.lexicon import words
from services.moderation.domain.text.draft import Draft, Edit
from services.moderation.domain.text.together import divide, is_common
from shared.spelling.devanagari import CLUSTER, LETTER, WORD

EMOJI = "\u2190-\u2bff\u3030-\u303f\U0001f000-\U0001faff"

_LATIN = "a-z0-9@$"
_SIGN = f"[.,_*|/~+:=^'·{EMOJI}-]"
_BETWEEN = f"(?: (?:{_SIGN} ?)?|{_SIGN}{{1,2}})"
_SINGLES = re.compile(
    f"(?<![{_LATIN}{WORD}])(?:[{_LATIN}](?:{_BETWEEN}[{_LATIN}]){{2,}}|{CLUSTER}(?:{_BETWEEN}{CLUSTER})+)(?![{_LATIN}{WORD}])"
)
_GAP = re.compile(_BETWEEN)
_ALONE = words("alone")
"""What people do write alone: letters that stand for words, and words of one cluster."""
_SPELLING = 2
"""So many pieces that nobody writes alone make a run of single letters a word that was taken apart."""
_SPELLED_OUT = 4
"""So many single Latin letters in a row are one, whatever they are."""

_JOINT = f"[_~|^+=•·'{EMOJI}.,-]{{1,4}}"
_PARTED = re.compile(
    f"(?<![{_LATIN}*{WORD}])(?:[a-z0-9@$]++|[{WORD}]++)(?:{_JOINT}(?:[a-z0-9@$]++|[{WORD}]++))+(?![*{_LATIN}{WORD}])"
)
_JOINTS = re.compile(_JOINT)
_SHORT = 2
_LETTERS = re.compile(f"[a-z@$]|[{LETTER}]")

_INSIDE = re.compile(
    r"(?<![a-z0-9@$])(?!rs\d)(?=[a-z]{0,31}+[0-9@$])(?=[$@]{0,4}[a-z])[a-z0-9@$]{3,32}(?![\w])"
)
_SIGNS = re.compile(
    r"(?<=[a-z])(?:[0134579@$]{1,2}|[0134579@$]{1,3}[@$]|[@$][0134579@$]{1,3})(?=[a-z])|(?<![a-z0-9])[@$](?=[a-z]{2})|(?<=[a-z])[@$]+(?![a-z0-9])"
)
_ORDINAL = re.compile(r"(?:(?<!\d)1st|2nd|3rd|[04-9]th|1\dth|\d(?:k|x|am|pm|rs|cr|gb|mb|kg|l|hr|hrs|min))$")
_STANDS_FOR = str.maketrans("0134579@$", "oieastgas")
_SIGN_OR_DIGIT = re.compile("[0-9@$]")
_EXCLAIMED = re.compile("(?<![a-z])[a-z]{1,3}(!)(?=[a-z]{2})")
_AT_IN_DEVANAGARI = re.compile(f"(?<=[{WORD}])@(?=[{LETTER}])")

_REPEATED = re.compile(f"([a-z{LETTER}])\\1{{2,}}")


def join(draft: Draft) -> None:
    """Join runs of single letters, and words with signs or emoji between pieces of one or two letters."""
    draft.edit(_without_gaps(draft.text))
    draft.edit(_without_joints(draft.text))


def unleet(draft: Draft) -> None:
    """Replace digits and signs that stand for letters within words; amounts and ordinals stay."""
    draft.edit(_letters_for_signs(draft.text))


def shorten(draft: Draft) -> None:
    """Leave two of a Latin letter and one of a Devanagari letter that somebody held down."""
    draft.edit(
        (*hit.span(), hit[1] * 2 if hit[1].isascii() else hit[1]) for hit in _REPEATED.finditer(draft.text)
    )


def _without_gaps(text: str) -> Iterator[Edit]:
    for run in _SINGLES.finditer(text):
        gaps = list(_GAP.finditer(text, run.start(), run.end()))
        signs = [gap[0].strip() != "" for gap in gaps]
        # Between letters that signs keep apart, a space is what parts two words.
        ends = [place for place, sign in enumerate(signs) if not sign] if any(signs) else []
        pieces = _GAP.split(run[0])
        first = 0
        for end in (*ends, len(gaps)):
            yield from _joined(
                pieces[first : end + 1], gaps[first:end], parted_by_signs=bool(ends or any(signs))
            )
            first = end + 1


def _joined(pieces: list[str], gaps: list[re.Match[str]], *, parted_by_signs: bool) -> Iterator[Edit]:
    """Yield the gaps to close among `pieces`, which follow each other; where words end, they stay."""
    letters = [piece for piece in pieces if not piece.isdigit()]
    if len(letters) * 2 <= len(pieces) or not gaps:
        return
    strange = sum(piece not in _ALONE for piece in letters)
    latin = pieces[0].isascii()
    spelled_out = strange >= _SPELLING or (latin and len(letters) >= _SPELLED_OUT)
    if not spelled_out and not (strange and is_common("".join(pieces))):
        return
    if parted_by_signs:
        yield from ((*gap.span(), "") for gap in gaps)
        return
    first, last = 0, len(gaps)
    if not latin and not is_common("".join(pieces)):
        # Words of one cluster around the run are words of the sentence.
        while pieces[first] in _ALONE:
            first += 1
        while pieces[last] in _ALONE:
            last -= 1
    place = first
    for size in divide(pieces[first : last + 1]):
        yield from ((*gap.span(), "") for gap in gaps[place : place + size - 1])
        place += size


def _without_joints(text: str) -> Iterator[Edit]:
    for parted in _PARTED.finditer(text):
        pieces = [len(_LETTERS.findall(piece)) for piece in _JOINTS.split(parted[0])]
        devanagari = not parted[0].isascii() and any(letter in parted[0] for letter in "ािी्ुेो")
        short = _SHORT - devanagari
        for place, joint in enumerate(_JOINTS.finditer(text, parted.start(), parted.end())):
            around = pieces[place : place + 2]
            if not all(around):
                continue
            sentence = joint[0] in {".", ",", "..", "...", "...."}
            if joint[0] == "'" or (max if sentence else min)(around) <= short:
                yield joint.start(), joint.end(), ""


def _letters_for_signs(text: str) -> Iterator[Edit]:
    edits: list[Edit] = []
    if _SIGN_OR_DIGIT.search(text):
        for word in _INSIDE.finditer(text):
            if _ORDINAL.search(word[0]):
                continue
            for sign in _SIGNS.finditer(text, word.start(), word.end()):
                edits += [
                    (place, place + 1, text[place].translate(_STANDS_FOR)) for place in range(*sign.span())
                ]
        edits += [(hit.start(), hit.end(), "ा") for hit in _AT_IN_DEVANAGARI.finditer(text)]
    if "!" in text:
        edits += [(*hit.span(1), "i") for hit in _EXCLAIMED.finditer(text)]
    yield from sorted(edits)
