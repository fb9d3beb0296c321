"""``Fn::ForEach``, as CloudFormation's documentation shows it."""

import pytest
from unit.template.template_folder import SAM

from emulator.errors import TemplateError

EXTENDED = "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n"
BUCKETS = """\
Resources:
  Fn::ForEach::Buckets:
    - Identifier
    - {collection}
    - Bucket&{{Identifier}}:
        Type: AWS::S3::Bucket
        Properties: {{BucketName: !Sub "${{Identifier}}-${{AWS::Region}}"}}
"""


def test_a_loop_makes_resources(folder):
    """Key and value take each item; of a logical ID, its letters and digits."""
    application = folder.load(EXTENDED + BUCKETS.format(collection="[first, sec-ond]"))
    made = [(bucket.logical_id, bucket.name) for bucket in application.buckets]

    assert made == [("Bucketfirst", "first-eu-west-1"), ("Bucketsecond", "sec-ond-eu-west-1")]


def test_the_collection_can_be_a_parameter(folder):
    parameters = "Parameters:\n  Names: {Type: CommaDelimitedList, Default: 'a,b'}\n"
    template = EXTENDED + parameters + BUCKETS.format(collection="!Ref Names")
    made = [bucket.logical_id for bucket in folder.load(template, Names="x,y,z").buckets]

    assert made == ["Bucketx", "Buckety", "Bucketz"]


def test_loops_within_loops(folder):
    """The inner collection may depend on the outer item, and Ref gives the item."""
    template = f"""\
{EXTENDED}Mappings:
  Sizes: {{one: {{Of: [s, m]}}, two: {{Of: [l]}}}}
Resources:
  Fn::ForEach::Outer:
    - Shop
    - [one, two]
    - Fn::ForEach::Inner:
        - Size
        - !FindInMap [Sizes, !Ref Shop, Of]
        - Bucket${{Shop}}${{Size}}:
            Type: AWS::S3::Bucket
            Properties: {{BucketName: !Join ["-", [!Ref Shop, !Ref Size]]}}
"""
    made = {bucket.logical_id: bucket.name for bucket in folder.load(template).buckets}

    assert made == {"Bucketones": "one-s", "Bucketonem": "one-m", "Buckettwol": "two-l"}


def test_loops_make_properties_conditions_and_outputs(folder):
    template = f"""\
{EXTENDED}Conditions:
  Fn::ForEach::Conditions: [Name, [A, B], {{"Is${{Name}}": !Equals [!Ref Name, A]}}]
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      Runtime: python3.13
      CodeUri: src/
      Environment:
        Variables:
          Fn::ForEach::Variables: [Name, [A, B], {{"NAME_${{Name}}": !If ["Is${{Name}}", y, n]}}]
Outputs:
  Fn::ForEach::Outputs: [Name, [A, B], {{"Out${{Name}}": {{Value: !Ref Name}}}}]
"""
    application = folder.load(template)

    assert application.functions[0].environment == (("NAME_A", "y"), ("NAME_B", "n"))
    assert [(output.name, output.value) for output in application.outputs] == [
        ("OutA", "A"),
        ("OutB", "B"),
    ]


def test_what_a_loop_has_substituted_is_plain_text_for_sam(folder):
    """SAM takes no function in the path of an event."""
    template = f"""\
{EXTENDED}Resources:
  Fn::ForEach::Functions:
    - Name
    - [alpha, beta]
    - ${{Name}}Function:
        Type: AWS::Serverless::Function
        Properties:
          Handler: app.handler
          Runtime: python3.13
          CodeUri: src/
          Events: {{Get: {{Type: Api, Properties: {{Path: !Sub "/${{Name}}", Method: get}}}}}}
"""
    api = folder.load(template).rest_apis[0]

    assert sorted(route.resource_path for route in api.routes) == ["/alpha", "/beta"]


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        (SAM + BUCKETS.format(collection="[a]"), ":3: Fn::ForEach::Buckets: Fn::ForEach needs"),
        (EXTENDED + "Resources:\n  Fn::ForEach::A: []\n", ":3: Fn::ForEach::A: Fn::ForEach needs"),
        (
            EXTENDED + BUCKETS.format(collection="one"),
            ":5: Fn::ForEach::Buckets: the collection of Fn::ForEach must be a list of texts",
        ),
        (EXTENDED + BUCKETS.format(collection="!Ref Nope"), ":5: Fn::ForEach::Buckets: "),
        (
            EXTENDED + BUCKETS.format(collection="[a, a]"),
            ":3: Fn::ForEach::Buckets: Fn::ForEach::Buckets makes Bucketa twice",
        ),
        (
            EXTENDED + BUCKETS.format(collection="[a]") + "  Bucketa: {Type: AWS::S3::Bucket}\n",
            "makes Bucketa, which is there already",
        ),
        (
            EXTENDED + BUCKETS.format(collection="[Not_Valid]").replace("&", "$"),
            ":3: BucketNot_Valid: Resource name is non alphanumeric.",
        ),
    ],
)
def test_a_wrong_loop_is_refused_with_its_line(folder, template, problem):
    with pytest.raises(TemplateError) as error:
        folder.load(template)

    assert problem in str(error.value)
