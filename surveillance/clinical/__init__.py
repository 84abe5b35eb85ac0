"""Published clinical algorithms as pure functions, which import nothing but the standard library.

They score test data and cross-check a source. A source that holds its own NEWS2 total or AKI warning stage
is shown as recorded.
"""
