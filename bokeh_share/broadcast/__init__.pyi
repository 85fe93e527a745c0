from .author_pages import AnswerCommand as AnswerCommand
from .broadcaster import Broadcaster as Broadcaster
from .hub import Hub as Hub
from .pin_board import PinBoard as PinBoard
from .pointing_board import PointingBoard as PointingBoard
from .pointing_board import PointingViewer as PointingViewer
from .presentation import Presentation as Presentation
from .viewer import Viewer as Viewer
