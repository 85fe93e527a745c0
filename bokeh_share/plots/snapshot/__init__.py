"""An immutable copy of a plot, and the changes since it was captured."""
