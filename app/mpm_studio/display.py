"""Whether there is a display to open a window on, checked before Qt: without one Qt ends the process instead of raising."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from pathlib import Path


def problem() -> str:
    """Why no window can be opened here, as the end of a sentence; empty when one can, or when only Qt can find out."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if not sys.platform.startswith("linux") or platform not in ("", "xcb", "wayland"):
        return ""
    names = [name for name in ("WAYLAND_DISPLAY", "DISPLAY") if os.environ.get(name) and (name == "DISPLAY" or platform != "xcb")]
    if not names:
        return "there is no display to open a window on"
    if any(_wayland() if name == "WAYLAND_DISPLAY" else _x11() for name in names):
        return ""
    return f"the display {os.environ[names[-1]]} cannot be reached"


def _x11() -> bool:
    """Whether the X server of DISPLAY accepts a connection."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # Qt then reports which libraries are missing
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    for name in ("xcb_connection_has_error", "xcb_disconnect"):
        getattr(xcb, name).argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def _wayland() -> bool:
    """Whether something listens at WAYLAND_DISPLAY."""
    path = Path(os.environ.get("XDG_RUNTIME_DIR", "")) / os.environ["WAYLAND_DISPLAY"]
    with socket.socket(socket.AF_UNIX) as line:
        try:
            line.connect(str(path))
        except OSError:
            return False
    return True
