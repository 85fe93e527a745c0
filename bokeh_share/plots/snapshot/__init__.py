"""An immutable copy of a plot, and what has changed since it was taken."""
