"""The smallest input that breaks a program: inputs that are believed valid, what is right on them, and shrinking.

Covered: programs that read standard input, in Python and C++, and Python functions. Not covered: problems with
several right answers and no checker, on which only crashes and limits count.
"""

from agent.hacking.inquiry import hack_by_agreement
from agent.hacking.search import hack
from agent.hacking.types import Attempts, Flaw, Hacking, HackOptions, Program

__all__ = ["Attempts", "Flaw", "HackOptions", "Hacking", "Program", "hack", "hack_by_agreement"]
