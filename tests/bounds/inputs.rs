//! Texts that grow: what an author may write to make us work, each kind by one number.
//!
//! Comes in: a kind and its size. Goes out: the files of a repository, of which `template.yaml` or `serverless.yml` is the entry.
//! A small size is the innocent twin of a large one.

use std::fmt::Write;

/// How the work grows with the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// As the text does.
    Linear,
    /// Faster, because parts of the text meet each other or are used again: the hostile size is too much.
    Product,
}

/// One kind of text, with a size that must be read whole and one that nobody writes in earnest.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Read whole, and twice of it too.
    pub(crate) innocent: usize,
    pub(crate) hostile: usize,
    pub(crate) growth: Growth,
    /// Path and text, the entry first.
    pub(crate) make: fn(usize) -> Vec<(String, String)>,
}

pub(crate) const KINDS: &[Kind] = &[
    Kind {
        name: "functions that share a role with as many statements",
        innocent: 20,
        hostile: 500,
        growth: Growth::Product,
        make: shared_role,
    },
    Kind { name: "functions with as many statements of their own", innocent: 10, hostile: 200, growth: Growth::Product, make: own_roles },
    Kind { name: "functions with as many statements, by alias", innocent: 20, hostile: 500, growth: Growth::Product, make: aliased_roles },
    Kind { name: "resources", innocent: 1_000, hostile: 20_000, growth: Growth::Linear, make: resources },
    Kind { name: "loops in loops", innocent: 4, hostile: 100, growth: Growth::Product, make: loops_in_loops },
    Kind { name: "loops in names", innocent: 4, hostile: 90, growth: Growth::Product, make: loops_in_properties },
    Kind { name: "joins of joins", innocent: 5, hostile: 40, growth: Growth::Product, make: joins_of_joins },
    Kind { name: "routes of an API", innocent: 500, hostile: 10_000, growth: Growth::Linear, make: routes },
    Kind { name: "methods of a REST API", innocent: 500, hostile: 8_000, growth: Growth::Linear, make: methods },
    Kind { name: "a state machine's definition", innocent: 500, hostile: 24_000, growth: Growth::Linear, make: state_machine },
    Kind { name: "an OpenAPI body", innocent: 500, hostile: 16_000, growth: Growth::Linear, make: open_api },
    Kind { name: "rules of a security group", innocent: 500, hostile: 10_000, growth: Growth::Linear, make: rules_of_a_group },
    Kind { name: "members of security groups", innocent: 10, hostile: 3_000, growth: Growth::Product, make: members_of_groups },
    Kind {
        name: "members and rules of one security group",
        innocent: 10,
        hostile: 3_000,
        growth: Growth::Product,
        make: members_and_rules,
    },
    Kind { name: "functions that take over globals", innocent: 10, hostile: 3_000, growth: Growth::Product, make: globals },
    Kind { name: "events of functions", innocent: 10, hostile: 200, growth: Growth::Product, make: events },
    Kind { name: "connectors", innocent: 10, hostile: 600, growth: Growth::Product, make: connectors },
    Kind { name: "scripts by alias", innocent: 10, hostile: 3_000, growth: Growth::Product, make: scripts },
    Kind { name: "definitions by alias", innocent: 10, hostile: 2_000, growth: Growth::Product, make: definitions },
    Kind { name: "callers of a hub", innocent: 10, hostile: 3_000, growth: Growth::Linear, make: hub },
    Kind { name: "nesting", innocent: 60, hostile: 3_000, growth: Growth::Product, make: nesting },
    Kind { name: "public functions of a loop", innocent: 300, hostile: 10_000, growth: Growth::Linear, make: looped_functions },
    Kind { name: "nested stacks", innocent: 20, hostile: 1_000, growth: Growth::Product, make: nested_stacks },
    Kind { name: "nested stacks that nest", innocent: 1, hostile: 12, growth: Growth::Product, make: nested_tree },
    Kind { name: "aliases", innocent: 2, hostile: 12, growth: Growth::Product, make: aliases },
    Kind { name: "conditions", innocent: 4, hostile: 2_000, growth: Growth::Linear, make: conditions },
    Kind { name: "values that each depend on conditions", innocent: 3, hostile: 400, growth: Growth::Linear, make: choices },
    Kind { name: "look-ups in a mapping", innocent: 100, hostile: 5_000, growth: Growth::Product, make: look_ups },
    Kind { name: "a long substitution", innocent: 500, hostile: 100_000, growth: Growth::Linear, make: long_substitution },
    Kind { name: "roles that are passed on", innocent: 4, hostile: 2_000, growth: Growth::Linear, make: many_roles },
    Kind { name: "subscribers of topics", innocent: 20, hostile: 400, growth: Growth::Product, make: subscribers },
    Kind { name: "functions of a service", innocent: 20, hostile: 2_000, growth: Growth::Product, make: service },
    Kind { name: "variables of a service", innocent: 5, hostile: 30, growth: Growth::Product, make: variables },
    Kind { name: "fields of a schema", innocent: 500, hostile: 60_000, growth: Growth::Linear, make: schema },
    Kind { name: "downloads of a script", innocent: 20, hostile: 20_000, growth: Growth::Linear, make: script },
    Kind { name: "values that nobody can tell", innocent: 500, hostile: 8_000, growth: Growth::Linear, make: untold_values },
    Kind { name: "dots in a name", innocent: 10, hostile: 400_000, growth: Growth::Linear, make: long_name },
];

