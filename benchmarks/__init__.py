"""Compares the costs of sharing with other ways. `run.py` measures, and writes the tables of docs/performance.md."""
