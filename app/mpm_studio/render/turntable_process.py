"""The process behind turntable.py: `python -m mpm_studio.render.turntable_process TASK.npz OUT.mp4 RATE`. A line on stdout per picture."""

from __future__ import annotations

import os

os.environ["PYOPENGL_PLATFORM"] = "egl"

import sys
from collections.abc import Mapping

import av
import numpy as np

from mpm_core.errors import MpmError
from mpm_core.typing import Float, UInt8
from mpm_studio.render import egl
from mpm_studio.render.camera import Camera
from mpm_studio.render.gl_draw import HALO_OPACITY, Stage
from mpm_studio.render.shapes import Floor, Shapes, joined

SMOOTH, SAMPLES = (24, 6), 4
QUALITY = "18"  # of libx264, smaller is better


def main(task_path: str, out_path: str, rate: str) -> None:
    """Draw a task written by turntable.py."""
    with np.load(task_path, allow_pickle=False) as stored:
        task = {name: stored[name] for name in stored.files}
    width, height = (int(value) for value in task["size"])
    floor = _floor(task["floor_6"])
    parts = {name: _parts(task, name) for name in ("body", "beside", "halos")}
    egl.make_context()
    stage = Stage(SMOOTH)
    with av.open(out_path, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=int(rate), options={"crf": QUALITY})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for place, row_8 in zip(task["place_N"], task["camera_N8"], strict=True):
            body, beside, halos = (parts[name][int(place)] for name in ("body", "beside", "halos"))
            drawn = _picture(stage, _camera(row_8), floor, (width, height), body, beside, halos)
            for packet in stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(drawn[..., :3]), format="rgb24")):
                container.mux(packet)
            sys.stdout.write("drawn\n")
            sys.stdout.flush()
        for packet in stream.encode():
            container.mux(packet)


def _picture(stage: Stage, camera: Camera, floor: Floor, size: tuple[int, int], body: Shapes, beside: Shapes, halos: Shapes) -> UInt8:
    aspect = size[0] / size[1]

    def draw() -> None:
        stage.ground(camera, aspect, floor, body)
        stage.bodies(camera, aspect, floor, joined((body, beside)))
        if len(halos.spheres_N8):
            stage.bodies(camera, aspect, floor, halos, opacity=HALO_OPACITY)

    return egl.picture(*size, draw, SAMPLES)


def _parts(task: Mapping[str, np.ndarray], name: str) -> list[Shapes]:
    """The shapes of each frame."""
    ends_K2 = np.cumsum(task[f"{name}_counts_K2"], axis=0)[:-1]
    capsules = np.split(task[f"{name}_capsules"], ends_K2[:, 0])
    spheres = np.split(task[f"{name}_spheres"], ends_K2[:, 1])
    return [Shapes(*each) for each in zip(capsules, spheres, strict=True)]


def _camera(row_8: Float) -> Camera:
    x, y, z, distance, azimuth, elevation, fov, flat = (float(value) for value in row_8)
    return Camera((x, y, z), distance, azimuth, elevation, fov, bool(flat))


def _floor(floor_6: Float) -> Floor:
    height, x, y, radius, cell, light = (float(value) for value in floor_6)
    return Floor(height, (x, y), radius, cell, light)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except MpmError as error:
        sys.exit(str(error))
