"""What the actions do, as plain functions: no widget, no dialog, and each runs without a window."""
