"""The notebooks whose pages are compared. Each module runs in its own kernel, and has one class, `Notebook`."""
