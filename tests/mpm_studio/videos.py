"""Videos with known pictures: the frame's number is told by where a white bar stands."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

STEP_PX = 8


def write_video(path: Path, frames: int = 60, size_wh: tuple[int, int] = (640, 360), rate: int = 30) -> Path:
    """A bar that moves by STEP_PX a frame."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size_wh, "yuv420p"
        for frame in range(frames):
            image = np.full((size_wh[1], size_wh[0], 3), 30, np.uint8)
            image[:, frame * STEP_PX : (frame + 1) * STEP_PX] = 255
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def write_scene(path: Path, step_px: int, *, plain: bool = False, frames: int = 45) -> Path:
    """A dark person who walks through a scene that moves by step_px a frame; plain: before an empty wall."""
    rng = np.random.default_rng(0)
    scene = np.full((480, 1200), 120.0) if plain else np.kron(rng.uniform(0, 255, (60, 150)), np.ones((8, 8)))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 480, 360, "yuv420p", 2_000_000
        for frame in range(frames):
            grey = scene[:360, frame * step_px : frame * step_px + 480].copy()
            grey[60:320, 50 + 5 * frame : 140 + 5 * frame] = 20 + 40 * np.sin(np.arange(260) / 8)[:, None]
            image = np.repeat(grey[..., None], 3, axis=2).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path


def frame_of(image_HW3: np.ndarray) -> float:
    """Which frame a picture is, by its bar."""
    bright = np.flatnonzero(image_HW3.mean(axis=(0, 2)) > 150)
    return float((bright.mean() + 0.5) / STEP_PX - 0.5)
