"""Intrinsic functions, as they come out in the environment of a function."""

import pytest

from emulator.errors import TemplateError

PARAMETERS = """\
Parameters:
  Stage: {Type: String, Default: dev}
  Number: {Type: Number, Default: 3600}
  List: {Type: CommaDelimitedList, Default: "a, b ,c"}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
Mappings:
  Sizes:
    dev: {Memory: 128, Zones: [x, y]}
"""
EXTENSIONS = "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("3600", "3600"),
        ("true", "true"),
        ("1.50", "1.5"),
        ("!Ref Stage", "dev"),
        ("!Ref Number", "3600"),
        ("!Ref AWS::Region", "eu-west-1"),
        ("!Ref AWS::AccountId", "123456789012"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        ("!Sub '${Stage}-${AWS::Region}-${!Literal}'", "dev-eu-west-1-${Literal}"),
        ("!Sub ['${Own}-${Stage}', {Own: !Ref Number}]", "3600-dev"),
        ("!Sub 'no variables, $ and } stay'", "no variables, $ and } stay"),
        ("!Join [':', [a, !Ref Stage, 1]]", "a:dev:1"),
        ("!Join ['', !Ref List]", "abc"),
        ("!Select [1, !Ref List]", "b"),
        ("!Select ['2', [a, b, c]]", "c"),
        ("!Select [1, !Split ['/', 'a/b/c']]", "b"),
        ("!If [IsProd, a, b]", "b"),
        ("!If [IsDev, !If [IsProd, a, b], c]", "b"),
        ("!FindInMap [Sizes, !Ref Stage, Memory]", "128"),
        ("!Join ['', !FindInMap [Sizes, dev, Zones]]", "xy"),
        ("!Base64 text", "dGV4dA=="),
        ("!Base64 {'Fn::Sub': '${Stage}'}", "ZGV2"),
        ("!Select [0, !GetAZs '']", "eu-west-1a"),
        ("!Select [1, !GetAZs us-east-1]", "us-east-1b"),
        ("!Select [1, !Cidr [10.0.0.0/16, 2, 8]]", "10.0.1.0/24"),
        ("!Select [1, !Cidr ['2001:db8::/32', 2, 64]]", "2001:db8:0:1::/64"),
    ],
)
def test_functions_give_the_text_of_cloudformation(folder, written, expected):
    """Numbers and booleans reach a function as text."""
    assert folder.variables(f"VALUE: {written}", PARAMETERS) == {"VALUE": expected}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("!Length {Ref: List}", "3"),
        ("!ToJsonString {A: !Ref Number, B: [1, true]}", '{"A":"3600","B":[1,true]}'),
        ("!FindInMap [Sizes, prod, Memory, {DefaultValue: 1}]", "1"),
    ],
)
def test_language_extensions_need_their_transform(folder, written, expected):
    """A function of the extensions is refused without it, as on AWS.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
    """
    with pytest.raises(TemplateError, match="add Transform: AWS::LanguageExtensions"):
        folder.variables(f"VALUE: {written}", PARAMETERS)

    template = folder.template.read_text()
    application = folder.load(
        template.replace("Transform: AWS::Serverless-2016-10-31\n", EXTENSIONS)
    )

    assert dict(application.functions[0].environment) == {"VALUE": expected}


def test_no_value_takes_its_key_away(folder):
    yaml = "KEPT: a\nGONE: !If [IsProd, x, !Ref AWS::NoValue]"

    assert folder.variables(yaml, PARAMETERS) == {"KEPT": "a"}


def test_the_branch_that_is_not_taken_is_not_resolved(folder):
    yaml = "VALUE: !If [IsProd, !FindInMap [Sizes, none, none], fine]"

    assert folder.variables(yaml, PARAMETERS) == {"VALUE": "fine"}


