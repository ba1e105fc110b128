"""The Gaps menu: going through gaps, filling, accepting and rejecting them one by one."""

from __future__ import annotations

from mpm_studio.actions.action import Action, fillable, loaded
from mpm_studio.flows import gap_edges, gaps, graph
from mpm_studio.session import Session


def _on_proposed(session: Session) -> str:
    if session.proposal is None:
        return "nothing is proposed"
    return "" if gaps.chosen(session, "proposed") else "no proposed gap is selected"


def _on_unfilled(session: Session) -> str:
    return fillable(session) or ("" if gaps.to_fill(session) else "no gap is selected")


def _on_gap(session: Session) -> str:
    if session.proposes_take:
        return "a proposal waits: accept or reject it first"
    return loaded(session) or ("" if session.selected_gaps else "no gap is selected")


def _edge(name: str, text: str, key: str, by: tuple[int, int], tip: str) -> Action:
    return Action(name, "&Gaps", text, "", (key,), _on_gap, lambda window: gap_edges.move_chosen(window, *by), tip)


GAPS: tuple[Action | None, ...] = (
    Action("next_gap", "&Gaps", "&Next gap", "next_gap", ("N",), loaded, lambda window: gaps.go_next(window, 1), "Go to the next gap"),
    Action(
        "previous_gap",
        "&Gaps",
        "&Previous gap",
        "previous_gap",
        ("Shift+N",),
        loaded,
        lambda window: gaps.go_next(window, -1),
        "Go to the gap before",
    ),
    Action(
        "longest_gap",
        "&Gaps",
        "Next by len&gth",
        "",
        ("Ctrl+N",),
        loaded,
        lambda window: gaps.go_by_length(window, 1),
        "Go to the longest gap, then to the next shorter",
    ),
    Action(
        "longer_gap",
        "&Gaps",
        "Previous by lengt&h",
        "",
        ("Ctrl+Shift+N",),
        loaded,
        lambda window: gaps.go_by_length(window, -1),
        "Go to the gap that is next longer",
    ),
    Action(
        "less_certain",
        "&Gaps",
        "Next by &uncertainty",
        "",
        ("U",),
        loaded,
        lambda window: gaps.go_by_sigma(window, 1),
        "Go to the fill with the largest sigma, then to the next smaller",
    ),
    Action(
        "more_uncertain",
        "&Gaps",
        "Previous by un&certainty",
        "",
        ("Shift+U",),
        loaded,
        lambda window: gaps.go_by_sigma(window, -1),
        "Go to the fill with the next larger sigma",
    ),
    None,
    Action(
        "accept_gap",
        "&Gaps",
        "&Accept the selected gaps",
        "",
        ("Shift+Return", "Shift+Enter"),
        _on_proposed,
        gaps.accept_chosen,
        "Make the proposed fill of the selected gaps only, and go to the next",
        keys_in="review",
    ),
    Action(
        "reject_gap",
        "&Gaps",
        "&Reject the selected gaps",
        "",
        ("Delete",),
        _on_proposed,
        gaps.reject_chosen,
        "Leave the proposed fill of the selected gaps out, and go to the next",
        keys_in="review",
    ),
    Action(
        "fill_gap",
        "&Gaps",
        "&Fill the selected gaps",
        "",
        ("Ctrl+G",),
        _on_unfilled,
        gaps.fill_chosen,
        "Fill the selected gaps by the method chosen",
    ),
    Action(
        "fill_short",
        "&Gaps",
        "Fill the &short gaps",
        "",
        ("S",),
        fillable,
        gaps.fill_short,
        "Fill every open gap that is as short as the settings say, by the method chosen",
    ),
    Action(
        "next_answer",
        "&Gaps",
        "Next ans&wer",
        "",
        ("E",),
        _on_gap,
        lambda window: graph.alternative(window, 1),
        "Propose what another method answers for the selected gaps, the most certain first; filled ones are filled anew",
    ),
    Action(
        "previous_answer",
        "&Gaps",
        "Answer &before",
        "",
        ("Shift+E",),
        _on_gap,
        lambda window: graph.alternative(window, -1),
        "Propose the answer before",
    ),
    None,
    _edge(
        "start_earlier",
        "Begin a frame &earlier",
        "Alt+Left",
        (-1, 0),
        "The selected gaps begin a frame earlier: what is taken in is marked",
    ),
    _edge(
        "start_later",
        "Begin a frame &later",
        "Alt+Right",
        (1, 0),
        "The selected gaps begin a frame later: what was marked is measured again",
    ),
    _edge("stop_earlier", "En&d a frame earlier", "Alt+Shift+Left", (0, -1), "The selected gaps end a frame earlier"),
    _edge(
        "stop_later", "End a frame la&ter", "Alt+Shift+Right", (0, 1), "The selected gaps end a frame later; a fill that is there follows"
    ),
)
