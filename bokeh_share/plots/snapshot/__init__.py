"""An immutable copy of a plot, and what has changed since it was taken."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
