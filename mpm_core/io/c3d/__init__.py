"""C3D: c3d.py is what the registry calls."""
