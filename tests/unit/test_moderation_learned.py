"""The learned checks: their file, their scores, and that they never decide alone."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.moderation import weights as stored
from services.moderation.domain.detectors.learned import LearnedAbuse, LearnedSettings, LearnedSpam
from services.moderation.domain.judging.context import Context
from services.moderation.domain.judging.judge import judge
from services.moderation.domain.judging.learned import Band, Head, Thresholds, Weights, features
from services.moderation.domain.judging.message import Message
from services.moderation.domain.judging.verdict import Intent
from services.moderation.domain.policy.document import DEFAULT
from services.moderation.domain.signals import NAMES, read
from services.moderation.domain.text import normalise
from services.moderation.weights import NoWeights
from shared.contracts.gateway import MessageKind

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SCAM = "Ghar baithe roz 3000 kamao, registration sirf 499, telegram par aao"
TALK = "kal ki class kitne baje hai, notes group me daal dena"


def shipped() -> Weights:
    loaded = stored.load()
    assert isinstance(loaded, Weights)
    return loaded


def message(text: str) -> Message:
    return Message("m", "c", "a", MessageKind.TEXT, normalise(text), NOW)


def probability(weights: Weights, head: str, text: str) -> float:
    return weights.heads[head].probability(features(read(normalise(text))))


def test_the_shipped_weights_are_small_and_quickly_there() -> None:
    started = time.perf_counter()
    shipped()
    assert time.perf_counter() - started < 0.2
    assert stored.FILE.stat().st_size < 3_000_000


def test_absent_weights_are_an_absence_and_find_nothing(tmp_path: Path) -> None:
    assert stored.load(tmp_path / "none.npz") == NoWeights("absent")
    assert LearnedSpam(None).find(message(SCAM), Context(now=NOW), LearnedSettings()) == ()


@pytest.mark.parametrize("cut", [0, 10, 1000, -1, -1000])
def test_damaged_weights_are_an_absence(tmp_path: Path, cut: int) -> None:
    whole = stored.FILE.read_bytes()
    path = tmp_path / "damaged.npz"
    path.write_bytes(whole[:cut])
    assert stored.load(path) == NoWeights("damaged")


def test_weights_that_were_changed_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "changed.npz"
    with np.load(stored.FILE) as arrays:
        content = dict(arrays)
    content["spam_numbers"] = content["spam_numbers"] + 1
    np.savez_compressed(path, **content)
    assert stored.load(path) == NoWeights("damaged")
    content["names"] = content["names"][:-1]
    np.savez_compressed(path, **content)
    assert stored.load(path) == NoWeights("foreign")


def test_saved_weights_are_the_same_when_loaded(tmp_path: Path) -> None:
    weights = shipped()
    version = stored.save(dict(weights.heads), tmp_path / "again.npz")
    again = stored.load(tmp_path / "again.npz")
    assert isinstance(again, Weights)
    assert again.version == version == weights.version


def test_a_score_is_the_sum_of_what_it_is_made_of() -> None:
    seen = features(read(normalise(SCAM)))
    flat = Head(
        np.ones(1 << 18, np.int8), 0.5, np.zeros(len(NAMES), np.float32), -1.0, 1.0, 0.0, Thresholds(1, 1, 1)
    )
    assert flat.score(seen) == pytest.approx(0.5 * seen.norm - 1.0)
    with_signals = replace(flat, signals=np.ones(len(NAMES), np.float32))
    assert with_signals.score(seen) == pytest.approx(0.5 * seen.norm - 1.0 + len(seen.signals))


def test_what_is_equal_after_normalisation_has_the_same_score() -> None:
    weights = shipped()
    hidden = SCAM.replace("a", "а").replace("kamao", "ka\u200bmao")
    assert probability(weights, "spam", hidden) == probability(weights, "spam", SCAM)


@pytest.mark.parametrize(
    ("head", "text", "harmful"),
    [
        ("spam", SCAM, True),
        ("spam", "पैसा 7 दिन में डबल, 100% गारंटी, आज ही 5000 लगाएं 9812345670", True),
        ("spam", TALK, False),
        ("spam", "सभी को सुप्रभात, आज की चर्चा कीवर्ड पर है", False),
        ("abuse", "tujhe ghar aakar marunga, hath pair tod dunga", True),
        ("abuse", "लड़कियों का काम रसोई में है, बिजनेस मर्दों का काम है", True),
        ("abuse", TALK, False),
        ("abuse", "Women in our group are doing great in business", False),
    ],
)
def test_clear_cases_are_on_the_right_side(head: str, text: str, harmful: bool) -> None:  # noqa: FBT001
    weights = shipped()
    review = weights.heads[head].thresholds.review
    assert (probability(weights, head, text) >= review) is harmful


def test_bands_rise() -> None:
    for head in shipped().heads.values():
        bands = head.thresholds
        assert 0 < bands.log <= bands.review <= bands.act < 1
        assert [bands.band(each) for each in (0.0, bands.log, bands.review, bands.act)] == list(Band)


def test_j10_a_learned_check_never_asks_for_more_than_a_hold_and_says_why() -> None:
    weights = shipped()
    for detector, text in (
        (LearnedSpam(weights), SCAM),
        (LearnedAbuse(weights), "tujhe jaan se maar dunga kutte"),
    ):
        finding = detector.find(message(text), Context(now=NOW), LearnedSettings(review=0.0, act=0.0))[0]
        assert finding.intent is Intent.HOLD
        assert finding.details["version"] == weights.version
        assert finding.details["words"]
        finding = detector.find(message(text), Context(now=NOW), LearnedSettings(review=0.0, act=1.0))[0]
        assert finding.intent is Intent.REVIEW


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=200))
def test_hostile_text_never_raises(text: str) -> None:
    weights = shipped()
    for detector in (LearnedSpam(weights), LearnedAbuse(weights)):
        for finding in detector.find(message(text), Context(now=NOW), LearnedSettings(review=0.0, act=0.0)):
            assert 0 <= finding.score <= 1


def test_time_grows_with_the_length_and_no_faster() -> None:
    def took(text: str) -> float:
        normal = normalise(text)
        best = 1.0
        for _ in range(5):
            started = time.perf_counter()
            features(read(normal))
            best = min(best, time.perf_counter() - started)
        return best

    assert took(SCAM + " kamao 3000 roz" * 3200) < 40 * took(SCAM + " kamao 3000 roz" * 400)


def test_j10_the_judge_removes_nothing_for_a_learned_check_alone() -> None:
    detectors = {"learned_spam": LearnedSpam(shipped()), "learned_abuse": LearnedAbuse(shipped())}
    for text in (SCAM, "tujhe jaan se maar dunga, hath pair tod dunga kutte"):
        verdict = judge(message(text), Context(now=NOW), DEFAULT, detectors)
        assert verdict.intent is Intent.REVIEW
        assert verdict.scores
