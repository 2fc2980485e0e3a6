//! What the managed policies of AWS grant, as far as it matters for scope and flows.
//!
//! Comes in: the name of a policy. Goes out: the actions that it allows, on every resource.
//! As of 2026-11-24. What is marked below was compared with the policies as the repository zoph-io/MAMIP keeps them, day by day, of what
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html> shows; the rest is a whole service by its name.
//! Only what matters here is written out: what a policy grants on resources of its own naming (`function:SecretsManager*`) is left out.

/// A managed policy of AWS.
#[derive(Clone, Copy, Debug)]
pub struct ManagedPolicy {
    /// The last part of its ARN.
    pub name: &'static str,
    /// Its reach is what a service needs to run something, nothing of the application's data: it does not widen a role.
    pub execution: bool,
    pub allows: &'static [&'static str],
}

const fn execution(name: &'static str, allows: &'static [&'static str]) -> ManagedPolicy {
    ManagedPolicy { name, execution: true, allows }
}

const fn broad(name: &'static str, allows: &'static [&'static str]) -> ManagedPolicy {
    ManagedPolicy { name, execution: false, allows }
}

/// A few dozen: looked through from the front.
const POLICIES: &[ManagedPolicy] = &[
    broad("AWSCodeCommitFullAccess", &["codecommit:*"]),
    broad("AWSLambdaExecute", &["logs:*", "s3:GetObject", "s3:PutObject"]),
    execution("AWSAppSyncPushToCloudWatchLogs", &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]),
    broad("AWSCloudFormationFullAccess", &["cloudformation:*"]),
    // Its reads of objects are held to tags and paths of deployments.
    execution("AWSCodeDeployRoleForLambda", &["lambda:UpdateAlias", "lambda:GetAlias", "sns:Publish", "cloudwatch:DescribeAlarms"]),
    execution("AWSLambdaBasicDurableExecutionRolePolicy", &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]),
    // Machines of Lambda's own, which a condition holds it to.
    execution("AWSLambdaManagedEC2ResourceOperator", &["ec2:Describe*", "ec2:CreateNetworkInterface"]),
    broad("AWSLambdaRole", &["lambda:InvokeFunction"]),
    execution("AWSGlueServiceRole", &["glue:*", "s3:ListBucket", "s3:GetBucketLocation", "ec2:CreateNetworkInterface"]),
    execution("AmazonRDSEnhancedMonitoringRole", &["logs:PutLogEvents"]),
    execution("AmazonS3ObjectLambdaExecutionRolePolicy", &["logs:PutLogEvents", "s3-object-lambda:WriteGetObjectResponse"]),
    execution("AmazonSSMDirectoryServiceAccess", &["ds:CreateComputer", "ds:DescribeDirectories"]),
    execution(
        "AmazonEC2ContainerServiceforEC2Role",
        &["ecs:RegisterContainerInstance", "ecs:Poll", "ecs:Submit*", "ecr:BatchGetImage", "logs:PutLogEvents"],
    ),
    broad(
        "AmazonElasticMapReduceforEC2Role",
        &["dynamodb:*", "s3:*", "sqs:*", "sns:*", "kinesis:GetRecords", "kinesis:PutRecord", "kinesis:DeleteStream", "glue:GetTable"],
    ),
    broad(
        "AmazonElasticMapReduceRole",
        &["ec2:RunInstances", "ec2:TerminateInstances", "iam:PassRole", "s3:Get*", "s3:List*", "sqs:ReceiveMessage", "sqs:PurgeQueue"],
    ),
    broad("AmazonRedshiftDataFullAccess", &["redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement"]),
    broad("AWSLambdaFullAccess", &["lambda:*", "s3:*", "dynamodb:*", "sqs:*", "sns:*", "kinesis:*", "iam:PassRole"]),
    broad("AWSLambda_FullAccess", &["lambda:*", "iam:PassRole"]),
    broad("AWSLambda_ReadOnlyAccess", &["lambda:Get*", "lambda:List*"]),
    broad("AWSStepFunctionsFullAccess", &["states:*"]),
    execution("AWSXRayDaemonWriteAccess", &["xray:PutTraceSegments", "xray:PutTelemetryRecords"]),
    execution("AWSXrayWriteOnlyAccess", &["xray:PutTraceSegments", "xray:PutTelemetryRecords"]),
    broad("AdministratorAccess", &["*"]),
    // Not compared with the policy itself.
    broad("AdministratorAccess-Amplify", &["amplify:*", "iam:AttachRolePolicy", "iam:CreateRole", "iam:PassRole", "iam:PutRolePolicy"]),
    broad("AmazonAPIGatewayInvokeFullAccess", &["execute-api:Invoke", "execute-api:ManageConnections"]),
    execution("AmazonAPIGatewayPushToCloudWatchLogs", &["logs:PutLogEvents"]),
    broad("AmazonBedrockFullAccess", &["bedrock:*"]),
    broad("AmazonBedrockReadOnly", &["bedrock:Get*", "bedrock:List*"]),
    broad("AmazonCognitoPowerUser", &["cognito-idp:*", "cognito-identity:*"]),
    broad("AmazonDynamoDBFullAccess", &["dynamodb:*"]),
    broad("AmazonDynamoDBFullAccess_v2", &["dynamodb:*"]),
    broad("AmazonDynamoDBReadOnlyAccess", &["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan"]),
    broad("AmazonEC2ContainerRegistryFullAccess", &["ecr:*"]),
    execution("AmazonEC2ContainerRegistryReadOnly", &["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]),
    broad("AmazonEC2FullAccess", &["ec2:*"]),
    broad("AmazonEC2ReadOnlyAccess", &["ec2:Describe*"]),
    execution("AmazonECSTaskExecutionRolePolicy", &["ecr:GetAuthorizationToken", "ecr:BatchGetImage", "logs:PutLogEvents"]),
    execution("AmazonEKSClusterPolicy", &[]),
    execution("AmazonEKSWorkerNodePolicy", &[]),
    execution("AmazonEKS_CNI_Policy", &[]),
    broad("AmazonEventBridgeFullAccess", &["events:*", "schemas:*", "scheduler:*", "pipes:*"]),
    broad("AmazonKinesisFirehoseFullAccess", &["firehose:*"]),
    broad("AmazonKinesisFullAccess", &["kinesis:*"]),
    // Its secrets are those below `rds-db-credentials/` alone.
    broad("AmazonRDSDataFullAccess", &["rds-data:ExecuteStatement", "rds-data:BatchExecuteStatement"]),
    broad("AmazonRDSFullAccess", &["rds:*"]),
    broad("AmazonRekognitionFullAccess", &["rekognition:*"]),
    broad("AmazonS3FullAccess", &["s3:*"]),
    broad("AmazonS3ReadOnlyAccess", &["s3:Get*", "s3:List*"]),
    broad("AmazonSESFullAccess", &["ses:*"]),
    broad("AmazonSNSFullAccess", &["sns:*"]),
    broad("AmazonSQSFullAccess", &["sqs:*"]),
    broad("AmazonSQSReadOnlyAccess", &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueues"]),
    broad("AmazonSSMFullAccess", &["ssm:*"]),
    execution(
        "AmazonSSMManagedInstanceCore",
        &["ssm:UpdateInstanceInformation", "ssm:GetParameter", "ssm:GetParameters", "ssmmessages:*", "ec2messages:*"],
    ),
    broad("AmazonSSMReadOnlyAccess", &["ssm:Get*", "ssm:List*"]),
    broad("AmazonTextractFullAccess", &["textract:*"]),
    broad("AmazonVPCFullAccess", &["ec2:*"]),
    execution("AWSLambdaBasicExecutionRole", &["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]),
    execution("AWSLambdaDynamoDBExecutionRole", &["dynamodb:GetRecords", "dynamodb:GetShardIterator", "logs:PutLogEvents"]),
    execution("AWSLambdaENIManagementAccess", &["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"]),
    execution("AWSLambdaKinesisExecutionRole", &["kinesis:GetRecords", "kinesis:GetShardIterator", "logs:PutLogEvents"]),
    execution("AWSLambdaMSKExecutionRole", &["logs:PutLogEvents"]),
    execution("AWSLambdaSQSQueueExecutionRole", &["sqs:ReceiveMessage", "sqs:DeleteMessage", "logs:PutLogEvents"]),
    execution("AWSLambdaVPCAccessExecutionRole", &["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "logs:PutLogEvents"]),
    broad("CloudWatchEventsFullAccess", &["events:*"]),
    broad("CloudWatchFullAccess", &["cloudwatch:*", "logs:*", "sns:*"]),
    execution("CloudWatchAgentServerPolicy", &["cloudwatch:PutMetricData", "logs:PutLogEvents"]),
    execution("CloudWatchLambdaInsightsExecutionRolePolicy", &["logs:PutLogEvents"]),
    execution("CloudWatchLogsFullAccess", &["logs:*"]),
    broad("ComprehendFullAccess", &["comprehend:*"]),
    broad("ComprehendReadOnly", &["comprehend:Detect*"]),
    broad("IAMFullAccess", &["iam:*"]),
    broad("PowerUserAccess", &["*"]),
    broad("ReadOnlyAccess", &["s3:Get*", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan", "sqs:ReceiveMessage", "ssm:GetParameter"]),
    broad("SecretsManagerReadWrite", &["secretsmanager:*"]),
    broad("TranslateFullAccess", &["translate:*"]),
    broad("SecurityAudit", &["ec2:Describe*", "iam:Get*", "iam:List*", "s3:GetBucket*", "s3:ListAllMyBuckets"]),
    broad("ViewOnlyAccess", &["ec2:Describe*", "iam:List*", "s3:ListAllMyBuckets", "s3:ListBucket"]),
];

/// The policy that an ARN of AWS names: `arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole`.
pub fn find(name: &str) -> Option<&'static ManagedPolicy> {
    POLICIES.iter().find(|policy| policy.name == name)
}
