"""Measured speed of the program on its own test hospitals; ``python -m tests.bench`` writes ``build/bench.json``."""
