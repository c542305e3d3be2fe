"""How well it works, `solve bench`: tasks, the loop over them, records, metrics and reports.

Not covered: what we measure beside peers, fit and ablate, which is in `studies/` and is not installed.
"""