def test_conditions_combine(folder):
    """``And``, ``Or``, ``Not`` and ``Equals``, whose sides are compared as text."""
    before = PARAMETERS.replace(
        "Mappings:",
        "  Both: !And [!Condition IsDev, !Equals [!Ref Number, 3600]]\n"
        "  Either: !Or [!Condition IsProd, !Equals [true, 'true']]\n"
        "  Neither: !Not [!Or [!Condition IsDev, !Condition IsProd]]\n"
        "Mappings:",
    )
    yaml = "\n".join(f"{name}: !If [{name}, 1, 0]" for name in ("Both", "Either", "Neither"))

    assert folder.variables(yaml, before) == {"Both": "1", "Either": "1", "Neither": "0"}


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("!Ref Nope", "Unresolved resource dependencies [Nope] in the Resources block"),
        ("!Ref [a]", "Ref needs a name"),
        ("!Sub '${Nope}'", "Unresolved resource dependencies [Nope]"),
        ("!Sub '${Nope.Arn}'", "Unresolved resource dependencies [Nope]"),
        ("!Sub '${}'", "variable names in Fn::Sub syntax must contain only alphanumeric"),
        ("!Sub '${a b}'", "variable names in Fn::Sub syntax must contain only alphanumeric"),
        ("!Sub '${List}'", "Fn::Sub: ${List} must be a string"),
        ("!Sub [a]", "Fn::Sub needs a text, or a list of a text and its variables"),
        ("!GetAtt Bucket.Nope", "resource Bucket does not support attribute type Nope"),
        ("!GetAtt Bucket", "Fn::GetAtt needs a resource and an attribute"),
        ("!GetAtt Nope.Arn", "Unresolved resource dependencies [Nope]"),
        ("!Join [a]", "Fn::Join needs a list of two"),
        ("!Join [a, b]", "Fn::Join object requires two parameters"),
        ("!Join [a, [[b]]]", "Fn::Join must be a string"),
        ("!Select [9, [a]]", "Fn::Select cannot select nonexistent value at index 9"),
        ("!Select [x, [a]]", "Fn::Select requires an index and a list"),
        ("!Split ['', a]", "Fn::Split needs a delimiter"),
        ("!Base64 [a]", "Fn::Base64 must be a string"),
        ("!Cidr [10.0.0.0/24, 9, 6]", "10.0.0.0/24 has no 9 blocks of /26"),
        ("!Cidr [nonsense, 1, 1]", "Fn::Cidr: 'nonsense'"),
        ("!Cidr [10.0.0.0/24, 999, 4]", "the count must be between 1 and 256"),
        ("!FindInMap [Sizes, prod, Memory]", "Unable to get mapping for Sizes::prod::Memory"),
        ("!FindInMap [Sizes]", "Fn::FindInMap needs a mapping and two keys"),
        ("!If [Nope, a, b]", "Unresolved condition dependency Nope"),
        ("!If [IsProd, a]", "Fn::If needs a condition and two values"),
        ("!ImportValue other", "there is no other stack that exports other"),
        ("{'Fn::Nope': 1}", "the intrinsic function Fn::Nope is not supported"),
        ("{'Fn::Sub': a, other: b}", "other keys beside Fn::Sub"),
        ("{'Fn::Transform': {Name: Mine}}", "the macro Mine cannot be run here"),
        ("[a]", "Value of property VALUE must be of type String"),
        ("", "'null' values are not allowed in templates"),
    ],
)
def test_wrong_use_names_file_line_and_resource(folder, written, problem):
    with pytest.raises(TemplateError) as error:
        folder.variables(f"KEPT: a\nVALUE: {written}", PARAMETERS)

    written_at = folder.template.read_text().splitlines().index(f"          VALUE: {written}") + 1
    assert problem in str(error.value)
    assert str(error.value).startswith(f"{folder.template}:{written_at}: Hello: ")


@pytest.mark.parametrize(
    ("conditions", "problem"),
    [
        ("A: !Not [!Condition B]\n  B: !Not [!Condition A]", "circular condition: A -> B -> A"),
        ("A: !Condition A", "circular condition: A -> A"),
        ("A: !Equals [!Ref Hello, x]", "Unresolved resource dependencies [Hello]"),
        ("A: !Equals [a]", "Fn::Equals needs a list of two values"),
        ("A: !And [!Condition B]", "Fn::And needs a list of 2 to 10 conditions"),
        ("A: !Not []", "Fn::Not needs a list of one condition"),
        ("A: perhaps", "a condition must be true or false"),
        ("A: !Condition Nope", "Unresolved condition dependency Nope"),
    ],
)
def test_every_condition_is_checked(folder, conditions, problem):
    """Also those that nothing uses, as on AWS."""
    with pytest.raises(TemplateError) as error:
        folder.variables("VALUE: 1", f"Conditions:\n  {conditions}\n")

    assert problem in str(error.value)
    assert str(error.value).startswith(f"{folder.template}:")
