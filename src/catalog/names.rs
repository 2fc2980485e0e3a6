//! Physical names and ARNs: how a text without a reference still names a resource of the unit.
//!
//! Comes in: values. Goes out: canonical texts in which everything symbolic is written `${…}`, so that equal values have equal texts.

use crate::model::resource::{Property, Value};

/// The five fields of an ARN, canonical: what is symbolic reads `${account}`, `${param:Name}`, `${Address.Attribute}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arn {
    pub service: String,
    pub region: String,
    pub account: String,
    /// What follows the account: `table/orders`, `orders-queue`, `function:Pay:live`.
    pub resource: String,
}

/// Whether the last part of an ARN that has no resource is the name of one: neither an account nor a pattern of everything.
fn is_named(part: &str) -> bool {
    part.contains('/') || !part.is_empty() && !part.contains(['*', '?', '$']) && !part.bytes().all(|byte| byte.is_ascii_digit())
}

/// Kinds of what belongs to one thing and is named behind it: `table/*/index/*` is every index of every table.
const WITHIN: [&str; 7] = ["backup", "consumer", "export", "import", "index", "log-stream", "stream"];

/// So many letters of a bucket's name tell it from others that a wildcard stands before; words of the trade, as `-production`, are shorter.
const LEAST_WRITTEN: usize = 12;
/// The same of a name that begins with a wildcard and is one within an account.
const LEAST_OF_A_NAME: usize = 2;
/// The words by which the ARNs of services begin to say what kind of thing they name.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html>, read 2026-12-01.
const KINDS: &[(&str, &[&str])] = &[
    ("codebuild", &["project"]),
    ("cognito-idp", &["userpool"]),
    ("dynamodb", &["table"]),
    ("ecr", &["repository"]),
    ("ecs", &["cluster", "service", "task"]),
    ("events", &["event-bus", "rule"]),
    ("firehose", &["deliverystream"]),
    ("iam", &["group", "policy", "role", "user"]),
    ("kinesis", &["stream"]),
    ("kms", &["alias", "key"]),
    ("lambda", &["function", "layer"]),
    ("logs", &["log-group"]),
    ("rds", &["cluster", "db"]),
    ("secretsmanager", &["secret"]),
    ("ssm", &["document", "parameter"]),
    ("states", &["stateMachine"]),
];

/// The longest piece of a name between wildcards, in bytes, without the marks around it. What the stack fills in counts for nothing.
fn longest_written(name: &str) -> usize {
    let pieces = name.split(['*', '?']).filter(|piece| !piece.contains("${"));
    pieces.map(|piece| piece.trim_matches(|letter: char| !letter.is_ascii_alphanumeric()).len()).max().unwrap_or_default()
}

