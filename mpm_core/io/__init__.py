"""Reading and writing: one file per format, and the registry that picks it."""
