"""Functions that are shared instead of plots: each viewer of one gets a document of their own."""