impl Arn {
    /// Parses `arn:partition:service:region:account:resource`; missing fields at the end are empty, as in `arn:aws:s3`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut fields = ArnFields { rest: Some(text.strip_prefix("arn:")?) };
        let _partition = fields.next()?;
        let mut field = || fields.next().unwrap_or_default().to_owned();
        let (service, region, account) = (field(), field(), field());
        match fields.rest {
            // A colon is missing, `arn:aws:s3::reports/*`: the provider refuses it, and it names no more than it says.
            None if is_named(&account) => Some(Self { service, region, account: String::new(), resource: account }),
            rest => Some(Self { service, region, account, resource: rest.unwrap_or_default().to_owned() }),
        }
    }

    /// Whether it names all resources of the service, or of one kind of them: `*`, `table/*`.
    /// Of a bucket, all objects are the bucket's own, and so much of its name may be written out that it is one of few: `*-acme-reports-*`.
    pub fn is_wildcard(&self) -> bool {
        if self.service == "s3" {
            return self.owner().is_empty() || self.resource.starts_with(['*', '?']) && longest_written(self.owner()) < LEAST_WRITTEN;
        }
        // Of an API the first part is its id, not what kind of thing it is: `abc/*/GET/*`.
        if self.service == "execute-api" {
            return self.resource.is_empty() || self.resource.starts_with('*');
        }
        if self.is_all_of_a_kind() {
            return true;
        }
        // Of a name of which less than this is written out, every other one is meant: `*-*`, `*a*`.
        let is_anything = |part: &str| part.starts_with(['*', '?']) && !part.contains("${") && longest_written(part) < LEAST_OF_A_NAME;
        // All of one kind, however many names there are to one: `table/*`, `table/*/*`.
        let mut parts = self.resource.split(['/', ':']).rev();
        let tail = parts.next().unwrap_or_default();
        self.resource.is_empty()
            || (is_anything(tail) && !self.resource.contains("${"))
                && parts.skip_while(|part| is_anything(part) || WITHIN.contains(part)).count() <= 1
    }

    /// Whether the wildcard stands in the word for what kind of thing it is, so that every name of that kind is meant: `parameter*`, `k*`.
    fn is_all_of_a_kind(&self) -> bool {
        let beginning = self.resource.trim_end_matches(['*', '?']);
        let is_within = beginning.len() < self.resource.len() && !beginning.contains(['/', ':', '*', '?', '$']);
        let kinds = KINDS.iter().find(|(service, _)| *service == self.service).map_or(&[][..], |(_, kinds)| *kinds);
        is_within && kinds.iter().any(|kind| kind.starts_with(beginning))
    }

    /// Whether a wildcard stands in a name before something that is written out: `secret:shop/*/db` is that of every stage. What stands behind the
    /// name, as an object in a bucket or an index of a table, does not count, nor what the stack fills in before it.
    pub fn leaves_name_open(&self) -> bool {
        const OF_OTHERS: [&str; 4] = ["cloudformation", "execute-api", "iam", "logs"];
        let name = if self.service == "s3" { self.owner() } else { &self.resource };
        let Some(at) = wildcard(name).filter(|_| !OF_OTHERS.contains(&self.service.as_str())) else { return false };
        let (before, behind) = name.split_at(at);
        let is_written = |part: &str| part.contains(char::is_alphanumeric) && !WITHIN.contains(&part);
        !before.contains("${") && behind.split(['/', ':']).any(is_written)
    }

    /// Whether the provider keeps what it names, as its own policies: no resource of a template bears it.
    pub fn is_of_provider(&self) -> bool {
        self.account == "aws"
    }

    /// Whether it names what hands on the requests of whoever calls it, anonymous ones too: a load balancer or an API.
    pub fn is_front_door(&self) -> bool {
        matches!(self.service.as_str(), "elasticloadbalancing" | "execute-api" | "apigateway")
    }

    /// The account where it is written out: twelve digits.
    pub fn literal_account(&self) -> Option<&str> {
        Some(self.account.as_str()).filter(|account| is_account_number(account))
    }

    pub fn text(&self) -> String {
        format!("arn:aws:{}:{}:{}:{}", self.service, self.region, self.account, self.resource)
    }

    /// What it names, without objects, indices, streams and the like within: of `bucket/*` the bucket.
    pub fn owner(&self) -> &str {
        let resource = self.resource.as_str();
        let cut = match self.service.as_str() {
            "s3" => resource.find('/'),
            "dynamodb" => resource.match_indices('/').nth(1).map(|(cut, _)| cut),
            "logs" => resource.find(":log-stream:").or_else(|| resource.strip_suffix(":*").map(str::len)),
            _ => None,
        };
        cut.map_or(resource, |cut| &resource[..cut])
    }
}

/// Splits at colons outside `${…}`.
struct ArnFields<'a> {
    rest: Option<&'a str>,
}

impl<'a> ArnFields<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let mut depth = 0_u32;
        let end = rest.char_indices().find_map(|(at, letter)| {
            match letter {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                ':' if depth == 0 => return Some(at),
                _ => {}
            }
            None
        });
        self.rest = end.map(|at| &rest[at + 1..]);
        Some(end.map_or(rest, |at| &rest[..at]))
    }
}

/// Where the first wildcard of a pattern stands. What is symbolic has none: `${?}` is a value that nobody knows here.
pub(crate) fn wildcard(text: &str) -> Option<usize> {
    let mut is_symbolic = false;
    text.char_indices().find_map(|(at, letter)| {
        match letter {
            '$' if text[at..].starts_with("${") => is_symbolic = true,
            '}' => is_symbolic = false,
            '*' | '?' if !is_symbolic => return Some(at),
            _ => {}
        }
        None
    })
}

/// Whether a text is the number of an account.
pub fn is_account_number(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands before the provider's domain in the name of a service or a host, whether the domain is written out or filled in at deployment.
pub fn without_suffix(name: &str) -> Option<&str> {
    name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".${url-suffix}"))
}

/// The text of a scalar or joined value with what is symbolic written `${…}`; `None` where it has no single text.
pub fn canonical(value: &Property<'_>) -> Option<String> {
    if let Value::Text(literal) | Value::Number(literal) = value.value {
        return Some(literal.to_owned());
    }
    // Most ARNs are shorter.
    let mut text = String::with_capacity(96);
    append(value, &mut text).then_some(text)
}

