"""A film of a take with the camera turning around it once, as MP4. It is drawn in a process of its own (turntable_process.py).

N pictures of the film, K frames of the take that it shows.
"""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mpm_core.errors import Cancelled, DataError, MpmError
from mpm_core.files.staged import staged
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_core.typing import Float, Int
from mpm_studio.render.camera import Camera
from mpm_studio.render.drawing_process import drawing_process, last_line
from mpm_studio.render.gl_error import RenderError
from mpm_studio.render.layers import Layers, beside_body, translucent
from mpm_studio.render.scene import Scene, frame_instances, rebased
from mpm_studio.render.shapes import Shapes, joined

RATE_HZ = 30
SIZES = {"1280 x 720": (1280, 720), "1920 x 1080": (1920, 1080), "1080 x 1080": (1080, 1080), "3840 x 2160": (3840, 2160)}
PROCESS = "mpm_studio.render.turntable_process"


@dataclass(frozen=True, slots=True, eq=False)
class Turntable:
    """What to film. frame: that of `camera`; start, stop: the frames that are played, over and over; equal: the film stands at `frame`.

    seconds: of the turn, which is the whole film. size: width and height in pixels, even.
    """

    rec: Recording
    scene: Scene
    layers: Layers
    camera: Camera
    frame: int
    path: Path
    start: int = 0
    stop: int = 0
    seconds: float = 8.0
    size: tuple[int, int] = SIZES["1920 x 1080"]


def check_encoder() -> None:
    """Raises MpmError when the package that writes films is not installed."""
    if find_spec("av") is None:
        raise MpmError("films need the package PyAV, which is not installed", hint="pip install 'mpm-studio[video]'")


def write_film(turn: Turntable, cancel: Cancel, progress: Progress) -> Path:
    """Draw and write the film; the file appears when it is whole. A job.

    Raises MpmError without PyAV, DataError for a take without frames, RenderError when it cannot be drawn, FormatError when it cannot be
    written, Cancelled.
    """
    check_encoder()
    if not turn.rec.frames:
        raise DataError("a take without frames cannot be filmed", where=str(turn.path))
    turn = replace(turn, scene=rebased(turn.scene, turn.rec))  # its joints may still be those of before the last edit
    frames_N, cameras_N = shots(turn)
    shown_K, place_N = np.unique(frames_N, return_inverse=True)
    with tempfile.TemporaryDirectory(prefix="mpm-turntable-") as folder, staged(turn.path) as out:
        task = Path(folder) / "task.npz"
        progress(-1.0, "collecting the frames")
        arrays = _stacked([_shapes(turn, int(frame)) for frame in shown_K])
        np.savez(task, allow_pickle=False, **arrays, place_N=place_N, camera_N8=_rows(cameras_N), size=turn.size, **_floor(turn.scene))
        _run([str(task), str(out), str(RATE_HZ)], len(frames_N), turn.path, cancel, progress)
    return turn.path


def shots(turn: Turntable) -> tuple[Int, list[Camera]]:
    """(N,) the take's frame in each picture, and its camera: once around, beside the body as it moves over the floor."""
    count = max(1, round(turn.seconds * RATE_HZ))
    played = turn.stop - turn.start
    step_N = np.floor(np.arange(count) * turn.rec.rate_hz / RATE_HZ + 1e-9).astype(np.int64)
    frames_N = turn.start + step_N % played if played > 0 else np.full(count, turn.frame)
    anchor_F3 = turn.scene.extent.anchor_F3
    cameras = []
    for number, frame in enumerate(frames_N):
        center_3 = np.asarray(turn.camera.center) + (anchor_F3[frame] - anchor_F3[turn.frame]) * [1, 1, 0]
        cameras.append(replace(turn.camera.moved(center_3), azimuth=(turn.camera.azimuth + 360 * number / count) % 360))
    return frames_N, cameras


def _shapes(turn: Turntable, frame: int) -> tuple[Shapes, Shapes, Shapes]:
    """Body, what is beside it, and what is translucent."""
    body = frame_instances(turn.scene, turn.rec, frame)
    beside = beside_body(turn.layers, turn.scene, turn.rec, frame, ())
    return body, beside, translucent(turn.layers, turn.scene, turn.rec, frame, ()) or joined(())


def _stacked(frames: list[tuple[Shapes, Shapes, Shapes]]) -> dict[str, np.ndarray]:
    """The shapes of K frames as arrays, with how many each frame has."""
    out: dict[str, np.ndarray] = {}
    for place, name in enumerate(("body", "beside", "halos")):
        parts = [frame[place] for frame in frames]
        out |= {f"{name}_capsules": joined(parts).capsules_N16, f"{name}_spheres": joined(parts).spheres_N8}
        out[f"{name}_counts_K2"] = np.array([(len(part.capsules_N16), len(part.spheres_N8)) for part in parts])
    return out


def _rows(cameras: list[Camera]) -> Float:
    return np.array([(*each.center, each.distance, each.azimuth, each.elevation, each.fov, each.flat) for each in cameras], np.float64)


def _floor(scene: Scene) -> dict[str, Float]:
    floor = scene.floor
    return {"floor_6": np.array([floor.height, *floor.middle, floor.radius, floor.cell, floor.light])}


def _run(arguments: list[str], count: int, path: Path, cancel: Cancel, progress: Progress) -> None:
    """Let the process draw; it writes a line for each picture."""
    with drawing_process(PROCESS, *arguments) as process:
        drawn, errors, heard = process.stdout, process.stderr, list[str]()
        assert drawn is not None and errors is not None
        listener = threading.Thread(target=lambda: heard.append(errors.read()), daemon=True)  # a full pipe would stop the process
        listener.start()
        try:
            for number, _line in enumerate(drawn, 1):
                if cancel():
                    raise Cancelled
                progress(number / count, f"picture {number} of {count}")
        except BaseException:
            process.kill()
            raise
        code = process.wait()
        listener.join()
    if code:
        raise RenderError("the film could not be made", where=str(path), hint=last_line("".join(heard), code))
