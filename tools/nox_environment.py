"""Makes `.envs/nox`, in which `make` runs nox. Runs on any Python from 3.11, without packages."""

from __future__ import annotations

import subprocess
import sys

from environments import ENVIRONMENTS, is_made_from, list_tools, mark_made_from


def main() -> None:
    environment = ENVIRONMENTS / "nox"
    requirements = list_tools("nox")
    words = [sys.executable, *requirements]
    if is_made_from(environment, words):
        return
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        sys.exit(f"{sys.executable} cannot make an environment (Debian: apt install python3-venv)")
    print("the first time, this installs nox: some seconds", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    subprocess.run([*pip, *requirements], check=True)
    mark_made_from(environment, words)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed: {' '.join(map(str, error.cmd))}")
