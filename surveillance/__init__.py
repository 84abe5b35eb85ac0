"""Ward Safety Surveillance: from a hospital's databases to a truthful snapshot of every ward."""

__version__ = "0.1.0"
