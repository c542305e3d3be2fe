"""Strategies of asking: what differs from sample to sample, and which of them gets the next samples.

Not covered: drawing what is asked (`agent.rounds`).
"""
