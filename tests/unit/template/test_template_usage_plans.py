"""Usage plans and the API keys that they have."""

from unit.template.template_folder import FUNCTION, SAM

PLANS = """\
  Open: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true, Value: open-key}}
  Closed: {Type: AWS::ApiGateway::ApiKey, Properties: {Value: closed-key}}
  Made: {Type: AWS::ApiGateway::ApiKey, Properties: {Enabled: true}}
  Plan:
    Type: AWS::ApiGateway::UsagePlan
    Properties:
      ApiStages: [{ApiId: !Ref ServerlessRestApi, Stage: Prod}]
"""
LINK = "  Link{0}: {{Type: AWS::ApiGateway::UsagePlanKey, Properties: {1}}}\n"


def test_enabled_keys_with_a_value_belong_to_their_plan(folder):
    """A disabled key is none, and the value that AWS would make up is not known."""
    links = "".join(
        LINK.format(name, f"{{KeyId: !Ref {name}, KeyType: API_KEY, UsagePlanId: !Ref Plan}}")
        for name in ("Open", "Closed", "Made")
    )
    events = "      Events: {A: {Type: Api, Properties: {Path: /a, Method: get}}}\n"
    application = folder.load(f"{SAM}Resources:\n{FUNCTION}{events}{PLANS}{links}")

    assert application.usage_plans[0].api_keys == ("open-key",)
    assert application.usage_plans[0].api_logical_ids == ("ServerlessRestApi",)
    assert [note for note in application.support_notes if note.level == "unsupported"] == []
