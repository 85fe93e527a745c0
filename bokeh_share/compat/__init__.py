"""What other packages do not offer publicly and has to be used all the same, each with its reason.

The tests in `tests/compat` tell when one of these moves.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
