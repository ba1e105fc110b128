"""A page as data, and its HTML: head lines, figures, and sections with a table, a chart or pairs of words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from mpm_studio import palette
from mpm_studio.pages.chart import Chart

if TYPE_CHECKING:
    from jinja2 import Template

STATE_OPACITY = 0.17  # of the colour behind the state of a take


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure and what it counts; warn: it should have been another."""

    figure: str
    label: str
    warn: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """Text, and smaller lines under it. kind: CSS classes; shade: the colour behind it; state: done, open or failed."""

    text: str
    kind: str = ""
    shade: str = ""
    state: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """Heads and cells of kind "l" are aligned left."""

    heads: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Has one of table, chart and pairs (name, text), and a note under it."""

    title: str
    table: Table | None = None
    chart: Chart | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    title: str
    heading: str
    about: str
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]


def html(page: Page) -> str:
    """The page as a file's text. Every text is escaped."""
    return _template().render(page=page, light=_colours(palette.LIGHT_PAGE), dark=_colours(palette.DARK_PAGE))


def _colours(named: dict[str, str]) -> dict[str, str]:
    """The colours, and those behind states."""
    return named | {f"{name}-back": palette.translucent(named[name], STATE_OPACITY) for name in ("done", "open", "failed")}


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    options: dict[str, Any] = {"autoescape": True, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    return Environment(loader=PackageLoader("mpm_studio.pages"), **options).get_template("page.html")
