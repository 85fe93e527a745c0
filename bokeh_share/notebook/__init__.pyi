from .bokeh_hooks import NOTEBOOK_TYPE as NOTEBOOK_TYPE
from .bokeh_hooks import load_nothing as load_nothing
