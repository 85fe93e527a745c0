"""The command line, `python -m bokeh_share`: runs a notebook or a script and shares its plots until
Ctrl-C."""
