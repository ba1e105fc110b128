"""The error of a wrong command line."""


class UsageError(Exception):
    """Wrong arguments; one sentence, exit code 2."""