fn untold_values(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Parameters:\n  P: {Type: Number}\nResources:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "  T{number}: {{Type: AWS::SNS::Topic, Properties: {{DataProtectionPolicy: !Select [!Ref P, [a{number}, b]], DeliveryStatusLogging: !Select [!Ref P, [a, b]]}}}}"
        );
    }
    template(out)
}

fn template(text: String) -> Vec<(String, String)> {
    vec![("template.yaml".to_owned(), text)]
}

const FUNCTION: &str = "Runtime: python3.13, Handler: a.b, Code: {S3Bucket: code, S3Key: k}";

fn trust(service: &str) -> String {
    format!("{{Statement: [{{Effect: Allow, Principal: {{Service: {service}.amazonaws.com}}, Action: 'sts:AssumeRole'}}]}}")
}

fn statements(count: usize) -> String {
    let mut out = String::new();
    for number in 0..count {
        let _ = writeln!(out, "              - {{Effect: Allow, Action: 'dynamodb:PutItem', Resource: !GetAtt T{number}.Arn}}");
    }
    out
}

fn tables(count: usize, out: &mut String) {
    for number in 0..count {
        let _ = writeln!(out, "  T{number}: {{Type: AWS::DynamoDB::Table}}");
    }
}

fn shared_role(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    let _ = writeln!(
        out,
        "  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {}\n      Policies:\n        - PolicyName: p\n          PolicyDocument:\n            Statement:\n{}",
        trust("lambda"),
        statements(size)
    );
    tables(size, &mut out);
    for number in 0..size {
        let _ = writeln!(out, "  F{number}: {{Type: AWS::Lambda::Function, Properties: {{{FUNCTION}, Role: !GetAtt Role.Arn}}}}");
    }
    template(out)
}

fn own_roles(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    tables(size, &mut out);
    for number in 0..size {
        let _ = writeln!(
            out,
            "  R{number}:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {}\n      Policies:\n        - PolicyName: p\n          PolicyDocument:\n            Statement:\n{}",
            trust("lambda"),
            statements(size)
        );
        let _ = writeln!(out, "  F{number}: {{Type: AWS::Lambda::Function, Properties: {{{FUNCTION}, Role: !GetAtt R{number}.Arn}}}}");
    }
    template(out)
}

fn aliased_roles(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    tables(size, &mut out);
    for number in 0..size {
        let policies = if number == 0 {
            format!("&p\n        - PolicyName: p\n          PolicyDocument:\n            Statement:\n{}", statements(size))
        } else {
            "*p".to_owned()
        };
        let _ = writeln!(
            out,
            "  R{number}:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {}\n      Policies: {policies}",
            trust("lambda"),
        );
        let _ = writeln!(out, "  F{number}: {{Type: AWS::Lambda::Function, Properties: {{{FUNCTION}, Role: !GetAtt R{number}.Arn}}}}");
    }
    template(out)
}

