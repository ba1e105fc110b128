"""Keypoints of a person in a video, by BlazePose's two networks, which MediaPipe carries. Needs the extra `detect`."""
