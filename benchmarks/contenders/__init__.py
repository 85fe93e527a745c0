"""Those who are compared. Each module runs in a kernel of its own, and has one class, `Contender`."""
