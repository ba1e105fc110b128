"""The headless commands of mpm-studio: arguments.py has the arguments of each, a module of its name runs it. No Qt."""
