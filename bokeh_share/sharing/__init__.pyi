from . import current as current
from .binding import BoundSockets as BoundSockets
from .options import Options as Options
from .options import build_bind_address as build_bind_address
from .password_prompt import PASSWORD_HELP as PASSWORD_HELP
from .password_prompt import PASSWORD_VARIABLE as PASSWORD_VARIABLE
from .password_prompt import resolve_options as resolve_options
from .share import Share as Share
