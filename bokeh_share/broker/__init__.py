"""Keeps a share's page in a broker, Redis or Valkey, from which relays serve it to viewers elsewhere."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
