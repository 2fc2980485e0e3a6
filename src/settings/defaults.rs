//! What counts where the settings say nothing.

use crate::change::Right;
use crate::settings::own::Own;
use crate::settings::talk::Talk;
use crate::settings::{Cadence, DOCUMENT, Mode, ReviewAfter, Settings, Unread};
use crate::stride::policy::Policy;
use crate::stride::rule::Severity;
use globset::GlobSet;
use std::collections::{BTreeMap, BTreeSet};

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Advise,
            findings: Some(Severity::High),
            questions: None,
            unread: Unread::Note,
            decide: Right::Write,
            teams: Vec::new(),
            bots: Vec::new(),
            owners: false,
            code_owners: None,
            needed: BTreeMap::new(),
            review_after: ReviewAfter::default(),
            emergency_team: None,
            threads: 5,
            talk: Talk::default(),
            agents: true,
            document: DOCUMENT.to_owned(),
            issue: Cadence::Never,
            misread_issues: None,
            exclude: GlobSet::empty(),
            excluded: Vec::new(),
            lock: BTreeSet::new(),
            refused: Vec::new(),
            facts: Vec::new(),
            trust: Vec::new(),
            rules: Policy::default(),
            generated: None,
            own: Own::default(),
            own_stated: Vec::new(),
            unstated: Vec::new(),
            own_accounts: BTreeSet::new(),
        }
    }
}
