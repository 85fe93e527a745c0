from .broadcaster import Broadcaster as Broadcaster
