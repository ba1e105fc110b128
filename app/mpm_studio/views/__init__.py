"""The window's parts: each shows the session and asks it for changes; none does the work itself."""
