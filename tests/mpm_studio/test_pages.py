"""Both HTML pages as a browser and a reader meet them: well-formed, alone, readable by day, by night and on paper, with any names."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from mpm_core.check.selftest import Outcome, SelfTest
from mpm_studio import palette
from mpm_studio.pages import batch as batch_page
from mpm_studio.pages import selftest as selftest_page
from mpm_studio.pages.chart import log_chart

VOID = {"meta", "line", "polyline", "circle", "br"}
LONG = "a_name_without_any_blank_" * 12
EVIL = '<b title="x">&amp;</b>'
READABLE = 4.5  # WCAG 2, text of usual size


def batch() -> str:
    filled = {"samples": 3, "by": {"model": {"samples": 3, "sigma_mean_mm": 4.0}}}
    done = {"frames": 5, "points": 2, "gaps": 1, "filled": filled, "measured": 7, "changed": 0, "holds": True, "remaining": []}
    rows = [
        {"source": f"/in/{LONG}.c3d", "status": "done", **done},
        {
            "source": f"/in/{EVIL}/b.csv",
            "status": "gaps remain",
            **done,
            "remaining": [f"{EVIL} 1-4: no: one", "B 2-3: no: one", "C 1-9: two"],
        },
        {"source": "/in/c.bvh", "status": "failed", "what": EVIL, "where": f"/in/{LONG}, line 3", "hint": "do it"},
    ]
    totals = {"takes": 3, "done": 1, "gaps remain": 1, "failed": 1, "measured": 14, "changed": 0, "filled": 6, "gaps_remaining": 3}
    settings = {"method": "auto", "model_sha256": "f" * 64, "read": {"unit": "mm"}, "body": {"hip": EVIL}}
    said = {"settings": settings, "stopped": False, "totals": totals, "takes": rows, "began": "2024-05-06T07:08:09+00:00", "seconds": 1.5}
    return batch_page.page(said)


def selftest() -> str:
    outcomes = tuple(Outcome(point, 10, 20, {"auto": np.full(20, 0.004), "spline": np.full(20, 0.002)}, 0.25) for point in (0, 1))
    return selftest_page.page(SelfTest((EVIL, LONG), 100.0, 3, ("auto", "spline"), outcomes, {}, True, 0, 1.5), f"/in/{LONG}.c3d")


PAGES = {"batch": batch, "selftest": selftest}


class Balanced(HTMLParser):
    """Every tag that is opened is closed, in order; what names are written stays text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not {name for name, _ in attrs} & {"src", "href", "onclick"}, (tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed_and_needs_nothing_else(name: str) -> None:
    page = PAGES[name]()
    parser = Balanced()
    parser.feed(page)
    parser.close()
    assert parser.open == [] and EVIL in parser.text and LONG in parser.text
    assert not re.search(r"https?:|url\(|@import|<script|<link", page)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_whole_and_heads_repeat(name: str) -> None:
    page = PAGES[name]()
    paper = page.split("@media print", 1)[1]
    assert "overflow: visible" in paper and "break-inside: avoid" in paper
    assert page.count("<table>") == page.count("<thead>") > 0
    assert not re.search(r"@media \(prefers", page)  # night is for the screen: paper is white


def test_gaps_of_one_reason_stand_together() -> None:
    lines = re.findall("not filled: (.*?)</small>", batch())
    assert len(lines) == 2 and lines[0].endswith("B 2-3: no: one") and lines[1] == "C 1-9: two"
    assert "2024-05-06 07:08 UTC" in batch()


def rgb(colour: str) -> np.ndarray:
    """(4,) red, green, blue, alpha of '#rrggbb' or '#rrggbbaa'."""
    return np.array([int(f"{colour[1:]}ff"[at : at + 2], 16) / 255 for at in (0, 2, 4, 6)])


def contrast(text: str, back: str, card: str) -> float:
    """WCAG 2's ratio of a text on a background that may be translucent."""
    under, over = rgb(card)[:3], rgb(back)
    shown = over[3] * over[:3] + (1 - over[3]) * under
    light = [
        float(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]) for c in (rgb(text)[:3], shown)
    ]
    return (max(light) + 0.05) / (min(light) + 0.05)


def colours(page: str, night: bool) -> dict[str, str]:
    """Name -> colour of the page's custom properties."""
    day, dark = re.findall(r":root \{([^}]*--card: [^}]*)\}", page)
    return dict(re.findall(r"--([\w-]+): (#\w+)", day)) | (dict(re.findall(r"--([\w-]+): (#\w+)", dark)) if night else {})


@pytest.mark.parametrize("night", [False, True])
def test_every_text_can_be_read(night: bool) -> None:
    found = colours(batch(), night)
    card = found["card"]
    pairs = [(found[text], found[back]) for text in ("text", "dim") for back in ("card", "back")]
    pairs += [(found[state], found[f"{state}-back"]) for state in ("done", "open", "failed")]
    pairs += [(found["failed"], card)]
    pairs += [(found["text"], palette.translucent(shade, selftest_page.STRONGEST)) for shade in (palette.GOOD, palette.BAD)]
    assert [(text, back, contrast(text, back, card)) for text, back in pairs if contrast(text, back, card) < READABLE] == []


def test_a_line_without_a_value_is_left_out_of_the_chart_and_names_do_not_overlap() -> None:
    lines = {"auto": [1.0, 2.0], "spline": [1.0, 2.0], "cyclic": [float("nan")] * 2, "rigid": [float("nan"), 2.0]}
    chart = log_chart("Errors", ["short", "long"], lines, "mm", "auto", {"rigid"})
    assert {line.name: len(line.points) for line in chart.lines} == {"auto": 2, "spline": 2, "rigid": 1}
    heights = sorted(line.name_y for line in chart.lines)
    assert np.diff(heights).min() >= 15 and chart.height > heights[-1]
    assert [line.name for line in chart.lines if line.dashed] == ["rigid"] and [line.name for line in chart.lines if line.bold] == ["auto"]
    assert [text for _, text in chart.columns] == ["short", "long"] and "2 mm" in [text for _, text in chart.ticks]
