"""From a model's answer to a program: blocks of text, statements without parsing, what is missing."""
