"""What a person sees: the console, the live view, failures, and text made fit to be shown."""
