"""How much AWS gives, and takes, at once."""

PAGE_SIZES = {
    "codebuild:ListProjects": 100,
    "codedeploy:ListApplications": 100,
    "codedeploy:ListDeploymentGroups": 100,
    "codepipeline:ListPipelineExecutions": 100,
    "codepipeline:ListPipelines": 1000,
    "ecr:DescribeRepositories": 100,
    "ecs:ListClusters": 100,
    "ecs:ListServices": 10,
    "ecs:ListTasks": 100,
    "elasticloadbalancing:DescribeListenerCertificates": 100,
    "elasticloadbalancing:DescribeListeners": 100,
    "elasticloadbalancing:DescribeLoadBalancers": 400,
    "elasticloadbalancing:DescribeRules": 100,
    "elasticloadbalancing:DescribeTargetGroups": 400,
    "kms:ListAliases": 50,
    "rds:DescribeDBClusters": 100,
    "rds:DescribeDBInstances": 100,
    "secretsmanager:ListSecrets": 100,
}
"""Items of a page where the caller names no number; EC2 then sends all."""

BATCHES = {
    "codebuild:BatchGetProjects": ("names", 100, "InvalidInputException"),
    "codedeploy:BatchGetApplications": ("applicationNames", 100, "BatchLimitExceededException"),
    "codedeploy:BatchGetDeploymentGroups": ("deploymentGroupNames", 100, "BatchLimitExceededException"),
    "ecr:BatchGetRepositoryScanningConfiguration": ("repositoryNames", 25, "ValidationException"),
    "ecs:DescribeClusters": ("clusters", 100, "InvalidParameterException"),
    "ecs:DescribeServices": ("services", 10, "InvalidParameterException"),
    "ecs:DescribeTasks": ("tasks", 100, "InvalidParameterException"),
    "elasticloadbalancing:DescribeTags": ("ResourceArns.member.", 20, "ValidationError"),
}
"""The list that a call takes, how long it may be, and what a longer one is answered with."""


def batch_excess(call) -> tuple[str, str] | None:
    """The error for a list that is too long."""
    if call.name not in BATCHES:
        return None
    member, most, code = BATCHES[call.name]
    if isinstance(call.parameters, dict):
        asked = len(call.parameters.get(member) or [])
    else:
        asked = sum(key.startswith(member) for key, _ in call.parameters)
    return (code, f"{member.split('.')[0]} can have at most {most} items") if asked > most else None
