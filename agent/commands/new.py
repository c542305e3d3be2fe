"""`solve new NAME`: a statement to fill in, which is a working problem from the start."""

from __future__ import annotations

from pathlib import Path

import click

from agent.commands import EXIT_SOLVED
from agent.terminal.failures import Failure

_PROGRAM = """\
# {title}

<!-- Comments like this one are not shown to the model. Change what is below, then run: solve {path} -->

time limit: 2 seconds
memory limit: 256 MB

<!-- Say what is to be computed as you would to a colleague who cannot ask back. -->

Read two integers and print their sum.

## Input

<!-- What each line holds, and its bounds: inputs that tell candidates apart are made from them. -->

One line with two integers a and b (-1000 <= a, b <= 1000).

## Output

One integer, a + b.

<!-- Two or three examples are best: one usual, one at the edge. Candidates that fail one are dropped. -->

## Sample Input 1

```
1 2
```

## Sample Output 1

```
3
```

## Sample Input 2

```
-1000 1000
```

## Sample Output 2

```
0
```
"""

_FUNCTION = """\
# {title}

<!-- Comments like this one are not shown to the model. Change what is below, then run: solve {path} -->

time limit: 2 seconds
memory limit: 256 MB

<!-- The function to write. Types and doctests say more than words. -->

```python
def add(a: int, b: int) -> int:
    \"\"\"Return the sum of a and b, each between -1000 and 1000.

    >>> add(1, 2)
    3
    >>> add(-1000, 1000)
    0
    \"\"\"
```
"""

EXAMPLES = """\b
Examples:
  solve new shortest_walk             writes shortest_walk.md, about a program
  solve new --function digit_sum      writes digit_sum.md, about a function
  solve shortest_walk.md --watch      solves it again whenever you save it
"""


@click.command("new", epilog=EXAMPLES)
@click.argument("name")
@click.option("--function", "is_function", is_flag=True, help="The answer is a function, not a program.")
def new_command(name: str, is_function: bool) -> int:
    """Write a commented problem to NAME.md, ready to be changed.

    It works as it is: its toy problem and its examples are there to be replaced. A file that exists is never
    touched.
    """
    path = Path(name if name.endswith(".md") else f"{name}.md")
    title = path.stem.replace("_", " ").replace("-", " ").strip().capitalize() or "Problem"
    text = (_FUNCTION if is_function else _PROGRAM).format(title=title, path=path)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Failure(f"{path} exists already", remedy="choose another name") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Failure(f"cannot write {path}: {reason}", remedy="choose another place") from None
    click.echo(f"wrote {path}; next: solve {path}", err=True)
    return EXIT_SOLVED
