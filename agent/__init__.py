"""How to solve: sampling, judging, clustering, choosing, and the command line."""

from agent.models.local_sampler import LocalSampler
from agent.models.openai_sampler import OpenAISampler
from agent.solve import solve
from agent.types import Sampler, SamplerError, Solution, SolveOptions

__all__ = ["LocalSampler", "OpenAISampler", "Sampler", "SamplerError", "Solution", "SolveOptions", "solve"]
