"""How to solve: sampling, judging, clustering, choosing, and the command line."""
