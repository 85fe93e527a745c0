"""What an app's viewer may send, checked before Bokeh applies it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
