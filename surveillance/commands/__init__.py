"""One module a command; each has ``run``, which takes the parsed arguments and returns the exit code."""
