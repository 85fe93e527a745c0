"""Serves the page of a share from a broker, without the author's kernel and without Bokeh."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
