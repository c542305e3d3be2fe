"""Self-contained pages: about an answer, why it was chosen and how sure that is; about a search for a flaw.

Everything on them that a model, a program or a statement wrote is data: escaped by the template engine, or put
into the page as JSON text and shown through `textContent`. A page's own policy forbids every request, and any
script or style but its own two.

Not covered: charts over many problems (`benchmarks`).
"""

from agent.report.hacking import render_hacking
from agent.report.page import render_report

__all__ = ["render_hacking", "render_report"]
