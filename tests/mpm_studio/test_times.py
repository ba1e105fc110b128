"""Times as frames, seconds and SMPTE time code; ticks that are round in each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mpm_studio.operations.times import TIMES, Clock, code_rate, frame_of_code, time_code
from mpm_studio.playback import frame_after


@given(st.integers(0, 5_000_000), st.sampled_from([24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 60.0, 100.0, 119.88, 120.0, 128.0, 240.0, 1000.0]))
def test_a_time_code_leads_back_to_its_frame(frame: int, rate_hz: float) -> None:
    assert frame_of_code(time_code(frame, rate_hz), rate_hz) == frame


def test_time_codes_by_hand() -> None:
    assert time_code(3600 * 120, 120.0) == "01:00:00:00.0"
    assert time_code(61 * 25 + 7, 25.0) == "00:01:01:07"
    assert time_code(30, 29.97) == "00:00:01:00"
    assert frame_of_code("12", 25.0) == 12 and frame_of_code("1:00", 25.0) == 25 and frame_of_code("1:2:3:4:5", 25.0) is None


@pytest.mark.parametrize("kind", TIMES)
@given(least=st.floats(0.05, 1e6), rate_hz=st.sampled_from([24.0, 60.0, 100.0, 128.0, 240.0]))
def test_ticks_are_at_least_as_far_apart_as_asked(kind: str, least: float, rate_hz: float) -> None:
    step = Clock(kind, rate_hz).step(least)
    assert step >= least * (1 - 1e-9)
    assert step <= max(60 * least, 3600 * rate_hz, rate_hz / code_rate(rate_hz)[0] * 30, 1)


def test_ticks_of_seconds_are_round() -> None:
    assert Clock("seconds", 120.0).step(100) == pytest.approx(120)
    assert Clock("smpte", 120.0).step(100) == 120 and Clock("smpte", 120.0).step(3) == 4
    assert Clock("smpte", 120.0).step(500) == 600


def test_playing_backwards_stops_at_the_first_frame_or_repeats_the_range() -> None:
    assert frame_after(100, 0.25, 100.0, -1.0, 300, False) == (75.0, True)
    assert frame_after(10, 1.0, 100.0, -1.0, 300, False) == (0.0, False)
    assert frame_after(45, 0.1, 100.0, -1.0, 300, True, (40, 60)) == pytest.approx((55, True))
