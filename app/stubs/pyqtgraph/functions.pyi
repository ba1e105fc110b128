from typing import Literal

from mpm_core.typing import Float
from PySide6.QtGui import QPainterPath

def arrayToQPath(x: Float, y: Float, connect: Literal["all", "pairs", "finite"] = "all") -> QPainterPath: ...
