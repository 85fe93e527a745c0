"""Uses of other packages' private names, each with its reason.

The tests in `tests/compat` fail when one of these moves.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
