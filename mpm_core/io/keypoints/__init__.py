"""Keypoints of 2D detectors."""
