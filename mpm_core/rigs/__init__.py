"""A hierarchy's angles and positions: forward kinematics, and positions solved to rotations."""