fn append(value: &Property<'_>, text: &mut String) -> bool {
    match value.value {
        Value::Text(literal) | Value::Number(literal) => text.push_str(literal),
        Value::Reference(reference) => {
            text.push_str("${");
            text.push_str(reference.address);
            if let Some(attribute) = reference.attribute {
                text.push('.');
                text.push_str(attribute);
            }
            text.push('}');
        }
        Value::External(external) => {
            text.push_str("${");
            text.push_str(external.kind.prefix());
            text.push(':');
            text.push_str(external.name);
            text.push('}');
        }
        // The partition is left out on purpose: `arn:aws:` and `arn:${AWS::Partition}:` name the same thing.
        Value::Ambient("partition") => text.push_str("aws"),
        Value::Ambient(name) => {
            text.push_str("${");
            text.push_str(name);
            text.push('}');
        }
        Value::Joined(pieces) => return pieces.iter().all(|piece| append(piece, text)),
        Value::Unknown(_) => text.push_str("${?}"),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) | Value::Either(_) | Value::Removed => return false,
    }
    true
}

/// An image without tag and digest: of `registry.example:5000/shop/api:7@sha256:…` what stands before `:7`.
pub fn without_tag(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    let name = image.rfind('/').map_or(0, |slash| slash + 1);
    image[name..].find(':').map_or(image, |colon| &image[..name + colon])
}

#[cfg(test)]
mod tests {
    use super::Arn;

    #[test]
    fn arns_are_read_and_wildcards_told() {
        for (text, service, resource, wildcard) in [
            ("arn:aws:dynamodb:${region}:${account}:table/orders", "dynamodb", "table/orders", false),
            ("arn:aws:dynamodb:*:*:table/*", "dynamodb", "table/*", true),
            ("arn:aws:dynamodb:*:*:tabl*", "dynamodb", "tabl*", true),
            ("arn:aws:ssm:*:*:parameter*", "ssm", "parameter*", true),
            ("arn:aws:ssm:*:*:parameter/shop*", "ssm", "parameter/shop*", false),
            ("arn:aws:kms:*:*:k*", "kms", "k*", true),
            ("arn:aws:kms:*:*:key/*-*-*-*-*", "kms", "key/*-*-*-*-*", true),
            ("arn:aws:iam::*:role/*a*", "iam", "role/*a*", true),
            ("arn:aws:iam::1:role/*-deploy", "iam", "role/*-deploy", false),
            ("arn:aws:sqs:*:*:k*", "sqs", "k*", false),
            ("arn:aws:sqs:*:*:*-${param:Stage}", "sqs", "*-${param:Stage}", false),
            ("arn:aws:dynamodb:*:*:table/orders/index/*", "dynamodb", "table/orders/index/*", false),
            ("arn:aws:glue:*:*:table/*/*", "glue", "table/*/*", true),
            ("arn:aws:execute-api:eu-west-1:1:abc/*/*", "execute-api", "abc/*/*", false),
            ("arn:aws:s3:::${param:Bucket}/*", "s3", "${param:Bucket}/*", false),
            ("arn:aws:lambda:${region}:1:function:Pay:live", "lambda", "function:Pay:live", false),
            ("arn:aws:s3:::orders/*", "s3", "orders/*", false),
            ("arn:aws:s3:::*/*", "s3", "*/*", true),
            ("arn:aws:s3:::*-*", "s3", "*-*", true),
            ("arn:aws:s3:::*-production", "s3", "*-production", true),
            ("arn:aws:s3:::*-acme-reports-*/*", "s3", "*-acme-reports-*/*", false),
            ("arn:aws:s3", "s3", "", true),
            ("arn:aws:s3:::/logs", "s3", "/logs", true),
        ] {
            let arn = Arn::parse(text).expect("an ARN");
            assert_eq!((arn.service.as_str(), arn.resource.as_str(), arn.is_wildcard()), (service, resource, wildcard), "{text}");
        }
        assert_eq!(Arn::parse("https://example.com"), None);
    }

    #[test]
    fn what_lies_within_belongs_to_its_owner() {
        for (text, owner) in [
            ("arn:aws:s3:::uploads/images/*", "uploads"),
            ("arn:aws:dynamodb:eu-west-1:1:table/orders/index/*", "table/orders"),
            ("arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/pay:*", "log-group:/aws/lambda/pay"),
            ("arn:aws:sqs:eu-west-1:1:orders", "orders"),
        ] {
            assert_eq!(Arn::parse(text).expect("an ARN").owner(), owner, "{text}");
        }
    }

    #[test]
    fn an_image_is_known_whatever_the_edition() {
        for (image, expected) in [
            ("shop/api", "shop/api"),
            ("shop/api:7", "shop/api"),
            ("registry.example:5000/shop/api:7@sha256:0af", "registry.example:5000/shop/api"),
            ("registry.example:5000/shop/api", "registry.example:5000/shop/api"),
            ("api@sha256:0af", "api"),
            ("api:latest", "api"),
        ] {
            assert_eq!(super::without_tag(image), expected, "{image}");
        }
    }
}
