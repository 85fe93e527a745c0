"""Access: token, host, origin and password, checked before any handler answers a request."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
