"""The IPython side: the extension, its hooks and magics, and which cell shows which plot."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
