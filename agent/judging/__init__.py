"""Verdicts on examples: running, comparing, explaining, and what sites put around an answer."""
