"""The author's card below the magic: links, QR code, state, notes and the number of viewers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
