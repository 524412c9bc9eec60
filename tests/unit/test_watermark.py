from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from shared.stream.watermark import Watermark


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30), st.randoms())
def test_any_order_of_completion_commits_the_largest_contiguous_prefix(gaps, random):
    # Logs with removed records have gaps between offsets.
    offsets = [sum(gaps[: n + 1]) + n for n in range(len(gaps))]
    watermark = Watermark()
    for offset in offsets:
        watermark.begin(offset)
    finished = set()
    for offset in random.sample(offsets, len(offsets)):
        watermark.finish(offset)
        finished.add(offset)
        prefix = next((n for n, each in enumerate(offsets) if each not in finished), len(offsets))
        assert watermark.next_offset == (offsets[prefix - 1] + 1 if prefix else None)
        assert watermark.in_flight == len(offsets) - prefix
    assert watermark.next_offset == offsets[-1] + 1


class WatermarkMachine(RuleBasedStateMachine):
    """Beginning and finishing interleaved, against the plainest model there is."""

    def __init__(self) -> None:
        super().__init__()
        self.watermark = Watermark()
        self.begun: list[int] = []
        self.open: list[int] = []
        self.committed: list[int] = []

    @rule(gap=st.integers(1, 3))
    def begin(self, gap: int) -> None:
        offset = (self.begun[-1] if self.begun else -1) + gap
        self.watermark.begin(offset)
        self.begun.append(offset)
        self.open.append(offset)

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        offset = data.draw(st.sampled_from(self.open))
        self.watermark.finish(offset)
        self.open.remove(offset)

    @invariant()
    def nothing_open_is_ever_below_what_may_be_committed(self) -> None:
        at = self.watermark.next_offset
        before_first_open = [each for each in self.begun if not self.open or each < min(self.open)]
        assert at == (before_first_open[-1] + 1 if before_first_open else None)

    @invariant()
    def it_never_goes_back(self) -> None:
        at = self.watermark.next_offset
        assert at is not None or not self.committed
        if at is not None:
            assert at >= max(self.committed, default=0)
            self.committed.append(at)


TestWatermarkMachine = WatermarkMachine.TestCase


def test_nothing_may_be_committed_before_anything_is_done():
    watermark = Watermark()
    watermark.begin(7)
    assert watermark.next_offset is None
    assert watermark.in_flight == 1


def test_what_is_committed_takes_no_memory():
    watermark = Watermark()
    for offset in range(100):
        watermark.begin(offset)
    for offset in reversed(range(100)):
        watermark.finish(offset)
    assert not watermark._done
    assert not watermark._open
