#!/usr/bin/env bash
# deploy/kubernetes against the published schemas of the newest three Kubernetes versions that kubernetes-validate
# (PyPI) has, and KEDA's ScaledObject against the models of its CRD (cloudcoil-models-keda, PyPI). The overlays are
# rendered by kubernetes.py, not by kustomize.
. "$(dirname "$0")/common.sh"

needs python3
folder=$repository/.deps/kubernetes
if ! "$folder/bin/python" -c 'import cloudcoil.models.keda, kubernetes_validate, yaml' 2> /dev/null; then
  rm -rf "$folder"
  mkdir -p "$repository/.deps"
  { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet kubernetes-validate cloudcoil-models-keda; } > "$work/venv.log" 2>&1 ||
    { rm -rf "$folder"; skip "no Python with kubernetes-validate and cloudcoil-models-keda could be made: $(tail -n 1 "$work/venv.log")"; }
fi
schemas=$("$folder/bin/python" -c 'import kubernetes_validate as k; print(k.__path__[0])')/kubernetes-json-schema
mapfile -t versions < <(find "$schemas" -maxdepth 1 -name 'v*-local-strict' -printf '%f\n' |
  sed 's/^v\([0-9]*\.[0-9]*\).*/\1/' | sort -V | tail -3)
((${#versions[@]} > 0)) || die "$schemas: found no schemas"
"$folder/bin/python" "$repository/tests/deploy/kubernetes.py" "${versions[@]}"
