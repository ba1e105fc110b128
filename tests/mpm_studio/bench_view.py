"""What a frame of the 3D view costs with 200 markers, part by part: `xvfb-run -a .venv/bin/python -m tests.mpm_studio.bench_view`.

Processor time of all threads, software OpenGL's included: on a busy machine it means more than frames a second.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import mpm_core as mpm
from mpm_core.recording import Recording, make_recording
from mpm_core.resources import resource
from mpm_studio.render.surface import prepare

MARKERS, SIZE, FRAMES, ROUNDS = 200, (1000, 600), 40, 3


def crowd(markers: int) -> Recording:
    """The sample's person several times, side by side, as subjects."""
    rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    count = -(-markers // len(rec.points))
    xyz_FPD = np.concatenate([rec.xyz_FPD + np.float32([0, 1.0 * who, 0]) for who in range(count)], axis=1)[:, :markers]
    names = tuple(f"S{who}:{name}" for who in range(count) for name in rec.points)[:markers]
    subjects = tuple(mpm.Subject(f"S{who}", tuple(name for name in names if name.startswith(f"S{who}:"))) for who in range(count))
    return make_recording(names, rec.rate_hz, xyz_FPD, subjects=subjects)


@contextmanager
def without(owner: type, name: str) -> Iterator[None]:
    """A method that does nothing for a while."""
    kept = getattr(owner, name)
    setattr(owner, name, lambda *_, **__: None)
    try:
        yield
    finally:
        setattr(owner, name, kept)


def main() -> None:
    prepare()
    from PySide6.QtWidgets import QApplication

    from mpm_studio.render.gl_draw import Stage
    from mpm_studio.views.viewer import Viewer

    application = QApplication([])
    viewer = Viewer(samples=0)
    viewer.resize(*SIZE)
    viewer.show()
    rec = crowd(MARKERS)
    began = time.process_time()
    viewer.set_recording(rec)
    sys.stdout.write(
        f"{MARKERS} markers of {len(rec.subjects)} subjects, {SIZE[0]} x {SIZE[1]}: scene {time.process_time() - began:.2f} s\n"
    )
    viewer.fit()
    parts: dict[str, tuple[type, str] | None] = {
        "everything": None,
        "without shadows": (Stage, "_draw_shadows"),
        "without bodies": (Stage, "bodies"),
        "without names, clock and axes": (Viewer, "draw_overlay"),
        "without drawing": (Viewer, "paint"),
    }
    for title, part in parts.items():
        if part is None:
            _tell(title, application, viewer, rec)
        else:
            with without(*part):
                _tell(title, application, viewer, rec)
    viewer.close()


def _tell(title: str, application: Any, viewer: Any, rec: Recording) -> None:
    spent, took = [], []
    for _ in range(ROUNDS):
        spent.append(time.process_time())
        took.append(time.perf_counter())
        for frame in np.linspace(0, rec.frames - 1, FRAMES).astype(int):
            viewer.set_frame(int(frame))
            viewer.repaint()
            application.processEvents()
        spent[-1], took[-1] = time.process_time() - spent[-1], time.perf_counter() - took[-1]
    sys.stdout.write(
        f"{title:32s} {1000 * min(spent) / FRAMES:6.1f} ms of processor time a frame, {FRAMES / min(took):5.0f} frames a second\n"
    )


if __name__ == "__main__":
    main()
