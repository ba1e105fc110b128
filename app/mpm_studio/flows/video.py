"""Actions on the video behind a picture: choose it, say where it begins, take it away."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mpm_core.edit.patch import Replace
from mpm_core.errors import FormatError
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_studio.operations import video
from mpm_studio.operations.camera_motion import CameraMotion, camera_motion
from mpm_studio.views import dialogs, input_dialogs
from mpm_studio.window_parts import WindowParts

INSIDE = 0.95  # least share of the keypoints that lies in a video's pictures, for its size to be theirs


def choose(window: WindowParts) -> None:
    """Ask for a video, and show it."""
    path = dialogs.ask_video(window, window.last_folder)
    if path is not None:
        show(window, path)


def open_beside(window: WindowParts, path: Path) -> None:
    """Show a video that the user opened or dropped. Raises FormatError when no keypoints are open that it could belong to."""
    if not window.workspace.stage.plane.isVisibleTo(window) or not window.session.ready:
        hint = f"open its keypoints first; mpm-studio detect {path.name} -o keypoints.json finds some"
        raise FormatError("this is a video, not a motion file", where=path.name, hint=hint)
    show(window, path)


def show(window: WindowParts, path: Path) -> None:
    """Show a video behind the picture; what does not fit is said in a warning. Its size becomes the picture's where the file says none."""
    window.session.run(f"Opening {path.name}", _look, path, lambda found: _show(window, *found))


def _look(path: Path, cancel: Cancel, progress: Progress) -> tuple[video.VideoFacts, CameraMotion]:
    """A job."""
    progress(-1.0, "does the camera stand still?")
    with video.Video(path) as opened:
        return opened.facts, camera_motion(opened, cancel)


def _show(window: WindowParts, facts: video.VideoFacts, motion: CameraMotion) -> None:
    session, flat = window.session, window.workspace.stage.plane.flat
    if flat is None:
        return
    offset = video.usual_offset(facts, flat.source.first_frame - round(flat.source.part.start), flat.frames)
    known_wh = flat.source.image_wh
    notes = list(video.misfits(facts, known_wh, flat.rate_hz, flat.frames, offset))
    beyond = known_wh is None and not _holds(facts.size_wh, flat)
    if beyond:
        notes.append(f"keypoints lie outside its pictures of {facts.size_wh[0]} × {facts.size_wh[1]}")
    document = session.document
    if known_wh is None and not beyond and document is not None and document.recording is flat:
        session.do(Replace("Take the picture's size from the video", flat, _with_size(flat, facts.size_wh)))
    window.video.show(facts.path, offset)
    warnings = [f"{facts.path.name} may not be the video of these keypoints: {'; '.join(notes)}. Is it the right one?"] if notes else []
    if motion.moves:
        warnings.append(f"The camera of {facts.path.name} moves: a lift takes it as standing still, so the way walked will be wrong.")
    if warnings:
        session.notice.emit(" ".join(warnings))


def ask_offset(window: WindowParts) -> None:
    """Ask for the frame of the video that belongs to the take's first one."""
    if window.video.path is None:
        return
    facts = video.facts(window.video.path)
    offset = input_dialogs.ask_whole_number(window, "Video offset", "Frame of the video, from 0, at the take's first", window.video.offset)
    if offset is not None:
        window.video.show(facts.path, video.check_offset(offset, facts))


def _with_size(rec: Recording, size_wh: tuple[int, int]) -> Recording:
    notes = (*(note for note in rec.source.notes if note != "image size unknown"), f"image size {size_wh[0]}x{size_wh[1]} by the video")
    return replace(rec, source=replace(rec.source, image_wh=size_wh, notes=notes))


def _holds(size_wh: tuple[int, int], rec: Recording) -> bool:
    """Whether nearly all keypoints lie in a picture of that size."""
    xy_N2 = rec.xyz_FPD[rec.visible_FP]
    inside_N2 = (xy_N2 >= 0) & (xy_N2 <= size_wh)
    return not len(xy_N2) or float(inside_N2.all(axis=1).mean()) > INSIDE
