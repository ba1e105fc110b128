"""The headless commands of mpm-studio: arguments.py says what each takes, one module of the same name does it. No Qt."""
