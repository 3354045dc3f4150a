"""Measurements, each run as `python -m benchmarks.NAME`; none is part of the package."""
