"""A lifted pose fitted into the world: constant bones, a path for the root, gravity, a floor, and resting feet held in place."""
