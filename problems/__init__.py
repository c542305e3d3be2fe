"""What to solve: problems, their cases, comparators and loaders. Knows neither models nor sandboxes."""
