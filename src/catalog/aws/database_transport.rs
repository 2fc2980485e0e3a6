//! Whether a database refuses connections in clear text: by the parameter of its engine, or by what the engine does without one.
//!
//! Comes in: a database or a cluster with the parameter group that it names. Goes out: `in_transit`. A group of another template leaves the
//! answer open, and so does an engine whose version is not stated where versions differ. Engines that know no such parameter (Oracle, Db2)
//! get no fact. Pages read on 2026-11-24.

use crate::catalog::draft::Draft;
use crate::catalog::names::canonical;
use crate::catalog::targets::Target;
use crate::model::fact::{Fact, Origin, Reading, Word};
use crate::model::resource::{Property, Resource};
use crate::source::Span;

/// What decides for one engine.
struct Engine {
    parameter: &'static str,
    /// The value that lets clear text in; any other refuses it.
    off: &'static [&'static str],
    /// What holds where the parameter is not set, and the page that says so; `Unknown` where it cannot be told.
    default: (Word, &'static str),
}

const POSTGRES: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html";
const AURORA_POSTGRES: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html";
const MYSQL: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.require-ssl.html";
const MARIADB: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mariadb-ssl-connections.require-ssl.html";
const AURORA_MYSQL: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Security.html";
const SQL_SERVER: &str = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/SQLServer.Concepts.General.SSL.Using.html";
const DOCUMENT: &str = "https://docs.aws.amazon.com/documentdb/latest/developerguide/security.encryption.ssl.html";
const NEPTUNE: &str = "https://docs.aws.amazon.com/neptune/latest/userguide/security-ssl.html";
const REDSHIFT: &str = "https://docs.aws.amazon.com/redshift/latest/mgmt/connecting-ssl-support.html";

/// The values by which engines spell that something is off.
const OFF: &[&str] = &["0", "off", "false", "disabled"];

/// The resolver of databases, of clusters and of warehouses.
pub(crate) fn resolve<'t>(draft: &mut Draft<'t, '_>, database: &Resource<'t>) {
    let Some(element) = draft.element(database.address) else { return };
    // What belongs to a cluster is told by the cluster.
    if database.properties.get("DBClusterIdentifier").is_some() && database.kind == "AWS::RDS::DBInstance" {
        return;
    }
    if let Some(reading) = read(draft, database) {
        draft.set_fact(element, Fact::InTransit, reading);
    }
}

fn read<'t>(draft: &Draft<'t, '_>, database: &Resource<'t>) -> Option<Reading> {
    let engine = match engine(database) {
        Ok(engine) => engine?,
        Err((reason, span)) => return Some(Reading::unresolved(reason, draft.stated(span))),
    };
    let default = || Reading::word(engine.default.0, Origin::Default(engine.default.1));
    let Some(named) = GROUPS.iter().find_map(|key| database.properties.get(key)) else { return Some(default()) };
    let group = match draft.targets(named).into_iter().next() {
        Some(Target::Resource(reference)) => draft.resource(reference.address),
        Some(Target::Name(name)) if name.starts_with("default.") => return Some(default()),
        Some(Target::External(_) | Target::Arn(_) | Target::Name(_) | Target::Wildcard | Target::Unknown(_)) | None => None,
    };
    let Some(group) = group else {
        return Some(draft.defined_elsewhere("the parameter group", named.span));
    };
    Some(match parameter(group, engine.parameter) {
        None => match group.properties.get("Parameters").and_then(Property::unresolved) {
            Some(reason) => Reading::unresolved(reason, draft.stated(group.span)),
            None => default(),
        },
        Some(value) => match value.literal() {
            None => {
                Reading::unresolved(value.unresolved().unwrap_or_else(|| "the parameter is no text".to_owned()), draft.stated(value.span))
            }
            Some(text) => {
                let off = engine.off.iter().any(|off| text.eq_ignore_ascii_case(off));
                Reading::word(if off { Word::Optional } else { Word::Enforced }, draft.stated(value.span))
            }
        },
    })
}

const GROUPS: &[&str] = &["DBClusterParameterGroupName", "DBParameterGroupName", "ClusterParameterGroupName"];

/// The value of a parameter of a group: a map, or of warehouses a list of pairs.
fn parameter<'t>(group: &Resource<'t>, name: &str) -> Option<Property<'t>> {
    let parameters = group.properties.get("Parameters")?;
    if let Some(value) = parameters.get(name) {
        return Some(*value);
    }
    let pair = parameters.items().iter().find(|pair| pair.get("ParameterName").and_then(Property::literal) == Some(name))?;
    pair.get("ParameterValue").copied()
}

/// The engine of a database; none where it knows no such parameter or where the database is a copy that does not say what it is.
fn engine(database: &Resource<'_>) -> Result<Option<Engine>, (String, Span)> {
    let fixed = |parameter, default| Ok(Some(Engine { parameter, off: OFF, default }));
    match database.kind {
        "AWS::DocDB::DBCluster" => return fixed("tls", (Word::Enforced, DOCUMENT)),
        "AWS::Neptune::DBCluster" => return fixed("neptune_enforce_ssl", (Word::Enforced, NEPTUNE)),
        // Which of two default groups a warehouse gets depends on when it was made.
        "AWS::Redshift::Cluster" => return fixed("require_ssl", (Word::Unknown, REDSHIFT)),
        _ => {}
    }
    let Some(stated) = database.properties.get("Engine") else { return Ok(None) };
    let Some(name) = stated.literal() else {
        return Err((stated.unresolved().unwrap_or_else(|| "the engine is no text".to_owned()), stated.span));
    };
    let version = database.properties.get("EngineVersion").and_then(canonical).and_then(|version| parse(&version));
    let since = |first: (u32, u32), page| match version {
        None => (Word::Unknown, page),
        Some(version) if version >= first => (Word::Enforced, page),
        Some(_) => (Word::Optional, page),
    };
    let (parameter, default) = match name.to_ascii_lowercase().as_str() {
        "postgres" => ("rds.force_ssl", since((15, 0), POSTGRES)),
        "aurora-postgresql" => ("rds.force_ssl", since((17, 0), AURORA_POSTGRES)),
        "mysql" => ("require_secure_transport", since((9, 0), MYSQL)),
        "mariadb" => ("require_secure_transport", since((11, 8), MARIADB)),
        "aurora-mysql" | "aurora" => ("require_secure_transport", (Word::Optional, AURORA_MYSQL)),
        server if server.starts_with("sqlserver") => ("rds.force_ssl", (Word::Optional, SQL_SERVER)),
        _ => return Ok(None),
    };
    fixed(parameter, default)
}

/// The first two numbers of a version; `16` is `16.0`.
fn parse(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.');
    let major = numbers.next()?.parse().ok()?;
    Some((major, numbers.next().and_then(|minor| minor.parse().ok()).unwrap_or(0)))
}
