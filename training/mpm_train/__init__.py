"""mpm-train: makes the models."""
