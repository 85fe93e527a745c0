"""Compares the costs of sharing with other ways. `run.py` writes the tables of docs/performance.md."""
