"""The viewers' websockets, in a separate thread: a page is encoded once and sent to all."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
