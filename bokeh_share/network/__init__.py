"""Finds the links to this machine: addresses, proxies, and limitations of the environment."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
