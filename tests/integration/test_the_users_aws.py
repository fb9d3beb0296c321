"""What the user has set up for AWS is not the emulator's business."""

from tests.running import Emulator

_TEMPLATE = "Resources: {Jobs: {Type: 'AWS::SQS::Queue'}}\n"


def test_the_users_profile_is_left_alone(tmp_path, monkeypatch):
    """A profile or a settings file that botocore cannot use does not keep an emulator from SQS."""
    (tmp_path / "template.yaml").write_text(_TEMPLATE)
    (tmp_path / "config").write_text("[profile broken\n")
    emulator = Emulator(tmp_path, template=tmp_path / "template.yaml")
    try:
        with monkeypatch.context() as environment:
            environment.setenv("AWS_PROFILE", "not-there")
            environment.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
            emulator.start()
        sqs = emulator.client("sqs")

        assert sqs.get_queue_url(QueueName="Jobs")["QueueUrl"].endswith("/Jobs")
    finally:
        emulator.stop()
