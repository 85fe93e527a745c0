from .author_pages import AnswerCommand as AnswerCommand
from .broadcaster import Broadcaster as Broadcaster
from .hub import Hub as Hub
from .pointing_board import PointingBoard as PointingBoard
from .pointing_board import PointingViewer as PointingViewer
from .viewer import Viewer as Viewer
from .websocket_handler import WebSocketHandler as WebSocketHandler
