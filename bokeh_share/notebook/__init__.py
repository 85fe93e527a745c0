"""The IPython side: the extension, its hooks and magics, and which cell shows which plot."""
