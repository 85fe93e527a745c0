"""What sharing costs, beside the other ways there are. `run.py` measures, and writes the README's tables."""
