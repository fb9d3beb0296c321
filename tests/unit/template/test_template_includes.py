"""``AWS::Include`` and API definitions in files of their own."""

import pytest
from unit.template.template_folder import SAM

from emulator.errors import TemplateError

INCLUDE = "{Name: AWS::Include, Parameters: {Location: LOCATION}}"
API = f"""\
{SAM}Parameters:
  Part: {{Type: String, Default: part}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      StageName: dev
      DefinitionBody:
        Fn::Transform: {INCLUDE}
"""
DEFINITION = """\
swagger: '2.0'
info: {title: Included}
paths:
  /ping:
    get:
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: 200}}
"""


def test_a_definition_is_included_from_a_file_beside_the_template(folder):
    file = folder.write("api/part.yaml", DEFINITION)

    application = folder.load(API.replace("LOCATION", "api/part.yaml"))

    [api] = application.rest_apis
    assert [(route.http_method, route.resource_path) for route in api.routes] == [("GET", "/ping")]
    assert api.definition_file == file
    assert application.watched_files == (folder.template, file)


def test_a_location_may_be_made_of_parameters(folder):
    folder.write("part.yaml", DEFINITION)

    application = folder.load(API.replace("LOCATION", "!Sub '${Part}.yaml'"))

    assert application.rest_apis[0].routes[0].resource_path == "/ping"


def test_an_error_in_an_included_file_names_that_file(folder):
    file = folder.write("part.yaml", DEFINITION.replace("type: mock", "type: [mock]"))

    with pytest.raises(TemplateError) as error:
        folder.load(API.replace("LOCATION", "part.yaml"))

    assert str(error.value) == f"{file}:7: Api: Value of property type must be of type String"


def test_functions_in_an_included_definition_are_resolved(folder):
    folder.write(
        "part.yaml", DEFINITION.replace("title: Included", "title: {'Fn::Sub': '${Part}'}")
    )

    application = folder.load(API.replace("LOCATION", "part.yaml"))

    assert application.rest_apis[0].name == "part"


def test_resources_are_included_beside_others(folder):
    folder.write("more.yaml", "More: {Type: AWS::S3::Bucket}\n")
    include = INCLUDE.replace("LOCATION", "more.yaml")

    application = folder.load(
        f"Resources:\n  Own: {{Type: AWS::S3::Bucket, Properties: {{BucketName: own}}}}\n"
        f"  Fn::Transform: {include}\n"
    )

    assert [bucket.name for bucket in application.buckets] == ["own", "more"]


@pytest.mark.parametrize("brackets", ["{}", "[{}]", "[AWS::Serverless-2016-10-31, {}]"])
def test_the_top_level_can_include_sections(folder, brackets):
    folder.write("more.yaml", "Resources: {More: {Type: AWS::S3::Bucket}}\n")
    include = INCLUDE.replace("LOCATION", "more.yaml")
    own = "Own: {Type: AWS::S3::Bucket, Properties: {BucketName: own}}"

    application = folder.load(
        f"Transform: {brackets.replace('{}', include)}\nResources:\n  {own}\n"
    )

    assert [bucket.name for bucket in application.buckets] == ["own", "more"]


@pytest.mark.parametrize(
    ("location", "content", "problem"),
    [
        ("missing.yaml", None, "cannot read the included file"),
        (
            "s3://bucket/part.yaml",
            None,
            "s3://bucket/part.yaml is not on this machine (give a path",
        ),
        ("[a]", None, "AWS::Include needs a Location"),
        ("!Ref Nope", None, "Unresolved resource dependencies [Nope]"),
        ("part.yaml", "title: !Sub a", "part.yaml:1: the short form !Sub in an included file"),
        ("part.yaml", "Fn::Transform: {}", "part.yaml:1: an included file includes another"),
        ("part.yaml", "text", "part.yaml: an included file must hold a mapping or a list"),
        ("part.yaml", "a: [", "part.yaml:2: not YAML"),
    ],
)
def test_what_cannot_be_included_is_named(folder, location, content, problem):
    """CloudFormation takes neither short forms nor includes in an included file."""
    if content is not None:
        folder.write("part.yaml", content)

    with pytest.raises(TemplateError) as error:
        folder.load(API.replace("LOCATION", location))

    assert problem in str(error.value)


def test_a_key_that_is_already_there_is_refused(folder):
    folder.write("more.yaml", "Own: {Type: AWS::S3::Bucket}\n")
    include = INCLUDE.replace("LOCATION", "more.yaml")

    with pytest.raises(TemplateError, match="Type stands here and in the included file"):
        folder.load(f"Resources:\n  Own: {{Type: AWS::S3::Bucket}}\n  Fn::Transform: {include}\n")


def test_another_macro_is_refused(folder):
    with pytest.raises(TemplateError, match="the macro Mine cannot be run here"):
        folder.load(API.replace("AWS::Include", "Mine"))


def test_a_definition_uri_names_a_local_file(folder):
    file = folder.write("api.yaml", DEFINITION)

    application = folder.load(
        f"{SAM}Resources:\n  Api:\n    Type: AWS::Serverless::Api\n"
        "    Properties: {StageName: dev, DefinitionUri: api.yaml}\n"
    )

    assert application.rest_apis[0].routes[0].resource_path == "/ping"
    assert application.watched_files == (folder.template, file)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "cannot read the API definition"),
        ("[]", "an API definition must be a mapping"),
        ("info: {title: {'Fn::Sub': a}}", "holds intrinsic functions"),
        ("paths: {}", "Invalid OpenAPI input."),
    ],
)
def test_a_definition_file_that_cannot_be_imported_is_refused(folder, content, problem):
    """Functions in it would not be resolved on AWS either."""
    if content is not None:
        folder.write("api.yaml", content)

    with pytest.raises(TemplateError) as error:
        folder.load(
            f"{SAM}Resources:\n  Api:\n    Type: AWS::Serverless::Api\n"
            "    Properties: {StageName: dev, DefinitionUri: api.yaml}\n"
        )

    assert problem in str(error.value)