fn resources(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    for number in 0..size {
        let kind = ["AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::DynamoDB::Table"][number % 4];
        let _ = writeln!(out, "  R{number}: {{Type: {kind}}}");
    }
    template(out)
}

fn values(count: usize) -> String {
    let values: Vec<String> = (0..count).map(|number| format!("v{number}")).collect();
    values.join(", ")
}

/// Four loops in each other: the fourth power of the size.
fn loops_in_loops(size: usize) -> Vec<(String, String)> {
    let list = values(size);
    let mut out = String::from("Transform: AWS::LanguageExtensions\nResources:\n");
    for depth in 0..4 {
        let indent = "  ".repeat(2 * depth + 1);
        let name = ["A", "B", "C", "D"][depth];
        let _ = writeln!(out, "{indent}Fn::ForEach::{name}:\n{indent}  - {name}\n{indent}  - [{list}]\n{indent}  -");
    }
    let mut out = out.trim_end().to_owned();
    out.push_str("\n                  Queue${A}${B}${C}${D}: {Type: AWS::SQS::Queue}\n");
    template(out)
}

/// The same within the properties of one resource.
fn loops_in_properties(size: usize) -> Vec<(String, String)> {
    let list = values(size);
    let mut out =
        String::from("Transform: AWS::LanguageExtensions\nResources:\n  Function:\n    Type: AWS::Lambda::Function\n    Properties:\n");
    let _ = writeln!(
        out,
        "      Runtime: python3.13\n      Handler: a.b\n      Code: {{S3Bucket: code, S3Key: k}}\n      Environment:\n        Variables:"
    );
    for depth in 0..4 {
        let indent = "  ".repeat(2 * depth + 5);
        let name = ["A", "B", "C", "D"][depth];
        let _ = writeln!(out, "{indent}Fn::ForEach::{name}:\n{indent}  - {name}\n{indent}  - [{list}]\n{indent}  -");
    }
    let mut out = out.trim_end().to_owned();
    out.push_str("\n                          Key${A}${B}${C}${D}: some text that is written\n");
    template(out)
}

/// Each mapping value is twice the one before it.
fn joins_of_joins(size: usize) -> Vec<(String, String)> {
    let mut value = "'0123456789abcdef'".to_owned();
    for level in 0..size {
        value = if level % 2 == 0 {
            format!("&j{level} {{'Fn::Join': ['', [&k{level} {value}, *k{level}]]}}")
        } else {
            format!("{{'Fn::Sub': ['${{A}}${{A}}', {{A: {value}}}]}}")
        };
    }
    template(format!("Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: {value}\n"))
}

fn routes(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP}}\n");
    let _ = writeln!(out, "  F: {{Type: AWS::Lambda::Function, Properties: {{{FUNCTION}, Role: 'arn:aws:iam::111122223333:role/r'}}}}");
    out.push_str("  I: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}}\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "  R{number}: {{Type: AWS::ApiGatewayV2::Route, Properties: {{ApiId: !Ref Api, RouteKey: 'GET /{number}', Target: !Sub 'integrations/${{I}}'}}}}"
        );
    }
    template(out)
}

fn methods(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: a}}\n");
    let _ = writeln!(out, "  F: {{Type: AWS::Lambda::Function, Properties: {{{FUNCTION}, Role: 'arn:aws:iam::111122223333:role/r'}}}}");
    for number in 0..size {
        let parent = if number == 0 { "!GetAtt Api.RootResourceId".to_owned() } else { format!("!Ref P{}", number - 1) };
        let _ = writeln!(
            out,
            "  P{number}: {{Type: AWS::ApiGateway::Resource, Properties: {{RestApiId: !Ref Api, ParentId: {parent}, PathPart: 'p{number}'}}}}"
        );
        let _ = writeln!(
            out,
            "  M{number}: {{Type: AWS::ApiGateway::Method, Properties: {{RestApiId: !Ref Api, ResourceId: !Ref P{number}, HttpMethod: GET, AuthorizationType: NONE, Integration: {{Type: AWS_PROXY, Uri: !GetAtt F.Arn}}}}}}"
        );
    }
    template(out)
}

