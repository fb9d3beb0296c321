"""Runs scenarios against an emulator that is started for them, or against what ``TEST_HOST`` names.

A configuration is a folder of scenarios and the template parameters that they need; the ini option
``emulator_configurations`` lists them, ``emulator_template`` names the template.
Nothing is started for a pytest run without scenarios, by ``--collect-only``, or when ``TEST_HOST``
is set; each worker of xdist has emulators of its own, so that no reset hits a neighbour.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tavern_lambda.local_emulator import Configuration, LocalEmulator

if TYPE_CHECKING:
    from collections.abc import Iterator

BACKEND = "lambda"
SUFFIXES = (".tavern.yaml", ".tavern.yml")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# While collecting, Tavern may format variables that have no value yet.
_PLACEHOLDERS = ("TEST_HOST", "TEST_API_KEY", "AWS_ENDPOINT_URL", "EMULATOR_URL")
_EMULATORS = pytest.StashKey["Emulators"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini options."""
    parser.addini("emulator_template", "template of the application that scenarios run against")
    parser.addini(
        "emulator_configurations",
        "one a line: folder of scenarios, a colon, parameters of the template",
        type="linelist",
        default=[],
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the protocol with Tavern, if Tavern is there, and the mark ``clock``."""
    config.addinivalue_line("markers", "clock: moves the emulator's clock; deselected against AWS")
    if not hasattr(config.option, "tavern_extra_backends"):
        return
    chosen = [name for name in (config.option.tavern_extra_backends or "").split(",") if name]
    if BACKEND not in {name.partition("=")[0] for name in chosen}:
        config.option.tavern_extra_backends = ",".join([*chosen, BACKEND])


def pytest_sessionstart(session: pytest.Session) -> None:
    """Export the variables of the first configuration before anything is collected."""
    config = session.config
    if os.environ.get("TEST_HOST"):
        return
    if config.option.collectonly or _is_controller(config) or not _has_scenarios(config):
        if config.option.collectonly and _has_scenarios(config):
            for name in _PLACEHOLDERS:
                os.environ.setdefault(name, "http://127.0.0.1:9")
        return
    emulators = Emulators(config)
    config.stash[_EMULATORS] = emulators
    emulators.use(emulators.configurations[0])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """End every emulator."""
    emulators = session.config.stash.get(_EMULATORS, None)
    if emulators is not None:
        emulators.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect against AWS what moves the clock or needs another configuration of the stack."""
    if not _targets_aws():
        return
    store_on_load = os.environ.get("TEST_STORE_ON_LOAD", "False") == "True"
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        scenario = str(item.path).endswith(SUFFIXES)
        other = scenario and ("store_on_load" in item.path.parts) != store_on_load
        (left if other or item.get_closest_marker("clock") else kept).append(item)
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = kept


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Give a scenario its configuration, empty: before its fixtures, which may fill it."""
    emulators = item.config.stash.get(_EMULATORS, None)
    if emulators is not None and str(item.path).endswith(SUFFIXES):
        emulators.use(emulators.configuration_of(item.path)).reset()


def pytest_tavern_beta_before_every_test_run(test_dict: dict[str, Any], variables: Any) -> None:
    """Against AWS, wait by trying the next stage again: there is no ``idle`` to ask."""
    del variables
    if _targets_aws():
        included = test_dict.get("includes") or []
        known = {stage["id"]: stage for part in included for stage in part.get("stages", [])}
        test_dict["stages"] = list(_without_idle(test_dict["stages"], known))


def _without_idle(
    stages: list[dict[str, Any]], known: dict[str, dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    waiting = False
    for stage in stages:
        if stage.get("id") == "idle":
            waiting = True
            continue
        # A reference takes no settings of its own: the stage itself stands in for it.
        whole = known.get(stage["id"], stage) if stage.get("type") == "ref" else stage
        yield {**whole, "max_retries": 30, "delay_after": 1} if waiting else stage
        waiting = False


class Emulators:
    """The emulators of one pytest process, one a configuration, started when first used."""

    def __init__(self, config: pytest.Config) -> None:
        template = config.rootpath / str(config.getini("emulator_template"))
        lines = config.getini("emulator_configurations") or ["."]
        self._root = config.rootpath
        self.configurations = [Configuration.parse(line, template) for line in lines]
        self._running: dict[Configuration, LocalEmulator] = {}
        self._environment = dict(os.environ)

    def configuration_of(self, path: Path) -> Configuration:
        """Find the configuration whose folder a scenario lies in."""
        for configuration in self.configurations:
            if path.is_relative_to(self._root / configuration.folder):
                return configuration
        return self.configurations[0]

    def use(self, configuration: Configuration) -> LocalEmulator:
        """Start an emulator if need be, and export its variables."""
        if configuration not in self._running:
            self._running[configuration] = LocalEmulator(configuration)
        emulator = self._running[configuration]
        os.environ.update(emulator.variables)
        return emulator

    def stop(self) -> None:
        """End all, and give the process its environment back."""
        for emulator in self._running.values():
            emulator.stop()
        os.environ.clear()
        os.environ.update(self._environment)


def _targets_aws() -> bool:
    host = urlsplit(os.environ.get("TEST_HOST", "")).hostname
    return host is not None and host not in _LOOPBACK


def _is_controller(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput") and getattr(config.option, "dist", "no") != "no"


def _has_scenarios(config: pytest.Config) -> bool:
    """Tell whether the run may collect scenarios; looks at the paths it was given."""
    if not config.getini("emulator_template"):
        return False
    for argument in config.args:
        path = Path(str(config.invocation_params.dir), argument.partition("::")[0])
        if path.name.endswith(SUFFIXES):
            return True
        if path.is_dir() and any(next(path.rglob(f"*{suffix}"), None) for suffix in SUFFIXES):
            return True
    return False
