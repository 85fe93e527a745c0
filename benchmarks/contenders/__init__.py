"""The ways that are compared. Each module runs in its own kernel, and has one class, `Contender`."""