fn state_machine(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    let _ = writeln!(out, "  F: {{Type: AWS::Lambda::Function, Properties: {{{FUNCTION}, Role: 'arn:aws:iam::111122223333:role/r'}}}}");
    out.push_str("  M:\n    Type: AWS::StepFunctions::StateMachine\n    Properties:\n      RoleArn: arn:aws:iam::111122223333:role/r\n      Definition:\n        StartAt: S0\n        States:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "          S{number}: {{Type: Task, Resource: !GetAtt F.Arn, Parameters: {{a: b, c: d, e: 'some text of a usual length'}}, TimeoutSeconds: 60, Next: S{}, Catch: [{{ErrorEquals: [States.ALL], Next: S0}}]}}",
            (number + 1) % size
        );
    }
    template(out)
}

fn open_api(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    let _ = writeln!(out, "  F: {{Type: AWS::Lambda::Function, Properties: {{{FUNCTION}, Role: 'arn:aws:iam::111122223333:role/r'}}}}");
    out.push_str("  Api:\n    Type: AWS::ApiGateway::RestApi\n    Properties:\n      Body:\n        openapi: 3.0.1\n        paths:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "          /path/{number}: {{get: {{operationId: o{number}, responses: {{'200': {{description: what comes back, content: {{}}}}}}, x-amazon-apigateway-integration: {{type: aws_proxy, httpMethod: POST, uri: !Sub 'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${{F.Arn}}/invocations'}}}}}}"
        );
    }
    template(out)
}

fn rules_of_a_group(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n  V: {Type: AWS::EC2::Instance, Properties: {ImageId: ami-1, SecurityGroupIds: [!Ref G]}}\n");
    out.push_str("  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: g\n      SecurityGroupIngress:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "        - {{IpProtocol: tcp, FromPort: {number}, ToPort: {number}, CidrIp: 10.{}.{}.0/24}}",
            number / 256,
            number % 256
        );
    }
    for number in 0..size / 4 {
        let _ = writeln!(
            out,
            "  I{number}: {{Type: AWS::EC2::SecurityGroupIngress, Properties: {{GroupId: !Ref G, IpProtocol: tcp, FromPort: {number}, ToPort: {number}, SourceSecurityGroupId: !Ref G}}}}"
        );
    }
    template(out)
}

fn members_of_groups(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    for group in 0..8 {
        let _ = writeln!(
            out,
            "  G{group}: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: g, SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 443, ToPort: 443, SourceSecurityGroupId: !Ref G{}}}, {{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}}]}}}}",
            (group + 1) % 8
        );
    }
    for number in 0..size {
        let _ = writeln!(
            out,
            "  V{number}: {{Type: AWS::EC2::Instance, Properties: {{ImageId: ami-1, SecurityGroupIds: [!Ref G{}]}}}}",
            number % 8
        );
    }
    template(out)
}

fn members_and_rules(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    out.push_str("  G:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: g\n      SecurityGroupIngress:\n");
    for number in 0..size {
        let _ = writeln!(out, "        - {{IpProtocol: tcp, FromPort: {number}, ToPort: {number}, CidrIp: 0.0.0.0/0}}");
    }
    for number in 0..size {
        let _ = writeln!(out, "  V{number}: {{Type: AWS::EC2::Instance, Properties: {{ImageId: ami-1, SecurityGroupIds: [!Ref G]}}}}");
    }
    template(out)
}

fn globals(size: usize) -> Vec<(String, String)> {
    let mut out = String::from(
        "Transform: AWS::Serverless-2016-10-31\nGlobals:\n  Function:\n    Runtime: python3.13\n    Environment:\n      Variables:\n",
    );
    for number in 0..size {
        let _ = writeln!(out, "        KEY{number}: some text");
    }
    out.push_str("Resources:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "  F{number}: {{Type: AWS::Serverless::Function, Properties: {{Handler: a.b, CodeUri: ./code, Environment: {{Variables: {{OWN: x}}}}}}}}"
        );
    }
    template(out)
}

fn events(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Transform: AWS::Serverless-2016-10-31\nResources:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "  F{number}:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n      Runtime: python3.13\n      CodeUri: ./code\n      Events:"
        );
        for event in 0..size {
            let _ = writeln!(out, "        E{event}: {{Type: Api, Properties: {{Path: /{number}/{event}, Method: get}}}}");
        }
    }
    template(out)
}

