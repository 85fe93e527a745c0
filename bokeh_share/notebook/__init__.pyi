from .hooks import NOTEBOOK_TYPE as NOTEBOOK_TYPE
from .hooks import load_nothing as load_nothing
