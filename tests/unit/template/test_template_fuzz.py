"""Whatever a template holds: an application, or an error that names what is wrong."""

import copy

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.application import Application
from emulator.errors import TemplateError

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
Conditions:
  IsProd: {'Fn::Equals': [{Ref: Stage}, prod]}
Mappings:
  Sizes: {dev: {Memory: 128}, prod: {Memory: 256}}
Globals:
  Function: {Runtime: python3.13, CodeUri: src/, Timeout: 10}
  Api: {Cors: "'*'"}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties: {StageName: {Ref: Stage}, BinaryMediaTypes: [image~1png]}
  Plan:
    Type: AWS::ApiGateway::UsagePlan
    Properties:
      ApiStages: [{ApiId: {Ref: Api}, Stage: {Ref: Stage}}]
      Quota: {Limit: 10, Period: DAY}
  Defined:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body:
        swagger: '2.0'
        securityDefinitions: {key: {type: apiKey, name: x-api-key, in: header}}
        x-amazon-apigateway-gateway-responses:
          DEFAULT_4XX: {statusCode: 418, responseParameters: {gatewayresponse.header.A: "'b'"}}
        paths:
          /a:
            get:
              security: [{key: []}]
              x-amazon-apigateway-integration:
                type: aws_proxy
                httpMethod: POST
                uri:
                  Fn::Sub: arn:a:path/2015-03-31/functions/${Hello.Arn}/invocations
            options:
              x-amazon-apigateway-integration:
                type: mock
                requestTemplates: {application/json: '{"statusCode": 200}'}
                responses: {default: {statusCode: '200', responseParameters: {a: "'b'"}}}
  Stage1:
    Type: AWS::ApiGateway::Stage
    Properties: {RestApiId: {Ref: Defined}, StageName: x, Variables: {a: b}}
  Part:
    Type: AWS::ApiGateway::Resource
    Properties:
      RestApiId: {Ref: Defined}
      ParentId: {'Fn::GetAtt': [Defined, RootResourceId]}
      PathPart: b
  PartGet:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: {Ref: Defined}
      ResourceId: {Ref: Part}
      HttpMethod: GET
      Integration: {Type: MOCK, IntegrationResponses: [{StatusCode: 200}]}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: app.handler
      MemorySize: {'Fn::FindInMap': [Sizes, {Ref: Stage}, Memory]}
      Layers: [{Ref: Lib}]
      AutoPublishAlias: live
      Environment:
        Variables:
          TABLE: {Ref: Table}
          URL: {'Fn::Join': ['/', [a, {'Fn::If': [IsProd, b, c]}]]}
      EventInvokeConfig: {MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60}
      Events:
        Get: {Type: Api, Properties: {Path: '/x/{id}', Method: get, RestApiId: {Ref: Api}}}
        Made:
          Type: S3
          Properties:
            Bucket: {Ref: Bucket}
            Events: ['s3:ObjectCreated:*']
            Filter: {S3Key: {Rules: [{Name: prefix, Value: a}]}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 minute), Input: '{}'}}
        Tock: {Type: ScheduleV2, Properties: {ScheduleExpression: 'cron(0 12 * * ? *)'}}
  Inline:
    Type: AWS::Lambda::Function
    Condition: IsProd
    DependsOn: Table
    Properties: {Handler: index.handler, Runtime: nodejs20.x, Role: a, Code: {ZipFile: 'a'}}
  Lib: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: src/}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: {'Fn::Sub': ['${A}-${Stage}', {A: files}]}
      CorsConfiguration: {CorsRules: [{AllowedMethods: [GET], AllowedOrigins: ['*'], MaxAge: 1}]}
      PublicAccessBlockConfiguration: {BlockPublicAcls: true}
      VersioningConfiguration: {Status: Enabled}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: id, AttributeType: S}
        - {AttributeName: at, AttributeType: N}
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: by-time
          KeySchema: [{AttributeName: at, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      TimeToLiveSpecification: {Enabled: true, AttributeName: at}
Outputs:
  Url: {Value: {'Fn::Sub': 'https://${Api}.execute-api.${AWS::Region}.amazonaws.com/'}}
"""
DOCUMENT = yaml.safe_load(TEMPLATE)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-5, 1000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "*", "Hello", "Table", "IsProd", "AWS::NoValue", "AWS::S3::Bucket", "\0"]
    )
    | st.text(max_size=5)
)
FUNCTIONS = st.sampled_from(
    [
        *("Ref", "Condition", "Fn::Sub", "Fn::GetAtt", "Fn::If", "Fn::Join", "Fn::Select"),
        *("Fn::Split", "Fn::FindInMap", "Fn::Equals", "Fn::Not", "Fn::Cidr", "Fn::Transform"),
        *("Fn::Base64", "Fn::GetAZs", "Fn::Length", "Fn::ToJsonString", "Fn::Nope"),
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(FUNCTIONS | st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)


def spots(value, path=()):
    """List the paths of all parts of a document."""
    yield path
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from spots(item, (*path, key))


SPOTS = [path for path in spots(DOCUMENT) if path]


@st.composite
def mutated_documents(draw):
    """The template with a few parts replaced, removed, renamed or repeated elsewhere."""
    document = copy.deepcopy(DOCUMENT)
    for path in draw(st.lists(st.sampled_from(SPOTS), min_size=1, max_size=3)):
        mutate(
            document, path, draw(st.sampled_from(["replace", "remove", "rename", "repeat"])), draw
        )
    return document


def mutate(document, path, how, draw):
    around, part = document, path[-1]
    try:
        for key in path[:-1]:
            around = around[key]
        before = around[part]
    except (KeyError, IndexError, TypeError):
        return  # an earlier mutation took it away
    if isinstance(around, str):
        return
    if how == "replace":
        around[part] = draw(VALUES)
    elif how == "remove" or isinstance(around, list):
        del around[part]
    elif how == "rename":
        around[draw(FUNCTIONS | st.text(max_size=4))] = around.pop(part)
    else:
        around[part] = [before, before]


@given(document=mutated_documents())
@settings(
    max_examples=150,
    deadline=None,  # the first example loads the translator
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_mutated_template_is_an_application_or_an_error(folder, document):
    """Never a traceback, and every error names the template."""
    text = yaml.safe_dump(document, allow_unicode=True)
    try:
        outcome = folder.load(text)
    except TemplateError as error:
        outcome = error

    assert isinstance(outcome, Application) or str(outcome).startswith(str(folder.path))


@given(text=st.text() | st.binary().map(lambda content: content.decode("latin-1")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_an_error(folder, text):
    with pytest.raises(TemplateError):
        folder.load(text.encode("utf-8", "replace").decode())


def test_the_template_that_is_mutated_is_fine(folder):
    assert folder.load(TEMPLATE).functions[0].name == "Hello"
