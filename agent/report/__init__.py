"""One self-contained page about one answer: what was found, why it was chosen, and how sure that is.

Everything on it that a model, a candidate or a statement wrote is data: escaped by the template engine, or put
into the page as JSON text and shown through `textContent`. The page's own policy forbids every request, and any
script or style but its own two.

Not covered: charts over many problems (`benchmarks`).
"""

from agent.report.page import render_report

__all__ = ["render_report"]
