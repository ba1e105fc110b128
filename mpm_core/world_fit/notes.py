"""What was found or assumed to fit a lift into the world, in words."""

from __future__ import annotations

import numpy as np

from mpm_core.body.joints import LEGS, body17
from mpm_core.gaps import known, range_text, runs
from mpm_core.recording import Recording
from mpm_core.typing import Float, Mask
from mpm_core.world_fit.camera import FOCAL, pitch_deg, quarter_turns, roll_deg
from mpm_core.world_fit.fit import Fitted
from mpm_core.world_fit.options import LiftOptions
from mpm_core.world_fit.placing import FEWEST_VISIBLE

BEYOND = 1.1  # of an image's side, beyond which keypoints show that its size is wrong
WITHIN = 0.5  # of both sides, within which all keypoints of a take make its size doubtful
NAMED_RUNS = 4  # stretches without the person that are named one by one
FASTEST_M_S = 12.0  # of the median joint across the view; sprinters reach it
PACE_S = 1 / 30  # over which that speed is measured, at least
MOSTLY = 0.5  # of the frames: joints that are unseen in more of them are named
MOVING_RAD = 0.2  # scatter of what is up over a take from which its camera is said to move


def size_note(rec: Recording, options: LiftOptions, image_wh: tuple[int, int]) -> tuple[str, bool]:
    """Where the image's size comes from; and whether it is doubtful, because the keypoints do not fit into it."""
    guessed = "guessed from where the keypoints lie; if the video's is another, say --size"
    source = "as given" if options.size else "as the file says" if rec.source.image_wh else guessed
    x, y = np.nanmax(np.where(rec.visible_FP[..., None], rec.xyz_FPD, np.nan), axis=(0, 1))
    reach = max(x / image_wh[0], y / image_wh[1])
    doubt = f"; but keypoints reach {x:.0f}, {y:.0f}: is it right?" if reach > BEYOND else ""
    if reach < WITHIN:
        doubt = f"; but all keypoints are in its upper left, up to {x:.0f}, {y:.0f}: is it right?"
    return f"image {image_wh[0]}x{image_wh[1]} ({source}{doubt})", bool(doubt)


def absence_notes(absent_F: Mask, first_frame: int, filled: bool) -> tuple[str, ...]:
    """Frames that show no joint, and what became of them; none when there are none."""
    if not absent_F.any():
        return ()
    named = [range_text(start, stop, first_frame) for start, stop in runs(absent_F)]
    more = "" if len(named) <= NAMED_RUNS else f" and {len(named) - NAMED_RUNS} more stretches"
    became = "filled all the same, as asked" if filled else "left missing"
    return (f"nobody is seen in {int(absent_F.sum()):,} frames ({', '.join(named[:NAMED_RUNS])}{more}): {became}",)


def jump_notes(xy_FJ2: Float, pose_FJ3: Float, rate_hz: float, first_frame: int) -> tuple[str, ...]:
    """Where the keypoints (pixels, NaN = missing) move faster than anybody runs, as from one person to another; none when they never do.

    Speeds are over PACE_S or more: over less, noise seems to run. pose_FJ3: metres relative to the root, camera axes; by its size across
    the view pixels are metres.
    """
    seen_FJ = known(xy_FJ2)
    frames = np.flatnonzero(seen_FJ.sum(axis=1) >= FEWEST_VISIBLE)
    later = np.searchsorted(frames, frames + max(round(PACE_S * rate_hz), 1))
    before_N, after_N = frames[later < len(frames)], frames[later[later < len(frames)]]
    both_NJ = seen_FJ[before_N] & seen_FJ[after_N]
    enough_N = both_NJ.sum(axis=1) >= FEWEST_VISIBLE
    before_N, after_N, both_NJ1 = before_N[enough_N], after_N[enough_N], both_NJ[enough_N][..., None]
    xy_NJ2, later_NJ2, pose_NJ2 = (np.where(both_NJ1, at, np.nan) for at in (xy_FJ2[before_N], xy_FJ2[after_N], pose_FJ3[before_N, :, :2]))
    size_m_N, size_px_N = (np.linalg.norm(np.nanstd(at_NJ2, axis=1), axis=1) for at_NJ2 in (pose_NJ2, xy_NJ2))
    moved_px_N = np.nanmedian(np.linalg.norm(later_NJ2 - xy_NJ2, axis=2), axis=1)
    too_fast_N = moved_px_N * size_m_N * rate_hz > FASTEST_M_S * (after_N - before_N) * size_px_N
    jumps = []
    for start, stop in runs(too_fast_N):  # several pairs span one jump: it is after where the last begins, and before where the first ends
        first, last = sorted((int(before_N[stop - 1]), int(after_N[start])))
        jumps.append(f"{first + first_frame}-{last + first_frame}")
    more = "" if len(jumps) <= NAMED_RUNS else f" and {len(jumps) - NAMED_RUNS} more"
    named = ", ".join(jumps[:NAMED_RUNS]) + more
    return (f"the keypoints jump in frames {named}: are they of one person, in one shot? A lift takes them so",) if jumps else ()


