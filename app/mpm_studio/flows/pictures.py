"""Actions that save what the 3D view shows: a picture, a film with the camera turning around."""

from __future__ import annotations

from pathlib import Path

from mpm_studio.render.png import save_png
from mpm_studio.render.scene import Scene, from_nearest
from mpm_studio.render.snapshot import snapshot
from mpm_studio.render.turntable import Turntable, check_encoder, write_film
from mpm_studio.views import dialogs
from mpm_studio.views.turntable_dialog import ask_turntable
from mpm_studio.window_parts import WindowParts


def save_picture(window: WindowParts) -> None:
    """Ask for a file and how large the picture is to be; in jobs its joints are worked out, and what is drawn then is saved."""
    session, viewer = window.session, window.workspace.stage.viewer
    ratio = viewer.devicePixelRatioF()
    sizes = {scale: f"{round(scale * ratio * viewer.width())} x {round(scale * ratio * viewer.height())}" for scale in (1, 2)}
    answer = dialogs.ask_picture_path(window, _suggested_path(window, ".png"), sizes)
    if answer is None or viewer.rec is None or viewer.scene is None:
        return
    path, scale = answer
    title = f"Saving {path.name}"

    def save(scene: Scene) -> None:
        viewer.show_joints(scene)
        session.run(
            title,
            lambda image, _cancel, _progress: save_png(image, path),
            snapshot(viewer, scale),
            lambda _none: session.notice.emit(f"Saved {path.name}, {sizes[scale]} pixels"),
        )

    session.run(title, from_nearest, ((viewer.scene,), viewer.rec), save)


def make_turntable(window: WindowParts) -> None:
    """Ask what the film shows and where to save it, and make it in a job."""
    check_encoder()
    session, viewer = window.session, window.workspace.stage.viewer
    rec, scene = session.shown, viewer.scene
    if rec is None or scene is None:
        return
    selection, ranges = session.selection, {"Stands still at this frame": (0, 0), "Plays the whole take": (0, rec.frames)}
    if selection.has_range:
        ranges = {"Plays the selected range": (selection.start, selection.stop), **ranges}
    chosen = ask_turntable(window, ranges)
    path = None if chosen is None else dialogs.ask_film_path(window, _suggested_path(window, ".mp4"))
    if chosen is None or path is None:
        return
    turn = Turntable(rec, scene, viewer.layers, viewer.camera, session.frame, path, chosen.start, chosen.stop, chosen.seconds, chosen.size)
    session.run(f"Making {path.name}", write_film, turn, lambda made: session.notice.emit(f"Saved {made}"))


def _suggested_path(window: WindowParts, suffix: str) -> Path:
    """A file beside the take, of its name."""
    return (window.session.path or Path("take")).with_suffix(suffix)
