"""The least that turns one snapshot into another, as BokehJS is proven to draw it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
