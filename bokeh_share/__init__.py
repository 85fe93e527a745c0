"""Share the Bokeh plots of a notebook, live, in the browsers of colleagues."""

from typing import Any

import lazy_loader

# A name is loaded when it is first used: the import is fast, and a process loads no more than it needs.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "1.0.0"


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext bokeh_share`: from now on plots are kept for the page; nothing is sent anywhere yet."""
    from .notebook import extension, magic

    magic.register_magics(shell, extension.load_extension(shell))


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext bokeh_share`: stop sharing and take every hook back."""
    from .notebook import extension, magic

    extension.unload_extension()
    magic.unregister_magics(shell)
