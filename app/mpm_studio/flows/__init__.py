"""One function per action: ask the user, then run the operation."""
