"""Share the Bokeh plots of a notebook, live, in the browsers of colleagues."""

from typing import Any

import lazy_loader

# Names are loaded on first use: importing is fast, and a process loads only what it needs.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

__version__ = "1.0.0"


def load_ipython_extension(shell: Any) -> None:
    """Run by `%load_ext bokeh_share`: record plots for the page from now on. Nothing is sent yet."""
    from .notebook import extension, magic

    magic.register_magics(shell, extension.load_extension(shell))


def unload_ipython_extension(shell: Any) -> None:
    """Run by `%unload_ext bokeh_share`: stop sharing and remove all hooks."""
    from .notebook import extension, magic

    extension.unload_extension()
    magic.unregister_magics(shell)
