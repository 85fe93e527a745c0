"""Uses private names of other packages, each with its reason.

The tests in `tests/compat` fail if one of these names changes.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
