"""BVH: bvh.py is what the registry calls."""
