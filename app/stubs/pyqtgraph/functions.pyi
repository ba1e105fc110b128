from typing import Literal

from PySide6.QtGui import QPainterPath

from mpm_core.typing import Float

def arrayToQPath(x: Float, y: Float, connect: Literal["all", "pairs", "finite"] = "all") -> QPainterPath: ...