/// Everything may write to everything.
fn connectors(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Transform: AWS::Serverless-2016-10-31\nResources:\n");
    tables(size, &mut out);
    let to: Vec<String> = (0..size).map(|number| format!("{{Id: T{number}}}")).collect();
    for number in 0..size {
        let _ = writeln!(
            out,
            "  F{number}: {{Type: AWS::Serverless::Function, Properties: {{Handler: a.b, Runtime: python3.13, CodeUri: ./code}}}}"
        );
        let list = if number == 0 { format!("&to [{}]", to.join(", ")) } else { "*to".to_owned() };
        let _ = writeln!(
            out,
            "  C{number}: {{Type: AWS::Serverless::Connector, Properties: {{Source: {{Id: F{number}}}, Destination: {list}, Permissions: [Write]}}}}"
        );
    }
    template(out)
}

/// The same long script for every machine.
fn scripts(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    for number in 0..size {
        let data = if number == 0 {
            format!("&data '{}'", "curl -o /tmp/f https://example.com/f; sh /tmp/f; ".repeat(size))
        } else {
            "*data".to_owned()
        };
        let _ = writeln!(out, "  V{number}: {{Type: AWS::EC2::Instance, Properties: {{ImageId: ami-1, UserData: {data}}}}}");
    }
    template(out)
}

/// The same long definition for every state machine.
fn definitions(size: usize) -> Vec<(String, String)> {
    let states: Vec<String> = (0..size).map(|number| format!("\"S{number}\": {{\"Type\": \"Pass\", \"Next\": \"S0\"}}")).collect();
    let definition = format!("{{\"StartAt\": \"S0\", \"States\": {{{}}}}}", states.join(", "));
    let mut out = String::from("Resources:\n");
    for number in 0..size {
        let text = if number == 0 { format!("&d '{definition}'") } else { "*d".to_owned() };
        let _ = writeln!(
            out,
            "  M{number}: {{Type: AWS::StepFunctions::StateMachine, Properties: {{RoleArn: 'arn:aws:iam::111122223333:role/r', DefinitionString: {text}}}}}"
        );
    }
    template(out)
}

/// Public functions that all write to one table and queue, which calls as many others.
fn hub(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n  Q: {Type: AWS::SQS::Queue}\n  T: {Type: AWS::DynamoDB::Table}\n");
    let _ = writeln!(
        out,
        "  R: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {}, Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{{Effect: Allow, Action: ['sqs:*', 'dynamodb:*'], Resource: [!GetAtt Q.Arn, !GetAtt T.Arn]}}]}}}}]}}}}",
        trust("lambda")
    );
    for number in 0..size {
        let _ = writeln!(out, "  F{number}: {{Type: AWS::Lambda::Function, Properties: {{{FUNCTION}, Role: !GetAtt R.Arn}}}}");
        let _ = writeln!(out, "  U{number}: {{Type: AWS::Lambda::Url, Properties: {{AuthType: NONE, TargetFunctionArn: !Ref F{number}}}}}");
        let _ = writeln!(
            out,
            "  M{number}: {{Type: AWS::Lambda::EventSourceMapping, Properties: {{FunctionName: !Ref F{number}, EventSourceArn: !GetAtt Q.Arn}}}}"
        );
    }
    template(out)
}

fn nesting(size: usize) -> Vec<(String, String)> {
    template(format!("Metadata: {}{}\nResources:\n  Queue: {{Type: AWS::SQS::Queue}}\n", "[".repeat(size), "]".repeat(size)))
}

fn looped_functions(size: usize) -> Vec<(String, String)> {
    let list = values(size);
    template(format!(
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Functions:\n    - N\n    - [{list}]\n    - Function${{N}}:\n        Type: AWS::Lambda::Function\n        Properties: {{{FUNCTION}, Role: 'arn:aws:iam::111122223333:role/r'}}\n      Url${{N}}:\n        Type: AWS::Lambda::Url\n        Properties: {{AuthType: NONE, TargetFunctionArn: !Ref 'Function${{N}}'}}\n      Open${{N}}:\n        Type: AWS::Lambda::Permission\n        Properties: {{Action: 'lambda:InvokeFunctionUrl', Principal: '*', FunctionUrlAuthType: NONE, FunctionName: !Ref 'Function${{N}}'}}\n"
    ))
}

