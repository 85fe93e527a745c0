"""What of other packages is not public and has to be used all the same, each with its reason.

`tests/test_private.py` tells when one of these moves.
"""

from __future__ import annotations

from typing import Any

from bokeh.io import notebook, state
from bokeh.model import Model


def notebook_hooks(notebook_type: str) -> dict[str, Any] | None:
    """The hooks installed for a notebook type. Bokeh can install and run hooks, but not tell them, and we
    wrap what was there and put it back."""
    hooks = notebook._HOOKS.get(notebook_type)
    return dict(hooks) if hooks is not None else None


def forget_notebook_hooks(notebook_type: str) -> None:
    """Undo `install_notebook_hook`, which has no counterpart."""
    notebook._HOOKS.pop(notebook_type, None)


def show_no_longer_in_notebook() -> None:
    """Undo `State.output_notebook`. The public way, `State.reset`, would also throw away the author's
    document and `output_file`."""
    current = state.curstate()
    current._notebook = False
    current._notebook_type = None


def values_of(model: Model) -> tuple[dict[str, Any], dict[str, Any]]:
    """The very dictionaries in which a model holds its properties, as far as somebody set or read them. A
    model that no document owns tells nobody of changes, and the public way takes a thousand times as long."""
    return model._property_values, model._unstable_default_values
