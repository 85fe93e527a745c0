# Any Python from 3.11 on starts tools/check.py, which makes the environments.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python \
	"$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.*/bin/python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

.PHONY: help lab test bench soak pictures clean

help:
	@echo 'make lab                    JupyterLab with the quickstart notebook'
	@echo 'make test                   every check, as CI does'
	@echo 'make test ARGS="-k port"    only these tests (anything that pytest takes)'
	@echo 'make test ON=3.11           only with this Python'
	@echo 'make bench                  what sharing costs, measured beside other ways, into the README: ten minutes'
	@echo 'make bench ARGS="--quick"   the same with fewer rounds, and the README stays as it is'
	@echo 'make soak                   ten minutes of fifty colleagues who come and go, and an author who goes on'
	@echo 'make pictures               screenshots of page and card into build/pictures, and of the README into docs'
	@echo 'make clean                  remove what the others made'

lab test bench soak pictures: python
	@"$(PYTHON)" tools/check.py $(if $(ON),--on $(ON)) $@ -- $(ARGS)

clean:
	rm -rf .venv .envs dist build .mypy_cache .pytest_cache .ruff_cache

.PHONY: python
python:
	@test -n "$(PYTHON)" || { echo 'bokeh_share needs Python 3.11 or newer, and none was found here: install one' \
		'(Debian: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python' >&2; exit 1; }
