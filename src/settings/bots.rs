//! Bots whose commands propose, by the numbers of their accounts.
//!
//! Comes in: `decide.bots`. Goes out: entries with the lines that they stand in, and what is left beside an organisation's. Names are none: they can
//! be given up and taken. Astride's own account is no use here: what it writes is never read as a command.

use crate::change::{Actor, UserId};
use crate::settings::Settings;
use crate::settings::sections::{Wrong, place};
use crate::source::{Place, RepoPath};
use crate::syntax::{Node, Value};
use schemars::{Schema, SchemaGenerator, json_schema};

/// Most bots.
const MAX_BOTS: usize = 20;

/// A bot that is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedBot {
    pub id: UserId,
    pub place: Place,
}

impl Settings {
    /// Whether the commands of an account propose although it is a bot.
    pub fn names_bot(&self, actor: &Actor) -> bool {
        actor.bot && self.bots.iter().any(|bot| bot.id == actor.id)
    }

    /// The organisation's bots are named in each of its repositories.
    pub(super) fn name_bots_of(&mut self, organisation: &Self) {
        let new = organisation.bots.iter().filter(|bot| self.bots.iter().all(|own| own.id != bot.id));
        let new: Vec<NamedBot> = new.cloned().collect();
        self.bots.extend(new);
    }
}

/// The numbers of bots that `head` names and `base` does not.
pub(super) fn gained(base: &[NamedBot], head: &[NamedBot]) -> Vec<String> {
    head.iter().filter(|bot| base.iter().all(|known| known.id != bot.id)).map(|bot| bot.id.0.to_string()).collect()
}

/// The JSON Schema of the list.
pub(super) fn schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": MAX_BOTS, "uniqueItems": true})
}

pub(super) fn read(list: Node<'_>, path: &RepoPath) -> Result<Vec<NamedBot>, Wrong> {
    let Value::List(items) = list.value else {
        return Err((list.span, "decide.bots wants a list of the numbers of accounts".to_owned()));
    };
    if items.len() > MAX_BOTS {
        return Err((list.span, format!("decide.bots has {} bots, at most {MAX_BOTS} are possible", items.len())));
    }
    let mut bots: Vec<NamedBot> = Vec::new();
    for item in items {
        let written = item.scalar().unwrap_or_default();
        let id = written.parse().ok().filter(|id| *id > 0).map(UserId);
        let id = id.ok_or_else(|| (item.span, format!("decide.bots has `{written}`, which is no number of an account")))?;
        if bots.iter().any(|bot| bot.id == id) {
            return Err((item.span, format!("decide.bots names `{}` twice", id.0)));
        }
        bots.push(NamedBot { id, place: place(path, item.span) });
    }
    Ok(bots)
}

#[cfg(test)]
mod tests {
    use crate::change::{Actor, UserId};
    use crate::settings::{ORGANISATION, PATH, parse};
    use crate::source::RepoPath;

    #[test]
    fn an_organisation_names_bots_for_all_and_may_lock_them() {
        const OWN: &str = "decide:\n  bots: [7,\n    9]\n";
        for (organisation, named, refused) in [
            ("mode: enforce\n", &[7, 9][..], &[][..]),
            ("decide: {bots: [8, 9]}\n", &[7, 9, 8], &[]),
            ("lock: [bots]\ndecide: {bots: [9]}\n", &[9], &[2]),
            ("lock: [bots]\n", &[], &[2, 3]),
        ] {
            let mut settings = parse(&RepoPath::new(PATH), OWN).unwrap();
            settings.tighten(&parse(&RepoPath::new(ORGANISATION.1), organisation).unwrap());
            let found: Vec<u64> = settings.bots.iter().map(|bot| bot.id.0).collect();
            assert_eq!(found, named, "{organisation}");
            let lines: Vec<u32> = settings.refused.iter().map(|error| error.place.line).collect();
            assert_eq!(lines, refused, "{organisation}");
        }
    }

    #[test]
    fn one_more_bot_is_less() {
        let of = |text: &str| parse(&RepoPath::new(PATH), text).unwrap();
        let (none, one) = (of("mode: advise\n"), of("decide: {bots: [7]}\n"));
        let found: Vec<(&str, String)> = none.weakened_by(&one).into_iter().map(|cause| (cause.setting, cause.to)).collect();
        assert_eq!(found, [("decide.bots", "7".to_owned())]);
        assert!(one.weakened_by(&none).is_empty());
        let actor = |bot| Actor { id: UserId(7), login: "x".to_owned(), bot };
        assert!(one.names_bot(&actor(true)) && !one.names_bot(&actor(false)) && !none.names_bot(&actor(true)));
    }
}
