# Any Python from 3.11 on can make the environment of nox; nox makes the others.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python \
	"$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/3.*/bin/python; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
NOX = .envs/nox/bin/python -m nox

.PHONY: help lab test lint docs bench soak pictures clean

help:
	@echo 'make lab                    open the quickstart notebook in JupyterLab'
	@echo 'make test                   run all checks, as CI does'
	@echo 'make test ARGS="-k port"    run these tests only (all arguments of pytest), and the other checks'
	@echo 'make test ON=3.11           run the tests with this Python only'
	@echo 'make lint                   check the code, without tests'
	@echo 'make docs                   build the documentation into build/docs, and check it'
	@echo 'make bench                  measure the costs of sharing (half an hour), and write docs/performance.md'
	@echo 'make bench ARGS="--quick"   measure in fewer rounds, without writing a file'
	@echo 'make bench ARGS=--relay     measure relays with up to 2,000 viewers (ten minutes)'
	@echo 'make soak                   test with fifty viewers and a busy author for ten minutes'
	@echo 'make pictures               write screenshots of page and card to build/pictures and docs'
	@echo 'make clean                  remove all environments and builds'

lab lint docs bench soak pictures: nox
	@$(NOX) --session $@ -- $(ARGS)

test: nox
	@BOKEH_SHARE_ON=$(ON) $(NOX) -- $(ARGS)

clean:
	rm -rf .envs dist build .mypy_cache .pytest_cache .ruff_cache

.PHONY: nox python
nox: python
	@"$(PYTHON)" tools/nox_environment.py

python:
	@test -n "$(PYTHON)" || { echo 'no Python 3.11 or newer was found: install one' \
		'(Debian: apt install python3 python3-venv), or name it: make PYTHON=/path/to/python' >&2; exit 1; }
