"""Camera: an orbit around a point, and its matrices. World in metres, Z up; angles in degrees. Pure numpy.

Matrices are row-major and multiply column vectors. P points, pixels from the top left corner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, radians, sin, tan

import numpy as np

from mpm_core.typing import Float, Floating

NEAR, FAR, FLAT_REACH = 0.01, 1000.0, 100.0  # as shares of the distance


@dataclass(frozen=True, slots=True)
class Camera:
    """azimuth 0 looks from +X, 90 from +Y; elevation 90 from above. fov: the smaller of the two opening angles.

    flat: orthographic: everything is drawn at the scale that the perspective has at the centre.
    """

    center: tuple[float, float, float] = (0.0, 0.0, 0.9)
    distance: float = 5.0
    azimuth: float = 45.0
    elevation: float = 12.0
    fov: float = 38.0
    flat: bool = False

    @property
    def axes_33(self) -> Float:
        """Rows: right, up, and back (towards the camera), unit vectors in the world."""
        az, el = radians(self.azimuth), radians(self.elevation)
        right = (-sin(az), cos(az), 0.0)
        up = (-sin(el) * cos(az), -sin(el) * sin(az), cos(el))
        return np.array([right, up, (cos(el) * cos(az), cos(el) * sin(az), sin(el))])

    @property
    def eye_3(self) -> Float:
        eye_3: Float = np.asarray(self.center) + self.distance * self.axes_33[2]
        return eye_3

    @property
    def view_44(self) -> Float:
        out = np.eye(4)
        out[:3, :3] = self.axes_33
        out[:3, 3] = -self.axes_33 @ self.eye_3
        return out

    def spans(self, aspect: float) -> tuple[float, float]:
        """Half the width and height of the view at distance 1; aspect: width / height."""
        half = tan(radians(self.fov) / 2)
        return half * max(aspect, 1.0), half * max(1 / aspect, 1.0)

    def projection_44(self, aspect: float) -> Float:
        """OpenGL clip space from view space."""
        x, y = self.spans(aspect)
        out = np.zeros((4, 4))
        if self.flat:
            reach = FLAT_REACH * self.distance  # before and behind the centre
            out[0, 0], out[1, 1], out[2, 2] = 1 / (x * self.distance), 1 / (y * self.distance), -1 / reach
            out[2, 3], out[3, 3] = -self.distance / reach, 1.0
            return out
        near, far = NEAR * self.distance, FAR * self.distance
        out[0, 0], out[1, 1] = 1 / x, 1 / y
        out[2, 2], out[2, 3] = -(far + near) / (far - near), -2 * far * near / (far - near)
        out[3, 2] = -1.0
        return out

    def project(self, xyz_P3: Floating, width: float, height: float) -> Float:
        """(P, 2) pixels; NaN for points that are missing or, in perspective, behind the camera."""
        seen_P3 = (xyz_P3 - self.eye_3) @ self.axes_33.T
        depth_P = self.depths(xyz_P3)
        x, y = self.spans(width / height)
        return np.stack([(seen_P3[:, 0] / depth_P / x + 1) * width / 2, (1 - seen_P3[:, 1] / depth_P / y) * height / 2], axis=1)

    def depths(self, xyz_P3: Floating) -> Float:
        """(P,) the distance in front of the eye at which the perspective has the scale that points are drawn at; NaN behind the camera."""
        depth_P = (self.eye_3 - xyz_P3) @ self.axes_33[2]
        if self.flat:
            return np.where(np.isnan(depth_P), np.nan, self.distance)
        return np.where(depth_P > NEAR * self.distance, depth_P, np.nan)

    def metres_per_pixel(self, width: float, height: float) -> float:
        """At the centre's depth."""
        return 2 * self.distance * self.spans(width / height)[1] / height

    def pan(self, dx: float, dy: float, width: float, height: float) -> Camera:
        """What is at the centre's depth follows a mouse that moves by (dx, dy) pixels."""
        step = self.metres_per_pixel(width, height)
        return self.moved(np.asarray(self.center) - step * dx * self.axes_33[0] + step * dy * self.axes_33[1])

    def orbit(self, dx: float, dy: float) -> Camera:
        """Turn by half a degree per pixel."""
        return replace(self, azimuth=(self.azimuth - 0.5 * dx) % 360, elevation=min(90.0, max(-90.0, self.elevation + 0.5 * dy)))

    def zoom(self, factor: float, x: float, y: float, width: float, height: float) -> Camera:
        """Come nearer (factor < 1) to what is under pixel (x, y)."""
        distance = min(1e5, max(0.02, self.distance * factor))
        step = self.metres_per_pixel(width, height) * (1 - distance / self.distance)
        center = np.asarray(self.center) + step * (x - width / 2) * self.axes_33[0] - step * (y - height / 2) * self.axes_33[1]
        return replace(self.moved(center), distance=distance)

    def turned(self, azimuth: float, elevation: float, flat: bool) -> Camera:
        return replace(self, azimuth=azimuth % 360, elevation=elevation, flat=flat)

    def moved(self, center_3: Float) -> Camera:
        return replace(self, center=(float(center_3[0]), float(center_3[1]), float(center_3[2])))

    def fitted(self, xyz_P3: Floating, aspect: float, fill: float = 0.88) -> Camera:
        """The same direction, with points (at least one, none missing) inside `fill` of the view and in its middle."""
        seen_P3 = xyz_P3 @ self.axes_33.T
        middle_3 = (seen_P3.min(axis=0) + seen_P3.max(axis=0)) / 2
        from_middle_P3 = seen_P3 - middle_3
        reach_P = np.abs(from_middle_P3[:, :2] / self.spans(aspect)).max(axis=1) / fill
        distance = float((reach_P + (0 if self.flat else from_middle_P3[:, 2])).max())
        return replace(self.moved(middle_3 @ self.axes_33), distance=max(0.05, distance))
