"""Renders the overlays of deploy/kubernetes and holds every resource to the published schemas.

kubernetes.py VERSION...   needs kubernetes-validate with its PyYAML, and cloudcoil-models-keda for KEDA's ScaledObject
It renders what these overlays use of kustomize: resources, namespace, images, labels and JSON patches.
"""
import copy
import pathlib
import sys

import kubernetes_validate
import yaml
from cloudcoil.models.keda.v1alpha1 import ScaledObject
from pydantic import ValidationError

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "deploy/kubernetes"
KEYS = {"apiVersion", "kind", "labels", "resources", "namespace", "images", "patches"}


def containers(pod):
    return pod.get("initContainers", []) + pod["containers"]


def pods(resources):
    for resource in resources:
        if resource["kind"] in ("StatefulSet", "Deployment", "Job"):
            yield resource["metadata"]["name"], resource["spec"]["template"]["spec"]


def patch(resource, operations):
    for operation in operations:
        assert operation["op"] in ("add", "remove"), operation
        *path, last = [part.replace("~1", "/") for part in operation["path"].split("/")[1:]]
        place = resource
        for part in path:
            place = place[int(part) if isinstance(place, list) else part]
        there = operation["op"] == "remove"
        assert (last in place) == there, f"{operation['path']}: expected {'one' if there else 'none'} there"
        if there:
            del place[last]
        else:
            place[last] = copy.deepcopy(operation["value"])


def render(folder):
    wanted = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert set(wanted) <= KEYS, f"{folder}: the renderer knows {KEYS}, found {set(wanted)}"
    resources = []
    for name in wanted["resources"]:
        path = (folder / name).resolve()
        resources += render(path) if path.is_dir() else list(yaml.safe_load_all(path.read_text()))
    resources = copy.deepcopy(resources)
    for resource in resources:
        for label in wanted.get("labels", []):
            resource["metadata"].setdefault("labels", {}).update(label["pairs"])
        if "namespace" in wanted:
            resource["metadata"]["namespace"] = wanted["namespace"]
    for change in wanted.get("patches", []):
        target = change["target"]
        found = [r for r in resources if (r["kind"], r["metadata"]["name"]) == (target["kind"], target["name"])]
        assert len(found) == 1, f"{target}: found {len(found)} such resources, expected one"
        patch(found[0], yaml.safe_load(change["patch"]))
    for image in wanted.get("images", []):
        for _, pod in pods(resources):
            for container in containers(pod):
                if container["image"] == image["name"]:
                    container["image"] = f"{image['newName']}:{image['newTag']}"
    return resources


def judge(resources):
    """What the schemas do not say."""
    labels = [r["spec"]["template"]["metadata"]["labels"] for r in resources if "template" in r["spec"]]
    for resource in resources:
        selector = resource["spec"].get("podSelector", resource["spec"].get("selector", {}))
        selector = selector.get("matchLabels", selector)
        assert any(selector.items() <= have.items() for have in labels), f"{resource['metadata']}: selects no pod"
    for name, pod in pods(resources):
        assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"], name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        volumes = {volume["name"] for volume in pod["volumes"]}
        volumes |= {c["metadata"]["name"] for r in resources for c in r["spec"].get("volumeClaimTemplates", [])}
        for container in containers(pod):
            security = container["securityContext"]
            assert security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"], name
            assert security["capabilities"] == {"drop": ["ALL"]}, name
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes, name
            assert "memory" in container["resources"]["limits"], name


def probes(resources):
    """The coordinator is asked over HTTP, at a port that it has and that it is told to open."""
    pod = dict(pods(resources))["firesweep-coordinator"]
    container = pod["containers"][0]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    asked = {kind: container[kind]["httpGet"] for kind in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert {kind: get["path"] for kind, get in asked.items()} == {
        "startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}, asked
    for get in asked.values():
        assert f"*:{ports[get['port']]}" in container["args"], get
    service = next(r for r in resources if r["kind"] == "Service")
    assert all(port["targetPort"] in ports for port in service["spec"]["ports"]), service


def scales(resource, resources):
    """What KEDA's own schema does not say: its target is there, and leaves the number of replicas to it."""
    spec = resource["spec"]
    name = spec["scaleTargetRef"]["name"]
    target = [r for r in resources if r["kind"] == "Deployment" and r["metadata"]["name"] == name]
    assert len(target) == 1 and "replicas" not in target[0]["spec"], name
    assert "firesweep_waiting_trials" in spec["triggers"][0]["metadata"]["query"], spec["triggers"]


def fit(resource, resources, version):
    if resource["apiVersion"] != "keda.sh/v1alpha1":
        return kubernetes_validate.validate(resource, version, strict=True)
    ScaledObject.model_validate(resource, extra="forbid")
    return scales(resource, resources)


def main(versions):
    for overlay in sorted((FOLDER / "overlays").iterdir()):
        resources = render(overlay)
        judge(resources)
        probes(resources)
        for version in versions:
            for resource in resources:
                where = f"{overlay.name}: {resource['kind']} {resource['metadata']['name']}"
                try:
                    fit(resource, resources, version)
                except kubernetes_validate.ValidationError as wrong:
                    sys.exit(f"{where}: {'/'.join(map(str, wrong.path))}: {wrong.message}")
                except ValidationError as wrong:
                    sys.exit(f"{where}: {wrong}")
        gpus = [c["resources"]["limits"].get("nvidia.com/gpu") for _, p in pods(resources) for c in p["containers"]]
        assert (1 in gpus) == (overlay.name in ("gpu", "keda")), f"{overlay.name}: found GPUs {gpus}"
        print(f"kubernetes: overlay {overlay.name}: {len(resources)} resources fit Kubernetes {', '.join(versions)}")


main(sys.argv[1:])
