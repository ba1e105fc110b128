"""Both HTML pages as a browser and a reader meet them: well-formed, alone, readable by day, by night and on paper, with any names."""

from __future__ import annotations

import colorsys
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from mpm_core.check.selftest import Outcome, SelfTest
from mpm_studio.pages import batch as batch_page
from mpm_studio.pages import selftest as selftest_page

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
    lines = re.findall("open: (.*?)</small>", batch())
    assert len(lines) == 2 and lines[0].endswith("B 2-3: no: one") and lines[1] == "C 1-9: two"
    assert "2024-05-06 07:08 UTC" in batch()


def rgb(colour: str) -> np.ndarray:
    """(4,) red, green, blue, alpha of '#rgb', '#rrggbb' or 'hsl(h s% l% / a)'."""
    if colour.startswith("#"):
        wide = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
        return np.array([*(int(wide[at : at + 2], 16) / 255 for at in (0, 2, 4)), 1.0])
    hue, strength, light, *alpha = map(float, re.findall(r"[\d.]+", colour))
    return np.array([*colorsys.hls_to_rgb(hue / 360, light / 100, strength / 100), *(alpha or [1.0])])


def contrast(text: str, back: str, card: str) -> float:
    """WCAG 2's ratio of a text on a background that may be translucent."""
    under, over = rgb(card)[:3], rgb(back)
    shown = over[3] * over[:3] + (1 - over[3]) * under
    light = [
        float(np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]) for c in (rgb(text)[:3], shown)
    ]
    return (max(light) + 0.05) / (min(light) + 0.05)


def rules(style: str) -> dict[str, str]:
    """'.ok color' -> value, of rules that set colours."""
    out = {}
    for names, inside in re.findall(r"([^{}]+)\{([^{}]*)\}", style):
        for name in names.split(","):
            out |= {f"{name.strip()} {key}": value for key, value in re.findall(r"(--\w+|color|background): ([^;]+);?", inside)}
    return out


@pytest.mark.parametrize("night", [False, True])
def test_every_text_can_be_read(night: bool) -> None:
    style = selftest_page.STYLE + batch_page.MORE_STYLE
    screen = r"@media screen and \(prefers-color-scheme: dark\) \{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}"
    by_day = rules(re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", style))
    found = by_day | (rules("".join(re.findall(screen, style))) if night else {})
    card, pairs = (
        found[":root --card"],
        [(found[f":root --{text}"], found[f":root --{back}"]) for text in ("text", "dim") for back in ("card", "back")],
    )
    pairs += [(found[f".{chip} color"], found[f".{chip} background"]) for chip in ("ok", "open", "bad")]
    pairs += [(found[".fact b.warn color"], card)]
    pairs += [(found[":root --text"], f"hsl({found[f':root --{shade}']} / .34)") for shade in ("good", "bad")]
    assert [(text, back, contrast(text, back, card)) for text, back in pairs if contrast(text, back, card) < READABLE] == []
