"""deploy/*.yaml for compose, Prometheus and Grafana: what they refer to is there. tools/fleet runs the fleet."""

from __future__ import annotations

import ast
import json
import pathlib
from typing import Any

import pytest
import yaml

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
COMPOSE = ["compose.yaml", "compose.mixed.yaml", "compose.watch.yaml"]
"""Each over the ones before it."""


def loaded(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / name).read_text()))


def services() -> dict[str, Any]:
    """Of all files together."""
    found: dict[str, Any] = {}
    for name in COMPOSE:
        for service, settings in loaded(name)["services"].items():
            found[service] = {**found.get(service, {}), **settings}
    return found


def test_all_of_them_are_looked_at() -> None:
    assert {path.name for path in DEPLOY.glob("compose*.yaml")} == set(COMPOSE)


@pytest.mark.parametrize("name", COMPOSE)
def test_compose_refers_to_what_is_there(name: str) -> None:
    file = loaded(name)
    for service, settings in file["services"].items():
        for volume in settings.get("volumes", []):
            source = volume.split(":")[0]
            assert source in file.get("volumes", {}) or (source.startswith(".") and (DEPLOY / source).exists()), volume
        for port in settings.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{service} asks for no password"
        for needed in settings.get("depends_on", []):
            assert needed in services()
        for word in settings.get("command", "").split():
            if word.startswith("/mnt/locust/"):
                assert (DEPLOY / word.removeprefix("/mnt/locust/")).exists()
        assert name == "compose.yaml" or service == "worker" or settings["image"].startswith("${")


def test_python_workers_have_the_masters_locust_and_its_users() -> None:
    all_services = services()
    assert all_services["python-worker"]["image"] == all_services["master"]["image"]
    [users] = [each for each in ast.parse((DEPLOY / "mixed.py").read_text()).body if isinstance(each, ast.ClassDef)]
    tasks = {each.name: ast.unparse(each.decorator_list[0]) for each in users.body if isinstance(each, ast.FunctionDef)}
    assert (users.name, tasks) == ("Visitor", {"front_page": "task(3)", "search": "task"})
    in_cpp = (DEPLOY / "locustfile.cpp").read_text()
    assert ".task<&Visitor::front_page>(3).task<&Visitor::search>(1)" in in_cpp
    for address in ('"/hello"', '"/delay/25"', '"/delay/[ms]"'):
        assert address in in_cpp
        assert address in (DEPLOY / "mixed.py").read_text()


def test_prometheus_looks_where_the_workers_are() -> None:
    [job] = loaded("prometheus/prometheus.yml")["scrape_configs"]
    [found] = job["dns_sd_configs"]
    assert found["names"] == ["worker"]
    assert f"--metrics-port {found['port']} --metrics-host 0.0.0.0" in services()["worker"]["command"]


def test_grafana_finds_prometheus_and_the_dashboard() -> None:
    grafana, prometheus = services()["grafana"], services()["prometheus"]
    [source] = loaded("grafana/provisioning/datasources/prometheus.yml")["datasources"]
    [port] = prometheus["ports"]
    assert source["url"] == f"http://prometheus:{port.split(':')[2]}"
    [provider] = loaded("grafana/provisioning/dashboards/katydid.yml")["providers"]
    mounted = {volume.split(":")[1]: DEPLOY / volume.split(":")[0] for volume in grafana["volumes"]}
    dashboards = mounted[provider["options"]["path"]]
    home = grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (dashboards / pathlib.Path(home).name).exists()
    assert home.startswith(provider["options"]["path"])
    config = prometheus["command"].split("--config.file=")[1].split()[0]
    assert config in {volume.split(":")[1] for volume in prometheus["volumes"]}


def test_panels_have_places_and_numbers_of_their_own() -> None:
    dashboard = json.loads((DEPLOY / "grafana" / "dashboards" / "katydid.json").read_text())
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    cells = [
        (x, y)
        for at in (panel["gridPos"] for panel in dashboard["panels"])
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    variables = {each["name"] for each in dashboard["templating"]["list"]}
    assert variables == {"datasource", "method", "name", "percentile"}
