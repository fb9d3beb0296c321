"""What AWS's services refuse when CloudFormation creates a resource: refused before it is run."""

import pytest
from unit.template.template_folder import BUCKET, FUNCTION, SAM

from emulator.errors import TemplateError

RESOURCES = f"{SAM}Resources:\n"
TABLE = """\
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
"""
RULE = """\
  Rule:
    Type: AWS::Events::Rule
    Properties:
      Targets: [{Id: one, Arn: !GetAtt Hello.Arn, Input: "not JSON"}]
      ScheduleExpression: """
DEFINITION = """\
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: test
      DefinitionBody:
        swagger: "2.0"
        info: {title: a, version: "1"}
        paths:
"""
MOCK = "{get: {x-amazon-apigateway-integration: {type: mock}}}\n"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (
            f"AWSTemplateFormatVersion: 2011-01-01\n{RESOURCES}{FUNCTION}",
            (
                ":1: Template format error: 2011-01-01 is not a supported value for "
                "AWSTemplateFormatVersion."
            ),
        ),
        (
            f"Parameters:\n  P: {{Type: Strng, Default: a}}\n{RESOURCES}{FUNCTION}",
            ":2: P: Template format error: Unrecognized parameter type: Strng",
        ),
        (
            f"{RESOURCES}{FUNCTION}      FunctionName: my function\n",
            ":9: Hello: Value 'my function' at 'functionName' failed to satisfy constraint",
        ),
        (
            f"{RESOURCES}{FUNCTION}      Environment: {{A_B: c}}\n",
            ":9: Hello: extraneous key [A_B] is not permitted in Environment",
        ),
        (
            f"{RESOURCES}{TABLE}",
            (
                ":5: Table: One or more parameter values were invalid: ReadCapacityUnits and "
                "WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
            ),
        ),
        (
            f"{RESOURCES}{FUNCTION}{RULE}rate(5 minutes)\n",
            ":12: Rule: JSON syntax error in input for target one",
        ),
        (
            f"{RESOURCES}{FUNCTION}{RULE}rate(1 minutes)\n",
            ":13: Rule: Parameter ScheduleExpression is not valid: rate(1 minutes)",
        ),
        (
            f"{RESOURCES}{FUNCTION}{RULE}rate(5 minute)\n",
            ":13: Rule: Parameter ScheduleExpression is not valid: rate(5 minute)",
        ),
        (
            f"{RESOURCES}{FUNCTION}{RULE}cron(0 12 * * ?)\n",
            ":13: Rule: Parameter ScheduleExpression is not valid: cron(0 12 * * ?)",
        ),
        (
            f"{RESOURCES}{DEFINITION}          /a: {MOCK}          /a/{{b: {MOCK}",
            (
                ":12: Api: Unable to create resource at path '/a/{b': Resource's path part only "
                "allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the "
                "beginning and the end."
            ),
        ),
        (
            f"{RESOURCES}{DEFINITION}          /a b: {MOCK}",
            ":11: Api: Unable to create resource at path '/a b'",
        ),
        (
            f"{RESOURCES}{DEFINITION}          /x/{{a}}/c: {MOCK}          /x/{{b+}}: {MOCK}",
            (
                ":12: Api: Unable to create resource at path '/x/{b+}': A sibling ({a}) of this "
                "resource already has a variable path part -- only one is allowed"
            ),
        ),
        (
            f"{RESOURCES}{DEFINITION}          /{{a+}}/c: {MOCK}",
            (
                ":11: Api: Unable to create resource at path '/{a+}/c': Cannot create a child of a "
                "resource with a greedy path variable: {a+}"
            ),
        ),
    ],
)
def test_what_aws_would_not_create_is_refused_with_its_line(folder, template, problem):
    with pytest.raises(TemplateError) as error:
        folder.load(template)

    assert f"{folder.template}{problem}" in str(error.value)


@pytest.mark.parametrize(
    "parameter_type",
    [
        "String",
        "Number",
        "List<Number>",
        "CommaDelimitedList",
        "AWS::EC2::VPC::Id",
        "List<AWS::EC2::Subnet::Id>",
        "AWS::SSM::Parameter::Name",
        "AWS::SSM::Parameter::Value<List<String>>",
        "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>",
    ],
)
def test_every_type_of_parameter_is_known(folder, parameter_type):
    template = f"Parameters:\n  P: {{Type: '{parameter_type}', Default: '1'}}\n"
    application = folder.load(f"{template}Resources:\n{BUCKET}")

    assert application.parameters == (("P", "1"),)


def test_paths_of_one_tree_are_accepted(folder):
    """The same variable in several paths, a trailing slash, and a catch-all beside names."""
    paths = ("/", "/a/", "/a", "/{p}", "/{p}/b", "/a/{x+}", "/a/c", "/.well-known/a=b,c:d_e-f")
    definition = "".join(f"          {path}: {MOCK}" for path in paths)
    application = folder.load(f"{RESOURCES}{DEFINITION}{definition}")

    assert [route.resource_path for route in application.rest_apis[0].routes] == list(paths)


def test_an_unquoted_version_is_accepted(folder):
    """YAML reads 2010-09-09 as a date."""
    application = folder.load(f"AWSTemplateFormatVersion: 2010-09-09\nResources:\n{BUCKET}")

    assert len(application.buckets) == 1


def test_an_error_gets_the_file_that_it_does_not_know(tmp_path):
    """Services know no files; who runs them does."""
    error = TemplateError("bad", logical_id="A", remedy="do").in_file(tmp_path)

    assert str(error) == f"{tmp_path}: A: bad (do)"
    assert error.in_file(tmp_path / "other") is error
