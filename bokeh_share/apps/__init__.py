"""Apps: functions that are shared instead of plots. Each viewer of an app gets a separate document."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
