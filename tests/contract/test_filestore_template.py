"""The template that is deployed: valid for AWS's own tools, whole for the emulator."""

import subprocess
import sys
from pathlib import Path

import pytest

from emulator.application import LambdaProxyIntegration, MockIntegration
from emulator.template import load_application

FILESTORE = Path(__file__).resolve().parents[2] / "filestore"
FUNCTIONS = {"Preprocess", "Uploaded", "Store", "Info", "Delete", "Revert", "Expire"}


def load(**parameters):
    """Read the template as the emulator does."""
    return load_application(
        FILESTORE / "template.yaml",
        parameters=tuple(parameters.items()),
        region="us-east-1",
        account_id="123456789012",
    )


def test_cfn_lint_is_content():
    """cfn-lint, with SAM's transform (https://github.com/aws-cloudformation/cfn-lint)."""
    command = [Path(sys.executable).with_name("cfn-lint"), FILESTORE / "template.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("mode", "functions"), [("False", FUNCTIONS), ("True", FUNCTIONS - {"Expire"})]
)
def test_store_on_load_leaves_expire_out(mode, functions):
    """aws-sam-translator accepts the template, and the Condition rules function and schedule."""
    application = load(StoreOnLoad=mode)

    assert functions == {function.name for function in application.functions}
    assert [s.function_name for s in application.schedules] == ["Expire"] * ("Expire" in functions)


def test_nothing_is_unsupported():
    """Whatever the template says, the emulator does or knows to be harmless."""
    assert [note for note in load().support_notes if note.level == "unsupported"] == []


def test_routes():
    """The API of 2019, revert and the preflights; only the calls on lists need the key."""
    routes = {(r.http_method, r.resource_path): r for r in load().rest_apis[0].routes}
    secured = {route for route, r in routes.items() if r.api_key_required}
    mocks = {route for route, r in routes.items() if isinstance(r.integration, MockIntegration)}

    assert {p: r.integration.function_name for p, r in routes.items() if p not in mocks} == {
        ("POST", "/file"): "Preprocess",
        ("DELETE", "/file/{id}"): "Revert",
        ("PUT", "/files"): "Store",
        ("POST", "/files"): "Info",
        ("DELETE", "/files"): "Delete",
    }
    assert mocks == {("OPTIONS", path) for path in ("/file", "/file/{id}", "/files")}
    assert secured == {(method, "/files") for method in ("PUT", "POST", "DELETE")}
    assert all(isinstance(routes[r].integration, LambdaProxyIntegration) for r in secured)


def test_each_function_has_its_own_variables():
    """No function gets a variable that it does not read."""
    common = {"FILES_TABLE", "STORAGE_BUCKET"}
    expected = dict.fromkeys(FUNCTIONS, common) | {
        "Preprocess": common | {"SIGNED_URL_EXPIRATION"},
        "Info": common | {"SIGNED_URL_EXPIRATION"},
        "Uploaded": common | {"STORE_ON_LOAD"},
        "Store": common | {"STORE_ON_LOAD"},
    }

    assert expected == {f.name: set(dict(f.environment)) for f in load().functions}


def test_outputs_and_plan():
    """Root URL and usage plan are told; the plan has the quota and throttle of 2019."""
    application = load()
    plan = application.usage_plans[0]

    assert {"ApiRootUrl", "UsagePlanId"} == {output.name for output in application.outputs}
    assert (plan.quota_limit, plan.quota_period) == (1000, "MONTH")
    assert (plan.burst_limit, plan.rate_limit) == (20, 10)


def test_statements_name_their_resources():
    """Least privilege: no statement allows an action on every resource."""
    text = (FILESTORE / "template.yaml").read_text()

    assert 'Resource: "*"' not in text
    assert "Resource: '*'" not in text
