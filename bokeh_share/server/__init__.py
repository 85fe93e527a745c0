"""HTTP without Bokeh: listening, TLS, limits by client, base handlers, and the page's files."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
