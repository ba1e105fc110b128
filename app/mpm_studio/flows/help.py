"""Actions of the Help menu: the documentation, the tour, and what the program is made of."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from mpm_core.errors import MpmError
from mpm_studio import help_pages
from mpm_studio.operations.about import components
from mpm_studio.views.about_dialog import AboutDialog
from mpm_studio.views.help_window import HelpWindow
from mpm_studio.views.tour import Tour, TourStep
from mpm_studio.window_parts import WindowParts


def show_help(window: WindowParts) -> None:
    """Open the documentation: the built site in the browser, else its pages in a window. Raises MpmError when there is neither."""
    site = help_pages.folder()
    if site is not None and QDesktopServices.openUrl(QUrl.fromLocalFile(str(site / "index.html"))):
        return
    pages = help_pages.markdown_pages()
    if not pages:
        raise MpmError("the documentation did not come with this installation", hint="read it where the program came from")
    found = window.findChild(HelpWindow, "help_window") or HelpWindow(pages, window)
    found.show()
    found.raise_()


def show_about(window: WindowParts) -> None:
    AboutDialog(components(), window).exec()


def begin_tour(window: WindowParts) -> None:
    """Five steps over the window's own parts."""
    parts = window.workspace

    def key(action: str) -> str:
        text = window.actions_by_id[action].shortcut().toString()
        return f" ({text})" if text else ""

    steps = [
        TourStep(
            parts.gaps,
            "Every gap",
            f"Each gap of the take, and its state. A double click goes there, as does Next gap{key('next_gap')}.",
            lambda: parts.side.setCurrentWidget(parts.gaps),
        ),
        TourStep(
            parts.timeline,
            "What is wrong",
            f"A row for each point. Drag over frames that look wrong and mark them{key('mark')}: what was measured is kept underneath.",
        ),
        TourStep(
            parts.stage,
            "Fill",
            f"Complete{key('complete')} fills everything missing or marked, and shows the result beside what was there before.",
        ),
        TourStep(
            parts.graph,
            "Look closely",
            f"Curves of the selected points, fills with their sigma. Accept{key('accept')} or reject{key('reject')}, gap by gap or all.",
        ),
        TourStep(
            parts.history,
            "Undo, repeat, export",
            f"Every step can be gone back to, and done to other takes. Export{key('export')} proves that nothing measured changed.",
            lambda: parts.side.setCurrentWidget(parts.history),
        ),
    ]
    window.settings.set_switch("tour_seen", True)
    for old in window.findChildren(Tour):
        old.end()
    tour = Tour(window, steps)
    tour.ended.connect(lambda: parts.side.setCurrentWidget(parts.gaps))
    tour.ended.connect(parts.timeline.setFocus)
    tour.begin()


def offer_tour(window: WindowParts) -> None:
    """Begin the tour with the first take that is opened, once in the life of an installation."""
    if not window.settings.switch("tour_seen", False):
        window.session.opened.connect(lambda: None if window.settings.switch("tour_seen", False) else begin_tour(window))
