"""Runs a program that one of the Python packages has.

usage: run.py PROGRAM ARGUMENT...
"""

import subprocess
import sys
from pathlib import Path

program = Path(sys.executable).parent / sys.argv[1]
sys.exit(subprocess.run([program, *sys.argv[2:]], check=False).returncode)
