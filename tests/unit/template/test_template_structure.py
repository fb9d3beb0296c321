"""What CloudFormation checks before it creates anything."""

import pytest
from unit.template.template_folder import FUNCTION, SAM

from emulator.errors import TemplateError
from emulator.template import load_application

RESOURCES = f"{SAM}Resources:\n"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("", ": is empty (begin with Resources:)"),
        (" \n", ": is empty (begin with Resources:)"),
        ("- a", ":1: Template format error: a template is a mapping of sections"),
        ("text", ":1: Template format error: a template is a mapping of sections"),
        ("Resource: {}", ":1: Invalid template property or properties [Resource]"),
        ("Parameters: {}", "At least one Resources member must be defined."),
        ("Resources: {}", ":1: Template format error: At least one Resources member"),
        ("Resources: []", ":1: Template format error: At least one Resources member"),
        ("Resources:\n  A: []", ":2: A: Template format error: a resource must be a mapping"),
        ("Resources:\n  A: {}", ":2: A: Template format error: a resource must have a Type"),
        ("Resources:\n  A-B: {}", ":2: A-B: Resource name is non alphanumeric."),
        ("Resources:\n  Fn::ForEach::A: []", "Fn::ForEach needs a transform"),
        (
            "Resources:\n  A: {Type: AWS::S3::Bucket, Propertys: {}}",
            ":2: A: Invalid template resource property 'Propertys'",
        ),
        (
            "Resources:\n  A: {Type: AWS::S3::Bucket, Properties: []}",
            ":2: A: Properties must be a mapping",
        ),
        ("Conditions: []\nResources:\n  A: {Type: B}", ":1: Conditions must be a mapping"),
        (
            "Resources:\n  A: {Type: AWS::Serverless::Function}",
            ":2: A: Unrecognized resource types: [AWS::Serverless::Function] (add Transform:",
        ),
        ("Transform: Mine\nResources:\n  A: {Type: B}", ":1: the macro Mine cannot be run here"),
        (
            "Resources:\n  A: {Type: AWS::S3::Bucket, DependsOn: [B]}",
            ":2: A: Template format error: Unresolved resource dependencies [B]",
        ),
        (
            "Resources:\n  A: {Type: AWS::S3::Bucket, Condition: B}",
            ":2: A: Template format error: Unresolved condition dependency B",
        ),
        (
            "Resources:\n  A: {Type: AWS::S3::Bucket}\nOutputs:\n  B: {Value: !Ref C}",
            ":4: B: Template format error: Unresolved resource dependencies [C] in the Outputs",
        ),
        (
            "Resources:\n  A: {Type: AWS::S3::Bucket}\nOutputs:\n  B: {Description: a}",
            ":4: B: Template format error: an output needs a Value",
        ),
    ],
)
def test_a_malformed_template_is_refused_with_its_line(folder, template, problem):
    with pytest.raises(TemplateError) as error:
        folder.load(template)

    assert problem in str(error.value)
    assert str(error.value).startswith(str(folder.template))


@pytest.mark.parametrize("name", [".", "missing.yaml", "\0"])
def test_what_is_no_file_is_refused(tmp_path, name):
    with pytest.raises(TemplateError):
        load_application(tmp_path / name, parameters=(), region="us-east-1", account_id="1")


def test_every_complaint_of_the_translator_is_told_with_its_line(folder):
    """SAM's own words, one line for each resource."""
    with pytest.raises(TemplateError) as error:
        folder.load(
            RESOURCES
            + FUNCTION.replace("Hello", "First").replace("Handler", "Handle")
            + FUNCTION.replace("Hello", "Second")
            + "      Events: {A: {Type: Nope}}\n"
        )

    first, second = str(error.value).splitlines()
    assert first.startswith(f"{folder.template}:3: First: Resource with id [First] is invalid.")
    assert second.startswith(f"{folder.template}:9: Second: Resource with id [Second] is invalid.")


def test_resources_that_need_each_other_are_refused(folder):
    """The classic circle: a bucket notifies a function that is told the bucket's name."""
    template = (
        RESOURCES
        + "  Bucket: {Type: AWS::S3::Bucket}\n"
        + FUNCTION
        + "      Environment: {Variables: {BUCKET: !Ref Bucket}}\n"
        + "      Events: {A: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: 's3:*'}}}\n"
    )

    with pytest.raises(TemplateError) as error:
        folder.load(template)

    assert "Circular dependency between resources: [" in str(error.value)
    assert "Bucket" in str(error.value)
    assert "name one of them by a parameter" in str(error.value)


def test_a_circle_that_a_condition_opens_is_none(folder):
    application = folder.load(
        "Conditions: {Never: !Equals [a, b]}\n"
        "Resources:\n"
        "  One: {Type: AWS::S3::Bucket, Properties: {BucketName: !If [Never, !Ref Two, one]}}\n"
        "  Two: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub '${One}-two'}}\n"
    )

    assert [bucket.name for bucket in application.buckets] == ["one", "one-two"]


def test_a_condition_leaves_a_resource_and_its_output_out(folder):
    template = (
        "Parameters: {Keep: {Type: String, Default: 'yes'}}\n"
        "Conditions: {Kept: !Equals [!Ref Keep, 'yes']}\n"
        "Resources:\n"
        "  Always: {Type: AWS::S3::Bucket}\n"
        "  Sometimes: {Type: AWS::S3::Bucket, Condition: Kept}\n"
        "Outputs:\n"
        "  Name: {Value: !Ref Sometimes, Condition: Kept}\n"
    )

    kept, left_out = folder.load(template), folder.load(template, Keep="no")

    assert [bucket.name for bucket in kept.buckets] == ["always", "sometimes"]
    assert [(output.name, output.value) for output in kept.outputs] == [("Name", "sometimes")]
    assert [bucket.name for bucket in left_out.buckets] == ["always"]
    assert left_out.outputs == ()


def test_two_resources_cannot_have_one_name(folder):
    bucket = "{Type: AWS::S3::Bucket, Properties: {BucketName: same}}"

    with pytest.raises(TemplateError, match="same already exists: One has this name, too"):
        folder.load(f"Resources:\n  One: {bucket}\n  Two: {bucket}\n")
