//! `config/sam/*.yml` → `POLICY_TEMPLATES`, `CONNECTORS`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    actions: Vec<String>,
    resources: Vec<String>,
    condition: Option<Condition>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    operator: String,
    key: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Connector {
    source: String,
    destination: String,
    category: String,
    means: String,
    holder: Option<String>,
    principal: Option<String>,
    #[serde(default)]
    statements: Vec<Statement>,
    source_arn: Option<String>,
    #[serde(default)]
    own_account: bool,
}

pub fn compile(folder: &Path) -> Result<String, String> {
    let templates: BTreeMap<String, Vec<Statement>> = read(&folder.join("policies.yml"))?;
    let connectors: Vec<Connector> = read(&folder.join("connectors.yml"))?;
    let mut code = String::from("/// In order of their names.\npub static POLICY_TEMPLATES: &[PolicyTemplate] = &[\n");
    for (name, statements) in &templates {
        let statements = statements_code(statements).map_err(|error| format!("policies.yml: {name}: {error}"))?;
        let _ = writeln!(code, "    PolicyTemplate {{ name: {name:?}, statements: &[{statements}] }},");
    }
    code += "];\n\n/// In order of the file.\npub static CONNECTORS: &[ConnectorGrant] = &[\n";
    for connector in &connectors {
        code += &connector_code(connector)
            .map_err(|error| format!("connectors.yml: {} to {}: {error}", connector.source, connector.destination))?;
    }
    code += "];\n";
    Ok(code)
}

fn read<T: for<'de> Deserialize<'de>>(path: &Path) -> Result<T, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    serde_saphyr::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

fn connector_code(connector: &Connector) -> Result<String, String> {
    let category = match connector.category.as_str() {
        "Read" | "Write" => &connector.category,
        other => return Err(format!("the category is `{other}`")),
    };
    let statements = statements_code(&connector.statements)?;
    let means = match (connector.means.as_str(), connector.holder.as_deref(), &connector.principal, &connector.source_arn) {
        ("role-policy", Some("source"), None, None) => "ConnectorMeans::SourceRole".to_owned(),
        ("role-policy", Some("destination"), None, None) => "ConnectorMeans::DestinationRole".to_owned(),
        ("topic-policy", None, Some(principal), None) => format!("ConnectorMeans::TopicPolicy {{ principal: {principal:?} }}"),
        ("queue-policy", None, Some(principal), None) => format!("ConnectorMeans::QueuePolicy {{ principal: {principal:?} }}"),
        ("function-permission", None, Some(principal), Some(source_arn)) => {
            check_pattern(source_arn)?;
            format!(
                "ConnectorMeans::FunctionPermission {{ principal: {principal:?}, source_arn: {source_arn:?}, own_account: {} }}",
                connector.own_account
            )
        }
        (means, ..) => return Err(format!("`{means}` does not go with the other keys")),
    };
    Ok(format!(
        "    ConnectorGrant {{ source: {:?}, destination: {:?}, category: {category:?}, means: {means}, statements: &[{statements}] }},\n",
        connector.source, connector.destination
    ))
}

fn statements_code(statements: &[Statement]) -> Result<String, String> {
    let mut code = String::new();
    for statement in statements {
        statement.resources.iter().try_for_each(|pattern| check_pattern(pattern))?;
        if let Some(action) = statement.actions.iter().find(|action| !action.contains(':')) {
            return Err(format!("the action `{action}` names no service"));
        }
        let condition = match &statement.condition {
            Some(Condition { operator, key, value }) => {
                check_pattern(value)?;
                format!("Some(StatementCondition {{ operator: {operator:?}, key: {key:?}, value: {value:?} }})")
            }
            None => "None".to_owned(),
        };
        let _ = write!(
            code,
            "Statement {{ actions: &{:?}, resources: &{:?}, condition: {condition} }}, ",
            statement.actions, statement.resources
        );
    }
    Ok(code)
}

/// Braces must pair, and what the provider fills in must be something that the reader knows.
fn check_pattern(pattern: &str) -> Result<(), String> {
    for part in pattern.split("${").skip(1) {
        let (name, _) = part.split_once('}').ok_or_else(|| format!("`{pattern}` has an open brace"))?;
        if name.starts_with("AWS::") && !matches!(name, "AWS::Partition" | "AWS::Region" | "AWS::AccountId") {
            return Err(format!("`{pattern}` names `{name}`"));
        }
    }
    Ok(())
}
