# Row 32: one match that takes longer than anybody waits; no handler written in Python gets a turn.
import re

re.match(r"(a+)+$", "a" * 64 + "b")
