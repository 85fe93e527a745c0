"""Functions that are shared instead of plots: each viewer of one gets a document of their own."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
