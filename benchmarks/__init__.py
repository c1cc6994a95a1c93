"""What is promised of speed, measured beside peers in the same run: ``make bench``, or ``python -m benchmarks``."""
