//! What the managed policies of AWS grant, as far as it matters for scope and flows.
//!
//! Comes in: the name of a policy. Goes out: the actions that it allows, on every resource.
//! As of 2026-11, written from general knowledge; to be checked against
//! <https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html>, which could not be read here.

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
    broad("AWSLambdaFullAccess", &["lambda:*", "s3:*", "dynamodb:*", "sqs:*", "sns:*", "kinesis:*", "iam:PassRole"]),
    broad("AWSLambda_FullAccess", &["lambda:*", "iam:PassRole"]),
    broad("AWSLambda_ReadOnlyAccess", &["lambda:Get*", "lambda:List*"]),
    broad("AWSStepFunctionsFullAccess", &["states:*"]),
    execution("AWSXRayDaemonWriteAccess", &["xray:PutTraceSegments", "xray:PutTelemetryRecords"]),
    execution("AWSXrayWriteOnlyAccess", &["xray:PutTraceSegments", "xray:PutTelemetryRecords"]),
    broad("AdministratorAccess", &["*"]),
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
    broad("AmazonEventBridgeFullAccess", &["events:*", "schemas:*", "scheduler:*"]),
    broad("AmazonKinesisFirehoseFullAccess", &["firehose:*"]),
    broad("AmazonKinesisFullAccess", &["kinesis:*"]),
    broad("AmazonRDSDataFullAccess", &["rds-data:ExecuteStatement", "secretsmanager:GetSecretValue"]),
    broad("AmazonRDSFullAccess", &["rds:*"]),
    broad("AmazonRekognitionFullAccess", &["rekognition:*"]),
    broad("AmazonS3FullAccess", &["s3:*"]),
    broad("AmazonS3ReadOnlyAccess", &["s3:Get*", "s3:List*"]),
    broad("AmazonSESFullAccess", &["ses:*"]),
    broad("AmazonSNSFullAccess", &["sns:*"]),
    broad("AmazonSQSFullAccess", &["sqs:*"]),
    broad("AmazonSQSReadOnlyAccess", &["sqs:Get*", "sqs:List*"]),
    broad("AmazonSSMFullAccess", &["ssm:*"]),
    execution("AmazonSSMManagedInstanceCore", &["ssm:UpdateInstanceInformation", "ssmmessages:*", "ec2messages:*"]),
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
];

/// The policy that an ARN of AWS names: `arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole`.
pub fn find(name: &str) -> Option<&'static ManagedPolicy> {
    POLICIES.iter().find(|policy| policy.name == name)
}
