"""Secrets, artifact bucket, build, deployment and pipeline."""

from .account import MAIN, REGION, Environment, pairs

BUCKET = f"dev-app-artifacts-{MAIN}"
OPEN_TO_NOBODY = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def build(env: Environment) -> None:
    """A release becomes an image, and the image a deployment."""
    secrets(env)
    bucket(env)
    project(env)
    group(env)
    pipeline(env)


def secrets(env: Environment) -> None:
    """The two secrets that are made by hand, hence without tags."""
    for name in ("emrimages", "github"):
        env.main.client("secretsmanager").create_secret(Name=name, SecretString="{}")


def bucket(env: Environment) -> None:
    """The pipeline's store."""
    s3 = env.main.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_public_access_block(Bucket=BUCKET, PublicAccessBlockConfiguration=OPEN_TO_NOBODY)
    encrypted = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration=encrypted)
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": pairs(env.tags())})


def project(env: Environment) -> None:
    """The build, started by GitHub's releases."""
    build = env.main.client("codebuild")
    build.create_project(
        name="dev-build",
        source={"type": "GITHUB", "location": "https://github.com/example/app.git"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": True,
            "environmentVariables": [
                {"name": "IMAGES", "value": "emrimages", "type": "SECRETS_MANAGER"},
                {"name": "GITHUB_TOKEN", "value": "github:token", "type": "SECRETS_MANAGER"},
                {"name": "STAGE", "value": "dev", "type": "PLAINTEXT"},
            ],
        },
        serviceRole=env.build_role,
        tags=pairs(env.tags(), "key", "value"),
    )
    build.create_webhook(projectName="dev-build", filterGroups=[[{"type": "EVENT", "pattern": "RELEASED"}]])


def group(env: Environment) -> None:
    """The deployment group that shifts the backend between its target groups, and one deployment of it."""
    deploy = env.main.client("codedeploy")
    deploy.create_application(applicationName="dev-app", computePlatform="ECS", tags=pairs(env.tags()))
    names = [{"name": "dev-backend-blue"}, {"name": "dev-backend-green"}]
    pair = {"targetGroups": names, "prodTrafficRoute": {"listenerArns": [env.listener]}}
    deploy.create_deployment_group(
        applicationName="dev-app",
        deploymentGroupName="dev-backend",
        deploymentConfigName="CodeDeployDefault.ECSAllAtOnce",
        serviceRoleArn=env.deploy_role,
        deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        ecsServices=[{"clusterName": "dev-app", "serviceName": "backend"}],
        loadBalancerInfo={"targetGroupPairInfoList": [pair]},
        tags=pairs(env.tags()),
    )
    revision = {"revisionType": "S3", "s3Location": {"bucket": BUCKET, "key": "appspec.yaml", "bundleType": "YAML"}}
    deploy.create_deployment(applicationName="dev-app", deploymentGroupName="dev-backend", revision=revision)


def pipeline(env: Environment) -> None:
    """Source, build, deploy; one execution that succeeded."""
    code = env.main.client("codepipeline")
    code.create_pipeline(pipeline=definition(env), tags=pairs(env.tags(), "key", "value"))
    code.start_pipeline_execution(name="dev-app")


def definition(env: Environment) -> dict:
    """The pipeline's stages."""
    return {
        "name": "dev-app",
        "roleArn": env.pipeline_role,
        "artifactStore": {"type": "S3", "location": BUCKET},
        "stages": [
            stage(
                "Source",
                "CodeStarSourceConnection",
                [],
                ["source"],
                ConnectionArn=f"arn:aws:codestar-connections:{REGION}:{MAIN}:connection/00000000-0000-4000-8000-000000000001",
                FullRepositoryId="example/app",
                BranchName="main",
            ),
            stage("Build", "CodeBuild", ["source"], ["image"], ProjectName="dev-build"),
            stage(
                "Deploy",
                "CodeDeployToECS",
                ["image"],
                [],
                ApplicationName="dev-app",
                DeploymentGroupName="dev-backend",
                TaskDefinitionTemplateArtifact="image",
                AppSpecTemplateArtifact="image",
            ),
        ],
    }


def stage(name: str, provider: str, inputs: list[str], outputs: list[str], **configuration: str) -> dict:
    """A stage of one action."""
    action = {
        "name": name,
        "actionTypeId": {"category": name, "owner": "AWS", "provider": provider, "version": "1"},
        "runOrder": 1,
        "configuration": configuration,
        "inputArtifacts": [{"name": artifact} for artifact in inputs],
        "outputArtifacts": [{"name": artifact} for artifact in outputs],
    }
    return {"name": name, "actions": [action]}
