"""The Repair menu."""

from __future__ import annotations

from mpm_studio.actions.action import Action, fillable, fillable_3d, fillable_range, proposed, ready, ready_2d, ready_3d
from mpm_studio.flows import filtering, repair, suspects
from mpm_studio.session import Session


def _job(session: Session) -> str:
    return "" if session.jobs.busy else "no job is running"


REPAIR: tuple[Action | None, ...] = (
    Action("complete", "&Repair", "&Complete", "complete", ("G",), fillable, repair.complete, "Fill everything missing or marked"),
    Action(
        "complete_selection",
        "&Repair",
        "Complete the &selection",
        "complete",
        ("Shift+G",),
        fillable_range,
        lambda window: repair.complete(window, only_selection=True),
        "Fill what is missing or marked in the selected range",
    ),
    Action(
        "complete_options",
        "&Repair",
        "Complete with o&ptions…",
        "",
        ("Ctrl+Shift+G",),
        fillable,
        repair.complete_with_options,
        "Choose method, range and limits, and fill",
    ),
    Action(
        "donors",
        "&Repair",
        "Fill by &donors…",
        "",
        (),
        fillable_3d,
        repair.follow_donors,
        "Fill what is selected, or everything, by points that you name",
    ),
    Action(
        "look",
        "&Repair",
        "Look for &bad data",
        "",
        ("Ctrl+K",),
        ready,
        suspects.look,
        "List spikes, swaps, ghosts, frozen values, wrong rotations and implausible poses",
    ),
    Action(
        "look_by_model",
        "&Repair",
        "Look for bad data, with the m&odel",
        "",
        (),
        ready_3d,
        lambda window: suspects.look(window, by_model=True),
        "Also compare each joint with the prediction of the model",
    ),
    Action(
        "self_test",
        "&Repair",
        "Self-&test",
        "",
        (),
        ready,
        repair.self_test,
        "Hide known samples, fill them by every method, and list the errors",
    ),
    Action("filter", "&Repair", "&Filter…", "", ("Ctrl+F",), ready, filtering.filter_take, "Filter fills, and on request measured samples"),
    Action("lift", "&Repair", "&Lift to 3D…", "lift", ("Ctrl+L",), ready_2d, repair.lift, "Turn 2D keypoints into 3D motion"),
    Action("map_body", "&Repair", "Bod&y joints…", "body", (), ready_3d, repair.map_body, "Choose the point of each joint of the body"),
    Action(
        "motion_map",
        "&Repair",
        "Markers by mot&ion…",
        "body",
        (),
        ready_3d,
        suspects.map_by_motion,
        "Find from their motion which marker is where on the body, for labels that no known set has",
    ),
    None,
    Action(
        "accept",
        "&Repair",
        "&Accept the proposal",
        "",
        ("Return", "Enter"),
        proposed,
        repair.accept,
        "Make all proposed changes",
        keys_in="review",
    ),
    Action(
        "reject",
        "&Repair",
        "&Reject the proposal",
        "",
        ("Esc",),
        proposed,
        lambda window: window.session.reject(),
        "Make none of the proposed changes; Redo brings the proposal back",
        keys_in="review",
    ),
    Action("cancel", "&Repair", "Ca&ncel the running job", "", ("Ctrl+.",), _job, lambda window: window.session.jobs.cancel()),
)
