"""Figures: `python -m benchmarks` prints them all, each beside a peer in the same run."""
