#!/bin/sh
# Prints the path of a Python that has Optuna, for bench/peers/search.py and termination.py: that in .deps/optuna,
# which the first call installs. Exits with 77, and the reason on standard error, if there is none. The product itself
# needs no Python.
set -eu
cd "$(dirname "$0")/.."
folder=$PWD/.deps/optuna
if ! "$folder/bin/python" -c 'import numpy, optuna' 2>/dev/null; then
  log=$folder.log
  rm -rf "$folder"
  mkdir -p .deps
  if ! { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet optuna==5.0.0 numpy; } >"$log" 2>&1; then
    rm -rf "$folder"
    echo "no Python with optuna 5.0.0 could be made ($log): $(tail -n 1 "$log")" >&2
    exit 77
  fi
fi
echo "$folder/bin/python"
