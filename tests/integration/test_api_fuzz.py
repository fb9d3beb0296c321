"""Schemathesis against the API definition: whatever fits it, or does not, is never answered 5xx."""

from contextlib import suppress
from pathlib import Path

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error

DEFINITION = Path(__file__).resolve().parents[2] / "filestore" / "openapi.yaml"
CASES = 40


def test_no_server_error(emulator):
    """Every operation survives generated requests, valid and invalid ones, with the API key."""
    schema = schemathesis.openapi.from_path(DEFINITION)
    schema.config.update(base_url=emulator.api)
    headers = {"x-api-key": emulator.ready["api_key"]}
    statuses = set()

    def answers(case):
        response = case.call(headers=headers)
        statuses.add(response.status_code)
        case.validate_response(response, checks=[not_a_server_error])

    for result in schema.get_all_operations():
        for mode in GenerationMode:
            fuzz(result.ok().as_strategy(generation_mode=mode), answers)

    assert {200, 400} <= statuses


def fuzz(strategy, answers):
    """Send generated cases; an operation without parameters has no invalid ones."""
    chosen = settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with suppress(Unsatisfiable):
        chosen(given(strategy)(answers))()
