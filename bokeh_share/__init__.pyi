from .cli.run import run as run
from .errors import BokehShareError as BokehShareError
from .sharing.api import share as share
from .sharing.share import Share as Share

__version__: str

def load_ipython_extension(shell: object) -> None: ...
def unload_ipython_extension(shell: object) -> None: ...
