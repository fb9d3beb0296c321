"""Template parameters and CloudFormation's checks of their values."""

import pytest

from emulator.errors import TemplateError

BUCKET = "Resources:\n  Bucket: {Type: AWS::S3::Bucket}\n"


def declare(declaration):
    return f"Parameters:\n  Size: {declaration}\n{BUCKET}"


@pytest.mark.parametrize(
    ("declaration", "value"),
    [
        ("{Type: String, Default: a}", "a"),
        ("{Type: String, Default: ''}", ""),
        ("{Type: Number, Default: 3600}", "3600"),
        ("{Type: String, Default: True}", "true"),
        ("{Type: 'List<Number>', Default: '1, 2'}", "1,2"),
        ("{Type: CommaDelimitedList, Default: 'a,b'}", "a,b"),
        ("{Type: 'AWS::EC2::VPC::Id', Default: vpc-1}", "vpc-1"),
        ("{Type: String, Default: dev, AllowedValues: [dev, prod]}", "dev"),
        ("{Type: Number, Default: 5, MinValue: 1, MaxValue: 5}", "5"),
        ("{Type: String, Default: ab, MinLength: 2, MaxLength: 2}", "ab"),
        ("{Type: String, Default: a1, AllowedPattern: '[a-z0-9]+', NoEcho: true}", "a1"),
    ],
)
def test_defaults_are_taken_as_text(folder, declaration, value):
    assert folder.load(declare(declaration)).parameters == (("Size", value),)


def test_a_given_value_wins_over_the_default(folder):
    application = folder.load(declare("{Type: Number, Default: 1}"), Size="2")

    assert application.parameters == (("Size", "2"),)


@pytest.mark.parametrize(
    ("declaration", "given", "problem"),
    [
        ("{Type: String}", {}, "Parameters: [Size] must have values (give --parameter Size=VALUE)"),
        ("{Type: Number}", {"Size": "x"}, "Parameter 'Size' must be a number."),
        ("{Type: 'List<Number>'}", {"Size": "1,x"}, "Parameter 'Size' must be a number."),
        (
            "{Type: String, AllowedValues: ['True', 'False']}",
            {"Size": "true"},
            "Parameter 'Size' must be one of AllowedValues (allowed: True, False)",
        ),
        (
            "{Type: String, AllowedPattern: '[a-z]+'}",
            {"Size": "A"},
            "Parameter 'Size' must match pattern [a-z]+",
        ),
        (
            "{Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: letters only}",
            {"Size": "1"},
            "Parameter 'Size' failed to satisfy constraint: letters only",
        ),
        (
            "{Type: String, MinLength: 2}",
            {"Size": "a"},
            "Parameter 'Size' must contain at least 2 characters",
        ),
        (
            "{Type: String, MaxLength: 2}",
            {"Size": "abc"},
            "Parameter 'Size' must contain at most 2 characters",
        ),
        (
            "{Type: Number, MinValue: 1}",
            {"Size": "0"},
            "Parameter 'Size' must be a number not less than 1",
        ),
        (
            "{Type: Number, MaxValue: 604800}",
            {"Size": "604801"},
            "Parameter 'Size' must be a number not greater than 604800",
        ),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_in_the_words_of_aws(
    folder, declaration, given, problem
):
    with pytest.raises(TemplateError) as error:
        folder.load(declare(declaration), **given)

    assert str(error.value) == f"{folder.template}:2: Size: {problem}"


def test_a_value_for_no_parameter_is_refused(folder):
    with pytest.raises(TemplateError) as error:
        folder.load(declare("{Type: String, Default: a}"), Sise="b")

    assert str(error.value) == (
        f"{folder.template}:1: Parameters: [Sise] do not exist in the template (it has Size)"
    )


@pytest.mark.parametrize(
    ("declaration", "problem"),
    [
        ("{Default: a}", "every parameter needs a Type"),
        ("a", "every parameter needs a Type"),
        ("{Type: String, Defualt: a}", "Invalid template parameter property 'Defualt'"),
        ("{Type: String, Default: [a]}", "the Default of a parameter must be a string"),
        ("{Type: String, Default: a, AllowedPattern: '('}", "AllowedPattern: missing )"),
        ("{Type: String, Default: a, MinLength: x}", "MinLength: invalid literal for int()"),
        ("{Type: String, Default: a, AllowedValues: 1}", "AllowedValues: 'int' object"),
    ],
)
def test_a_wrong_declaration_is_refused(folder, declaration, problem):
    with pytest.raises(TemplateError) as error:
        folder.load(declare(declaration))

    assert problem in str(error.value)


def test_a_key_of_the_parameter_store_is_noted(folder):
    application = folder.load(
        declare("{Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/b}")
    )

    assert application.parameters == (("Size", "/a/b"),)
    assert [(note.place, note.level, note.line) for note in application.support_notes] == [
        ("Size", "unsupported", 2)
    ]
