"""Keypoints, and a lift projected onto them, drawn by a QPainter. Pixels of the view; P points, R rows, B bones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from mpm_core.lift_camera import LiftCamera
from mpm_core.recording import Origin
from mpm_core.typing import Float, Float32, Int, UInt8
from mpm_studio import palette
from mpm_studio.render.picture_framing import PictureFraming
from mpm_studio.render.sides import LEFT, MIDDLE, RIGHT

SIDE_COLOURS = {MIDDLE: palette.MIDDLE, LEFT: palette.LEFT, RIGHT: palette.RIGHT}
POINT_SHARE, MANY_SHARE = 0.016, 0.008  # radii of points as shares of the body's size; in takes of more than MANY points
MANY = 40
LEAST_PX, MOST_PX = 1.6, 5.0  # of those radii
BONE_RADII, GHOST_RADII = 0.75, 1.7  # widths of bones
FAINTEST = 0.25  # opacity of what a detector is not sure of at all
GRID_M, GRID_CELLS = 0.5, 4
PLUMB_M = 1.8


def draw_frame(painter: QPainter, framing: PictureFraming, image_wh: tuple[int, int], image: QImage | None) -> None:
    """The picture: the video's, else an empty sheet."""
    area = QRectF(framing.left, framing.top, framing.scale * image_wh[0], framing.scale * image_wh[1])
    if image is None:
        painter.fillRect(area, QColor(palette.VIEW_TOP))
    else:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, image)
    painter.setPen(QPen(QColor(palette.VIEW_LINE), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area)


def point_radius(points: int, body_px: float) -> float:
    """Pixels of the view, for a body that is so large there."""
    share = POINT_SHARE if points <= MANY else MANY_SHARE
    return min(max(share * body_px, LEAST_PX), MOST_PX)


def draw_lift(painter: QPainter, at_P2: Float, pairs_B2: NDArray[np.intp], radius: float) -> None:
    """The bones of a lift where its camera sees them. radius: of points."""
    colour = QColor(palette.GHOST)
    colour.setAlpha(120)
    painter.setPen(QPen(colour, GHOST_RADII * radius, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for parent, child in pairs_B2.tolist():
        if np.isfinite(at_P2[[parent, child]]).all():
            painter.drawLine(QPointF(*at_P2[parent]), QPointF(*at_P2[child]))


def draw_bones(painter: QPainter, at_R2: Float, pairs_B2: NDArray[np.intp], side_R: Int, sure_R: Float, radius: float) -> None:
    """Bones in the colours of their sides; faint where a detector is not sure of an end."""
    for parent, child in pairs_B2.tolist():
        if np.isfinite(at_R2[[parent, child]]).all():
            colour = QColor(SIDE_COLOURS[int(side_R[child])])
            colour.setAlphaF(_opacity(min(sure_R[parent], sure_R[child])))
            painter.setPen(QPen(colour, BONE_RADII * radius, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawLine(QPointF(*at_R2[parent]), QPointF(*at_R2[child]))


def draw_points(painter: QPainter, at_P2: Float, between_P2: Float, origin_P: UInt8, side_P: Int, sure_P: Float, full: float) -> None:
    """Points, larger and fuller where the detector is sure; marked ones, and the places of missing ones, as rings. full: their radius."""
    for point, origin in enumerate(origin_P.tolist()):
        place = between_P2[point] if origin == Origin.MISSING else at_P2[point]
        if not np.isfinite(place).all():
            continue
        radius = full * (0.55 + 0.45 * float(sure_P[point]))
        if origin in (Origin.MISSING, Origin.MARKED):
            style = Qt.PenStyle.DotLine if origin == Origin.MISSING else Qt.PenStyle.SolidLine
            painter.setPen(QPen(QColor(palette.TIMELINE_ORIGIN[Origin(origin)]), 1.8, style))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(*place), full + 1, full + 1)
            continue
        own = origin == Origin.MEASURED
        colour = QColor(SIDE_COLOURS[int(side_P[point])] if own else palette.ORIGIN[Origin(origin)])
        colour.setAlphaF(_opacity(float(sure_P[point])) if own else 1.0)
        painter.setPen(QPen(QColor(palette.SHADE), min(1.2, 0.3 * full)))
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(*place), radius, radius)


def confidence(confidence_P: Float32 | None, rows: int) -> Float:
    """(R,) 0..1; 1 where nothing is known, as of points filled and of joints that several points make."""
    sure_R = np.ones(rows)
    if confidence_P is not None:
        sure_R[: len(confidence_P)] = np.clip(np.nan_to_num(confidence_P, nan=1.0), 0, 1)
    return sure_R


def floor_lines(camera: LiftCamera, at_2: Float) -> Float:
    """(L, 2, 2) lines of the floor around a place on it, metres, in pixels of the picture; NaN where the camera does not see an end."""
    reach = GRID_M * GRID_CELLS
    along = np.linspace(-reach, reach, 2 * GRID_CELLS + 1)
    across = np.stack([np.stack([[at, -reach], [at, reach]]) for at in along])
    lines_L23 = np.zeros((2 * len(across), 2, 3))
    lines_L23[: len(across), :, :2], lines_L23[len(across) :, :, :2] = across, across[..., ::-1]
    lines_L23[..., :2] += at_2
    return camera.project(lines_L23)


def plumb_line(camera: LiftCamera, at_2: Float) -> Float:
    """(2, 2) foot and head of an upright line beside a place on the floor, pixels of the picture."""
    foot_3 = np.array([at_2[0] + GRID_M * GRID_CELLS / 2, at_2[1], 0.0])
    return camera.project(np.stack([foot_3, foot_3 + [0, 0, PLUMB_M]]))


def draw_level(painter: QPainter, floor_L22: Float, plumb_22: Float, handle_px: float) -> None:
    """The floor, and an upright line whose head is a handle."""
    colour = QColor(palette.GRID)
    colour.setAlpha(170)
    painter.setPen(QPen(colour, 1))
    for line_22 in floor_L22:
        if np.isfinite(line_22).all():
            painter.drawLine(QPointF(*line_22[0]), QPointF(*line_22[1]))
    if np.isfinite(plumb_22).all():
        painter.setPen(QPen(QColor(palette.AXIS_Z), 2))
        painter.drawLine(QPointF(*plumb_22[0]), QPointF(*plumb_22[1]))
        painter.setBrush(QColor(palette.SHADE))
        painter.drawEllipse(QPointF(*plumb_22[1]), handle_px, handle_px)


def _opacity(sure: float) -> float:
    return FAINTEST + (1 - FAINTEST) * float(sure)
