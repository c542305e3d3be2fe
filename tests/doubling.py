"""A small problem and a right program for tests of commands, and what a message of theirs looks like."""

from __future__ import annotations

PROBLEM = """# Double

Read one integer and print it twice as large. It is between -1000 and 1000.

## Sample Input 1
```
3
```
## Sample Output 1
```
6
```

## Sample Input 2
```
-4
```
## Sample Output 2
```
-8
```
"""
RIGHT = "print(2 * int(input()))"


def one_line(text: str) -> str:
    """The one line that says what happened; all that may follow is one line of what to do. No traceback."""
    message, *todo = [line for line in text.splitlines() if line.strip()]
    assert len(todo) <= 1, text
    assert all(line.startswith("try: ") for line in todo), text
    return message
