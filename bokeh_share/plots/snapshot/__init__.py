"""An immutable copy of a plot, and the changes since it was captured."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
