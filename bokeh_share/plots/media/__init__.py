"""Pictures, tables and texts that cells display, as immutable bytes with a media type."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