fn nested_stacks(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "  S{number}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: ./inner.yaml, Parameters: {{Name: n{number}}}}}}}"
        );
    }
    let inner = "Parameters: {Name: {Type: String}}\nResources:\n  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Name}}\n";
    vec![("template.yaml".to_owned(), out), ("inner.yaml".to_owned(), inner.to_owned())]
}

/// Five levels, each template nesting the next so many times.
fn nested_tree(size: usize) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for level in 0..5 {
        let mut out = String::from("Resources:\n  Queue: {Type: AWS::SQS::Queue}\n");
        for number in 0..size {
            let _ =
                writeln!(out, "  S{number}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: ./level{}.yaml}}}}", level + 1);
        }
        let name = if level == 0 { "template.yaml".to_owned() } else { format!("level{level}.yaml") };
        files.push((name, out));
    }
    files.push(("level5.yaml".to_owned(), "Resources:\n  Queue: {Type: AWS::SQS::Queue}\n".to_owned()));
    files
}

/// Lists of ten, each item an alias of the list before: a power of ten.
fn aliases(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Metadata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..size {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        let _ = writeln!(out, "  a{level}: &a{level} [{items}]");
    }
    out.push_str("Resources:\n  Queue: {Type: AWS::SQS::Queue}\n");
    template(out)
}

fn conditions(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Parameters: {P: {Type: String}}\nConditions:\n  C0: !Equals [!Ref P, a]\n");
    for number in 1..size {
        let _ = writeln!(
            out,
            "  C{number}: !And [{{Condition: C{}}}, !Or [{{Condition: C{}}}, !Equals [!Ref P, 'v{number}']]]",
            number - 1,
            number - 1
        );
    }
    out.push_str("Resources:\n");
    for number in 0..size {
        let _ =
            writeln!(out, "  Q{number}: {{Type: AWS::SQS::Queue, Condition: C{number}, Properties: {{QueueName: !If [C{number}, a, b]}}}}");
    }
    template(out)
}

/// A list of texts that each may be one of two, joined.
fn choices(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Parameters: {P: {Type: String}}\nConditions:\n");
    for number in 0..size {
        let _ = writeln!(out, "  C{number}: !Equals [!Ref P, 'v{number}']");
    }
    out.push_str("Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: !Join\n        - ''\n        -\n");
    for number in 0..size {
        let _ = writeln!(out, "          - !If [C{number}, a{number}, b{number}]");
    }
    out.push_str("      Tags:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "        - !If [C{number}, {{Key: a{number}, Value: x}}, {{Key: b{number}, Value: !If [C{}, y, z]}}]",
            (number + 1) % size
        );
    }
    template(out)
}

fn look_ups(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Parameters: {P: {Type: String}}\nMappings:\n  M:\n");
    for number in 0..size {
        let _ = writeln!(out, "    k{number}: {{a: v{number}, b: w{number}}}");
    }
    out.push_str("Resources:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "  Q{number}: {{Type: AWS::SQS::Queue, Properties: {{QueueName: !FindInMap [M, !Ref P, a], KmsMasterKeyId: !FindInMap [M, k{number}, b]}}}}"
        );
    }
    template(out)
}

fn long_substitution(size: usize) -> Vec<(String, String)> {
    let mut text = String::new();
    for number in 0..size {
        let _ = write!(text, "${{AWS::Region}}-${{Q}}-{number}/");
    }
    template(format!(
        "Resources:\n  Q: {{Type: AWS::SQS::Queue}}\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !Sub '{text}'\n      TopicName: !Sub '{text}'\n"
    ))
}

