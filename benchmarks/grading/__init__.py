"""Hidden tests: their forms, how they are made ready, and what a program is worth on them.

Nothing that solves may import this package (`tests/test_arrows.py`), so no hidden test can reach a solver.

Not covered: where tests and programs come from (`benchmarks.tasks`, `benchmarks.completions`); the public cases of
a problem (`agent.judging.judge`).
"""
