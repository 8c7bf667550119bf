"""The Helm chart, as it is rendered for several sets of values.

What was rendered is kept in golden/, so that these tests need no helm. Where there is one, it must render the same.
To keep what it renders now: python tests/chart/test_chart.py
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
from typing import Any

import kubernetes_validate
import pytest
import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHART = ROOT / "deploy" / "helm" / "katydid"
CASES = sorted(path.stem for path in (HERE / "values").glob("*.yaml"))
HELM = os.environ.get("HELM") or shutil.which("helm") or shutil.which("helm", path=ROOT / "build" / "helm" / "bin")
KUBERNETES = "1.34"

needs_helm = pytest.mark.skipif(HELM is None, reason="helm is not installed; tools/setup --helm")


def state_of(case: str) -> str:
    """Of all that a rendering is made of."""
    digest = hashlib.sha256()
    for path in [*sorted(path for path in CHART.rglob("*") if path.is_file()), HERE / "values" / f"{case}.yaml"]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def run_helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert HELM is not None
    return subprocess.run([HELM, *arguments], capture_output=True, text=True, check=False)


def template(case: str, *more: str) -> str:
    values = str(HERE / "values" / f"{case}.yaml")
    made = run_helm("template", "load", str(CHART), "--namespace", "tests", "--values", values, *more)
    assert made.returncode == 0, made.stderr
    return made.stdout


def golden(case: str) -> str:
    return (HERE / "golden" / f"{case}.yaml").read_text()


class StrictLoader(yaml.SafeLoader):
    """YAML takes the last of two keys. Here that is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key is there twice: {keys}"
        return super().construct_mapping(node, deep)


class Objects:
    def __init__(self, case: str) -> None:
        loaded = yaml.load_all(golden(case), StrictLoader)
        self.all: list[dict[str, Any]] = [each for each in loaded if each]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.all if each["kind"] == kind]

    def one(self, kind: str, ending: str = "") -> dict[str, Any]:
        [found] = [each for each in self.of(kind) if each["metadata"]["name"].endswith(ending)]
        return found

    def templates(self) -> dict[str, dict[str, Any]]:
        """The pods by their component."""
        owners = [*self.of("Deployment"), *self.of("Job")]
        return {
            owner["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]: owner["spec"]["template"]
            for owner in owners
        }

    def matched(self, labels: dict[str, str]) -> set[str]:
        """The components whose pods a selector chooses."""
        pods = self.templates().items()
        return {name for name, pod in pods if labels.items() <= pod["metadata"]["labels"].items()}


@pytest.fixture(params=CASES)
def objects(request: pytest.FixtureRequest) -> Objects:
    return Objects(request.param)


def arguments(pod: dict[str, Any]) -> list[str]:
    return list(pod["spec"]["containers"][0]["args"])


@pytest.mark.parametrize("case", CASES)
def test_what_is_kept_was_rendered_from_this_chart(case: str) -> None:
    assert golden(case).startswith(f"# {state_of(case)}\n"), "render it again: python tests/chart/test_chart.py"


@needs_helm
@pytest.mark.parametrize("case", CASES)
def test_helm_renders_what_is_kept(case: str) -> None:
    assert golden(case).split("\n", 1)[1] == template(case)


@needs_helm
@pytest.mark.parametrize("case", CASES)
def test_helm_has_no_complaint(case: str) -> None:
    made = run_helm("lint", "--strict", str(CHART), "--values", str(HERE / "values" / f"{case}.yaml"))
    assert made.returncode == 0, made.stdout


@needs_helm
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("worker.replicas=0", "worker.replicas|/worker/replicas"),
        ("worker.replica=3", "replica"),
        ("stopTimeout=soon", "stopTimeout"),
        ("host=shop.example", "host"),
        ("worker.masterHost=tcp://master:5557", "masterHost"),
        ("metrics.serviceMonitor.enabled=true", "metrics.serviceMonitor needs metrics.enabled"),
        ("locustfiles.worker=../users.cpp", "locustfiles"),
        ("goals.failIf={p99 > 1s},worker.masterHost=locust.example", "goals are the master's"),
        ("goals.findMaxStep=0", "findMaxStep"),
    ],
)
def test_values_that_make_no_sense_are_refused(wrong: str, words: str) -> None:
    values = str(HERE / "values" / "web.yaml")
    made = run_helm("template", "load", str(CHART), "--values", values, "--set", wrong)
    assert made.returncode != 0
    assert re.search(words, made.stderr), made.stderr


@needs_helm
def test_a_locustfile_has_to_be_given() -> None:
    made = run_helm("template", "load", str(CHART))
    assert "no locustfile: --set-file" in made.stderr


def test_kubernetes_knows_every_field(objects: Objects) -> None:
    for each in objects.all:
        if each["kind"] != "ServiceMonitor":
            kubernetes_validate.validate(each, KUBERNETES, strict=True)


