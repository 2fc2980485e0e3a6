//! Groups of parameters by which databases and caches run: one that stands elsewhere, or the provider's own, has other settings of logs and of
//! encryption than the one that it takes the place of.
//!
//! Comes in: a database. Goes out: each group that it names. The provider's own are one, of whatever version.
//! <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html>

use crate::catalog::governed;
use crate::catalog::names::canonical;
use crate::catalog::paths;
use crate::catalog::unweighed::Collector;
use crate::model::resource::Resource;
use crate::model::unweighed::{BARE, HERE, Kind};

/// Where types name their group, in the order of the types.
const GROUPS: [(&str, &str); 8] = [
    ("AWS::DocDB::DBCluster", "DBClusterParameterGroupName"),
    ("AWS::ElastiCache::ReplicationGroup", "CacheParameterGroupName"),
    ("AWS::MemoryDB::Cluster", "ParameterGroupName"),
    ("AWS::Neptune::DBCluster", "DBClusterParameterGroupName"),
    ("AWS::RDS::DBCluster", "DBClusterParameterGroupName"),
    ("AWS::RDS::DBInstance", "DBParameterGroupName"),
    ("AWS::RDS::DBInstance", "OptionGroupName"),
    ("AWS::Redshift::Cluster", "ClusterParameterGroupName"),
];
/// How the names of the provider's own groups begin.
const OWN: [&str; 2] = ["default.", "default:"];

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, database: &Resource<'t>) {
    for (_, path) in GROUPS.iter().filter(|(kind, _)| *kind == database.kind) {
        let named = paths::find(&database.properties, path);
        if named.is_empty() {
            collector.add_digest(database, (Kind::Value, path), BARE.to_owned(), database.span);
        }
        for group in named {
            let text = canonical(&group).unwrap_or_default();
            if OWN.iter().any(|own| text.starts_with(own)) {
                collector.add_digest(database, (Kind::Value, path), BARE.to_owned(), group.span);
            } else if governed::is_here(collector.draft, &group) {
                collector.add_digest(database, (Kind::Value, path), HERE.to_owned(), group.span);
            } else {
                collector.add(database, (Kind::Value, path), &group, group.span);
            }
        }
    }
}
