"""What moto lacks, one file a service: each makes moto's own classes answer as AWS documents."""

from . import codebuild, codedeploy, codepipeline, crowd, dynamodb, ec2, ecr, ecs, eks, elbv2, route53, s3

SERVICES = (ec2, elbv2, ecr, ecs, eks, dynamodb, route53, s3, codebuild, codedeploy, codepipeline)


def install() -> None:
    """Puts every extension in place."""
    for service in SERVICES:
        service.install()


def forget() -> None:
    """Forgets what extensions keep beside moto's own state."""
    elbv2.forget()


__all__ = ["SERVICES", "crowd", "eks", "elbv2", "forget", "install"]