fn many_roles(size: usize) -> Vec<(String, String)> {
    let mut out = String::from(
        "Resources:\n  F:\n    Type: AWS::EC2::Instance\n    Properties:\n      ImageId: ami-1\n      IamInstanceProfile: !Ref Profile\n  Profile:\n    Type: AWS::IAM::InstanceProfile\n    Properties:\n      Roles:\n",
    );
    for number in 0..size {
        let _ = writeln!(out, "        - !Ref R{number}");
    }
    for number in 0..size {
        let _ = writeln!(
            out,
            "  R{number}: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {}, Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{{Effect: Allow, Action: '*', Resource: '*'}}]}}}}]}}}}",
            trust("ec2")
        );
    }
    template(out)
}

/// Everybody subscribes to everything.
fn subscribers(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("Resources:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "  F{number}: {{Type: AWS::Lambda::Function, Properties: {{{FUNCTION}, Role: 'arn:aws:iam::111122223333:role/r'}}}}"
        );
    }
    for topic in 0..size / 4 {
        let _ = writeln!(out, "  T{topic}:\n    Type: AWS::SNS::Topic\n    Properties:\n      Subscription:");
        for number in 0..size {
            let _ = writeln!(out, "        - {{Protocol: lambda, Endpoint: !GetAtt F{number}.Arn}}");
        }
    }
    template(out)
}

fn service(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("service: shop\nprovider:\n  name: aws\n  runtime: python3.13\n  environment:\n");
    for number in 0..size {
        let _ = writeln!(out, "    KEY{number}: v{number}");
    }
    out.push_str("  iam:\n    role:\n      statements:\n");
    for number in 0..size {
        let _ = writeln!(
            out,
            "        - {{Effect: Allow, Action: 'dynamodb:PutItem', Resource: 'arn:aws:dynamodb:eu-west-1:111122223333:table/t{number}'}}"
        );
    }
    out.push_str("functions:\n");
    for number in 0..size {
        let _ = writeln!(out, "  f{number}: {{handler: a.b, events: [{{httpApi: 'GET /{number}'}}]}}");
    }
    vec![("serverless.yml".to_owned(), out)]
}

/// Each value is twice the one before it.
fn variables(size: usize) -> Vec<(String, String)> {
    let mut out = String::from("service: shop\nprovider: {name: aws, runtime: python3.13}\ncustom:\n  v0: 0123456789abcdef\n");
    for number in 1..size {
        let _ = writeln!(out, "  v{number}: ${{self:custom.v{}}}${{self:custom.v{}}}", number - 1, number - 1);
    }
    let _ = writeln!(out, "functions:\n  f: {{handler: a.b, environment: {{A: '${{self:custom.v{}}}'}}}}", size - 1);
    vec![("serverless.yml".to_owned(), out)]
}

fn schema(size: usize) -> Vec<(String, String)> {
    let mut out = String::from(
        "Resources:\n  Api: {Type: AWS::AppSync::GraphQLApi, Properties: {Name: a, AuthenticationType: API_KEY}}\n  Schema:\n    Type: AWS::AppSync::GraphQLSchema\n    Properties:\n      ApiId: !GetAtt Api.ApiId\n      Definition: |\n        type Query {\n",
    );
    for number in 0..size {
        let _ = writeln!(out, "          field{number}(id: ID!): String @aws_iam");
    }
    out.push_str("        }\n");
    template(out)
}

fn script(size: usize) -> Vec<(String, String)> {
    let mut out = String::from(
        "Resources:\n  V:\n    Type: AWS::EC2::Instance\n    Properties:\n      ImageId: ami-1\n      UserData:\n        Fn::Base64: |\n          #!/bin/sh\n",
    );
    for number in 0..size {
        let _ = writeln!(out, "          curl -o /tmp/f{number} https://host{number}.example.com/f{number}");
    }
    for number in 0..size {
        let _ = writeln!(out, "          sh /tmp/f{number}");
    }
    template(out)
}

fn long_name(size: usize) -> Vec<(String, String)> {
    let path = "a/".repeat(size);
    template(format!(
        "Resources:\n  B: {{Type: AWS::S3::Bucket, Properties: {{BucketName: mine}}}}\n  F: {{Type: AWS::Lambda::Function, Properties: {{{FUNCTION}, Role: !GetAtt R.Arn}}}}\n  R: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {}, Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::mine/{path}*'}}]}}}}]}}}}\n",
        trust("lambda")
    ))
}