def test_selectors_choose_their_pods(objects: Objects) -> None:
    for each in [*objects.of("Deployment"), *objects.of("PodDisruptionBudget")]:
        component = each["metadata"]["labels"]["app.kubernetes.io/component"]
        assert objects.matched(each["spec"]["selector"]["matchLabels"]) == {component}
    for each in objects.of("NetworkPolicy"):
        component = each["metadata"]["labels"]["app.kubernetes.io/component"]
        assert objects.matched(each["spec"]["podSelector"]["matchLabels"]) == {component}
    for service in objects.of("Service"):
        [component] = objects.matched(service["spec"]["selector"])
        names = {port["name"] for port in objects.templates()[component]["spec"]["containers"][0]["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= names
    for scaler in objects.of("HorizontalPodAutoscaler"):
        assert objects.one("Deployment", scaler["spec"]["scaleTargetRef"]["name"])


def test_workers_find_their_master(objects: Objects) -> None:
    [host] = [each for each in arguments(objects.templates()["worker"]) if each.startswith("--master-host=")]
    services = {each["metadata"]["name"]: each for each in objects.of("Service")}
    if "master" in objects.templates():
        ports = services[host.removeprefix("--master-host=")]["spec"]["ports"]
        assert 5557 in [port["port"] for port in ports]
    else:
        assert host == "--master-host=locust.example.internal"


def test_pods_have_no_privileges(objects: Objects) -> None:
    for pod in objects.templates().values():
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        assert spec["enableServiceLinks"] is False
        [container] = spec["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"] is True
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        mounted = {mount["name"] for mount in container["volumeMounts"]}
        assert mounted == {volume["name"] for volume in spec["volumes"]}
        assert any(mount["mountPath"] == "/tmp" for mount in container["volumeMounts"])


def test_a_worker_is_given_time_to_leave(objects: Objects) -> None:
    """More than the stop timeout, which the master tells it."""
    for name, pod in objects.templates().items():
        timeout = next((each for each in arguments(pod) if each.startswith("--stop-timeout=")), "--stop-timeout=10")
        if name == "master":
            assert pod["spec"]["terminationGracePeriodSeconds"] >= int(timeout.partition("=")[2]) + 20
        else:
            master = objects.templates().get("master")
            given = [each for each in arguments(master) if "--stop-timeout=" in each] if master else [timeout]
            assert pod["spec"]["terminationGracePeriodSeconds"] >= int(given[0].partition("=")[2]) + 15


def test_a_headless_test_ends_by_itself() -> None:
    objects = Objects("headless")
    master, worker = objects.one("Job", "-master"), objects.one("Job", "-worker")
    assert not objects.of("Deployment")
    assert master["spec"]["backoffLimit"] == 0
    assert worker["spec"]["completions"] == worker["spec"]["parallelism"] == 4
    assert "--expect-workers=4" in arguments(objects.templates()["master"])
    assert "--spawn-rate=50.5" in arguments(objects.templates()["master"])
    assert "--reconnect-forever" not in arguments(objects.templates()["worker"])
    assert master["spec"]["template"]["spec"]["restartPolicy"] == "Never"
    assert worker["spec"]["template"]["spec"]["restartPolicy"] == "OnFailure"


def test_workers_are_asked_whether_they_are_well() -> None:
    """By the program in the image; `everything` takes the place of that with another probe."""
    for case in ("web", "headless", "workers-only"):
        [container] = Objects(case).templates()["worker"]["spec"]["containers"]
        for probe in ("startupProbe", "livenessProbe"):
            assert container[probe]["exec"] == {"command": ["katydid", "--health"]}
            assert container[probe]["timeoutSeconds"] > 5, "a worker that is ill is waited for as long"
    [container] = Objects("everything").templates()["worker"]["spec"]["containers"]
    assert "startupProbe" not in container
    assert container["livenessProbe"].keys().isdisjoint({"exec"})


def test_goals_are_the_masters() -> None:
    goals = (ROOT / "deploy" / "goals.py").read_text()
    for case, wanted in {
        "headless": ["--fail-if=fail_ratio > 1% abort", "--fail-if=rps < 1"],
        "everything": ["--find-max=p95 < 300ms, fail_ratio < 1%", "--find-max-start=50", "--find-max-step=10"],
    }.items():
        objects = Objects(case)
        assert objects.one("ConfigMap", "-goals")["data"] == {"goals.py": goals}
        master = objects.templates()["master"]
        assert "--locustfile=/mnt/locust/locustfile.py,/mnt/goals/goals.py" in arguments(master)
        assert [each for each in arguments(master) if each.startswith(("--fail-if", "--find-max"))] == wanted
        [volume] = [each for each in master["spec"]["volumes"] if each["name"] == "goals"]
        assert volume["configMap"]["name"] == objects.one("ConfigMap", "-goals")["metadata"]["name"]
    for case in ("web", "workers-only"):
        assert not [each for each in Objects(case).of("ConfigMap") if each["metadata"]["name"].endswith("-goals")]


def test_who_scales_says_how_many() -> None:
    assert "replicas" not in Objects("everything").one("Deployment", "-worker")["spec"]
    assert Objects("web").one("Deployment", "-worker")["spec"]["replicas"] == 2


def test_the_chart_has_the_versions_of_the_project() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    version = re.search(r"project\(katydid VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text())
    assert version is not None
    assert chart["version"] == chart["appVersion"] == version[1]
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    compose = (ROOT / "deploy" / "compose.yaml").read_text()
    assert f"locustio/locust:{values['master']['image']['tag']}}}" in compose


def test_the_page_has_all_values() -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text()
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    missing = [name for name in values if f"`{name}" not in page]
    assert not missing


if __name__ == "__main__":
    for name in CASES:
        (HERE / "golden" / f"{name}.yaml").write_text(f"# {state_of(name)}\n{template(name)}")