def unseen_notes(unseen_FJ: Mask, seated: bool) -> tuple[str, ...]:
    """Joints of the limbs that are unseen in more than MOSTLY of the frames. seated: unseen legs are placed so."""
    body, share_J = body17(), unseen_FJ.mean(axis=0)
    unseen = [body.names[joint].replace("_", " ") for pair in body.pairs for joint in pair if share_J[joint] > MOSTLY]
    if not unseen:
        return ()
    how = "; the legs are placed as of somebody who sits" if seated else "; if the person sits, say --seated"
    sits = how if legs_unseen(unseen_FJ) else ""
    return (f"seen in less than half of the frames, else predicted from the rest of the body: {', '.join(unseen)}{sits}",)


def legs_unseen(unseen_FJ: Mask) -> bool:
    """Whether a knee or an ankle is unseen in more than MOSTLY of the frames, so that whether the person sits has to be told."""
    return bool((unseen_FJ[:, [joint for leg in LEGS for joint in leg[1:]]].mean(axis=0) > MOSTLY).any())


def camera_note(fitted: Fitted, options: LiftOptions, sigma: float, scatter: float) -> tuple[str, bool]:
    """How the camera stands; and whether that is doubtful, because it seems to move.

    sigma: of what is up; scatter: of it over the take, NaN where it was not estimated; radians.
    """
    up_3 = fitted.turn_33[:, 2]
    pitch, quarters = pitch_deg(up_3), quarter_turns(up_3)
    roll = (roll_deg(up_3) - 90 * quarters + 180) % 360 - 180
    how = "assumed" if np.isnan(scatter) else f"found, +-{np.degrees(sigma):.0f} degrees"
    if options.pitch is not None:
        how = "looking down as given, the rest found" if options.turn is None and options.roll is None else "as given"
    elif options.turn is not None or options.roll is not None:
        how += ", the turn as given" if options.roll is None else ", the roll as given"
    turned = ("", ", turned clockwise by a quarter", ", upside down", ", turned anticlockwise by a quarter")[quarters]
    camera = f"camera looks {round(abs(pitch))} degrees {'down' if pitch >= 0 else 'up'}, rolled by {round(roll)} ({how}){turned}"
    doubt = "; it seems to move, or the person lies: what is up differs over the take" if scatter > MOVING_RAD else ""
    return camera + doubt, bool(doubt)


def focal_note(options: LiftOptions) -> str:
    return f"focal length {options.focal or FOCAL:g} of the image's longer side ({'as given' if options.focal else 'assumed'})"


def ground_notes(fitted: Fitted) -> tuple[str, ...]:
    """Whether a floor was found, and how many foot contacts."""
    contacts = f"{len(fitted.rests)} foot contacts"
    if not fitted.rests and fitted.floor is not None:
        return ("floor found, which the lowest places of the feet agree on; no foot was found at rest",)
    if not fitted.rests:
        return ("no foot was found at rest, so no floor; the lowest ankles are placed on the ground",)
    if fitted.floor is None:
        return (f"no floor found: resting feet do not agree on one; {contacts}",)
    return (f"floor found, on which feet rest for {100 * fitted.floor.agreeing:.0f} % of their time at rest; {contacts}",)
