#!/usr/bin/env python3
"""Runs a program and compares what it prints.

usage: check_output.py EXPECTED PROGRAM [ARGS...]
"""
import subprocess
import sys

expected = sys.argv[1]
result = subprocess.run(sys.argv[2:], capture_output=True, text=True)
if result.returncode != 0 or result.stdout != expected:
    print(f"exit status {result.returncode}, printed:\n{result.stdout}{result.stderr}"
          f"expected:\n{expected}")
    sys.exit(1)
