"""Rules: assertions on parameters, as CloudFormation's documentation shows them."""

import pytest
from unit.template.template_folder import BUCKET

from emulator.errors import TemplateError

TEMPLATE = f"""\
Parameters:
  Stage: {{Type: String, Default: test}}
  Size: {{Type: String, Default: small}}
  Zones: {{Type: CommaDelimitedList, Default: "a,b"}}
Rules:
  Production:
    RuleCondition: !Equals [!Ref Stage, prod]
    Assertions:
      - Assert: !Not [!Equals [!Ref Size, small]]
        AssertDescription: Production is large
      - Assert: !EachMemberIn [!Ref Zones, [a, b, c]]
  Always:
    Assertions:
      - Assert: !Or [!Contains [[small, large], !Ref Size], !EachMemberEquals [!Ref Zones, z]]
        AssertDescription: There are two sizes
Resources:
{BUCKET}"""


@pytest.mark.parametrize(
    "values",
    [{}, {"Stage": "prod", "Size": "large"}, {"Zones": "x"}, {"Size": "huge", "Zones": "z,z"}],
)
def test_rules_that_hold(folder, values):
    assert len(folder.load(TEMPLATE, **values).buckets) == 1


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"Stage": "prod"}, ":9: Rule Production failed: Production is large (give another"),
        (
            {"Stage": "prod", "Size": "large", "Zones": "a,x"},
            ":11: Rule Production failed: its assertion does not hold",
        ),
        ({"Size": "huge"}, ":14: Rule Always failed: There are two sizes"),
    ],
)
def test_rules_that_do_not_hold(folder, values, problem):
    with pytest.raises(TemplateError) as error:
        folder.load(TEMPLATE, **values)

    assert f"{folder.template}{problem}" in str(error.value)


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ("[]", "Rules must be a mapping"),
        ("{R: {}}", "rule R needs a list of Assertions"),
        ("{R: {Assertions: [{}]}}", "rule R: an assertion needs an Assert"),
        ("{R: {Assertions: [{Assert: !Contains a}]}}", "Fn::Contains needs a list of two"),
    ],
)
def test_malformed_rules(folder, rules, problem):
    with pytest.raises(TemplateError) as error:
        folder.load(f"Rules: {rules}\nResources:\n{BUCKET}")

    assert f"{folder.template}:1: {problem}" in str(error.value).replace("Template error: ", "")


def test_rules_on_resources_of_the_account_are_noted(folder):
    """What only AWS knows is not checked, and that is told."""
    rules = '{R: {Assertions: [{Assert: !Contains [!RefAll "AWS::EC2::VPC::Id", a]}]}}'
    notes = folder.load(f"Rules: {rules}\nResources:\n{BUCKET}").support_notes

    assert [(note.place, note.level) for note in notes] == [("R", "unsupported")]
