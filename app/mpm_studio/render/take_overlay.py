"""What is written over a frame of a take: clock, legend, names, rings, the outlines of halos. P points; pixels from the top left."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QPainter

from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float
from mpm_studio.render.camera import Camera
from mpm_studio.render.halos import halo_sigma
from mpm_studio.render.overlay import clock, draw_corner, draw_halos, draw_labels, draw_legend, draw_message, draw_rings, draw_subjects
from mpm_studio.render.scene import Scene


@dataclass(frozen=True, slots=True, eq=False)
class TakeOverlay:
    """origins: of the legend; labels: name all points, not only the selected ones; state: a word beside the clock."""

    rec: Recording
    scene: Scene
    frame: int
    origins: frozenset[Origin]
    selected: tuple[int, ...] = ()
    labels: bool = False
    halos: bool = False
    state: str = ""


def draw_take(painter: QPainter, over: TakeOverlay, camera: Camera, width: float, height: float) -> None:
    """Write over a view of that size."""
    rec, scene = over.rec, over.scene
    if not rec.frames:
        draw_message(painter, "This take has no frames", width, height)
        return
    draw_legend(painter, width, over.origins)
    draw_corner(painter, f"{clock(over.frame, rec.source.first_frame, rec.frames, rec.rate_hz)}    {over.state}")
    strong = [point for point in over.selected if 0 <= point < len(rec.points)]
    named = strong + [point for point in range(len(rec.points)) if over.labels and point not in set(strong)]
    if not (named or scene.subjects or over.halos):
        return
    at_P2, radius_P = screen(rec, scene, over.frame, camera, width, height)
    if over.halos:
        sigma_P = halo_sigma(rec, over.frame, over.selected) * scene.placing.scale
        draw_halos(painter, at_P2, sigma_P * radius_P / scene.radius_P, rec.origin_FP[over.frame])
    draw_rings(painter, at_P2[strong], radius_P[strong] + 4)
    draw_labels(painter, [rec.points[point] for point in named], at_P2[named], radius_P[named] + 4, len(strong))
    draw_subjects(painter, [(name, at_P2[list(points)]) for name, points in scene.subjects])


def screen(rec: Recording, scene: Scene, frame: int, camera: Camera, width: float, height: float) -> tuple[Float, Float]:
    """(P, 2) where a frame's points are in a view, NaN when missing or behind it; (P,) their radii there."""
    xyz_P3 = scene.positions(rec, frame)
    per_metre_P = camera.distance / camera.depths(xyz_P3) / camera.metres_per_pixel(width, height)
    return camera.project(xyz_P3, width, height), scene.radius_P * per_metre_P
