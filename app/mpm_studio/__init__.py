"""mpm-studio: the desktop application and its commands."""
