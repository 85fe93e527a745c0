"""Computes the smallest patch between two snapshots that BokehJS is proven to draw correctly."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
