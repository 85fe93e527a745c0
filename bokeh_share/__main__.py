"""`python -m bokeh_share FILE`: share a notebook's or a script's plots from the command line."""

import sys

from .cli.main import main

if __name__ == "__main__":  # worker processes of a script import this too
    sys.exit(main())
