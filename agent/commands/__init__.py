"""The commands of `solve`, one per file, and the exit codes they share.

`options.py` holds what several of them take. Heavy imports happen inside the commands.
"""

EXIT_SOLVED = 0
"""All public cases pass."""
EXIT_UNSOLVED = 1
"""No candidate did."""
EXIT_USAGE = 2
"""Wrong usage, or an unreadable problem."""
EXIT_UNAVAILABLE = 3
"""No sandbox, or no model."""
EXIT_INTERNAL = 70
"""A mistake in this program (EX_SOFTWARE of sysexits.h)."""
EXIT_INTERRUPTED = 130
"""Ctrl-C."""
