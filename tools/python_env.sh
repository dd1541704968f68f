#!/bin/sh
# Prints the path of a Python that has torch, safetensors, numpy and pillow, for tests/interop and bench/peers. That is
# FIRESWEEP_PYTHON if set, else the one in .deps/python, which the first call installs (about 1 GB). Exits with 77, and
# the reason on standard error, if there is none. The product itself needs no Python.
set -eu
cd "$(dirname "$0")/.."
wanted='import numpy, PIL, safetensors.torch, torch'

if [ -n "${FIRESWEEP_PYTHON:-}" ]; then
  "$FIRESWEEP_PYTHON" -c "$wanted" 1>&2 || { echo "FIRESWEEP_PYTHON=$FIRESWEEP_PYTHON lacks a package" >&2; exit 77; }
  echo "$FIRESWEEP_PYTHON"
  exit 0
fi

folder=$PWD/.deps/python
if ! "$folder/bin/python" -c "$wanted" 2>/dev/null; then
  log=$folder.log
  rm -rf "$folder"
  mkdir -p .deps
  # The CPU build where the index has one under that name; else what the index calls 2.13.0.
  if ! { python3 -m venv "$folder" &&
         { "$folder/bin/pip" install --quiet 'torch==2.13.0+cpu' || "$folder/bin/pip" install --quiet 'torch==2.13.0'; } &&
         "$folder/bin/pip" install --quiet safetensors numpy pillow; } >"$log" 2>&1; then
    rm -rf "$folder"
    echo "no Python with torch 2.13.0 could be made ($log): $(tail -n 1 "$log")" >&2
    exit 77
  fi
fi
echo "$folder/bin/python"
