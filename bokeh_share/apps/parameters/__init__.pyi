from .errors import BadValue as BadValue
from .parameters import Parameters as Parameters
from .widgets import OptionWidgets as OptionWidgets
