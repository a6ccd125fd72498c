"""Makes an environment with the libraries beside the program, and writes a script that starts it: `python3 build.py OUTPUT`."""

import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).parent.resolve()
START = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
exec "$here/venv/bin/python" "$here/main.py" "$@"
"""

venv.create(HERE / "venv", with_pip=True)
pip = [HERE / "venv/bin/python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
subprocess.run([*pip, "-r", HERE / "requirements.txt"], check=True)
output = pathlib.Path(sys.argv[1])
output.write_text(START)
output.chmod(0o755)
