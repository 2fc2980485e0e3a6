//! Records of the DNS: where a name leads, all who use the name go.
//!
//! Comes in: a record. Goes out: its targets. One of the unit is weighed as what it is.

use crate::catalog::governed;
use crate::catalog::paths;
use crate::catalog::spelled::spell;
use crate::catalog::unweighed::Collector;
use crate::model::resource::Resource;
use crate::model::unweighed::{HERE, Kind};

/// Where a record names its target: an alias, or what is answered.
const TARGETS: [&str; 2] = ["AliasTarget.DNSName", "ResourceRecords[]"];
const TOLD_AS: &str = "target";

pub(super) fn collect<'t>(collector: &mut Collector<'_, 't, '_>, record: &Resource<'t>) {
    let targets: Vec<_> = TARGETS.iter().flat_map(|path| paths::find(&record.properties, path)).collect();
    let Some(first) = targets.first() else { return };
    if targets.iter().all(|target| governed::is_here(collector.draft, target)) {
        return collector.add_digest(record, (Kind::Value, TOLD_AS), HERE.to_owned(), first.span);
    }
    let spelled = |target| {
        let mut text = String::new();
        spell(collector.draft, target, &mut text);
        text.trim_end_matches('.').to_ascii_lowercase()
    };
    let mut texts: Vec<String> = targets.iter().map(spelled).collect();
    texts.sort_unstable();
    collector.add_text(record, (Kind::Value, TOLD_AS), &texts.join(", "), first.span);
}
