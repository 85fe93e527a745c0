"""Access: link prefix, host, origin and password, checked before anything answers a request."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
