//! A branch as it stands: all that the register is made from.
//!
//! Comes in: the branch's tip. Goes out: its tree, the settings and the ledger, with every file of the ledger that is the repository's.

use super::error::ForgeError;
use super::site::Site;
use super::snapshot::{BaseTip, Snapshot};
use crate::change::{Listing, ObjectId, Side};
use crate::judge::register::{self, LedgerFiles};
use crate::settings::{Settings, SettingsTexts};
use std::collections::BTreeMap;

impl Site {
    /// The settings in force at a commit of the default branch.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn settings_at(&self, tip: ObjectId) -> Result<SettingsTexts, ForgeError> {
        let tree = self.place.commit(tip).await?.tree;
        let unlisted = Side { commit: ObjectId([0; 20]), listing: Listing::default(), truncated: true, plans: BTreeMap::new() };
        self.settings(BaseTip { commit: tip, tree }, &unlisted).await
    }

    /// Looks at the tree of a commit, its settings, and the ledger.
    ///
    /// # Errors
    /// Of the forge; `TooLarge` where the tree cannot be listed whole.
    pub async fn see_whole(&self, tip: ObjectId) -> Result<Snapshot, ForgeError> {
        let side = self.side_at(tip).await?;
        if side.truncated {
            return Err(ForgeError::TooLarge { what: format!("the tree of {}", self.default_branch), limit: side.listing.len() });
        }
        let (settings, ledger_tip) = (self.settings_at(tip).await?, self.ledger_tip(None).await?);
        let growth = self.ledger.growth(&ledger_tip).await?;
        let mut change = register::change(side, BTreeMap::new());
        change.repository = self.repository.clone();
        let ledger = self.ledger_texts(&ledger_tip, &growth).await?;
        Ok(Snapshot { settings, ledger, tip: ledger_tip, growth, ..Snapshot::of(change) })
    }

    /// All that the ledger has of this repository, and of those who pushed to it what the settings want to be known.
    ///
    /// # Errors
    /// Of the forge.
    pub async fn ledger_files(&self, snapshot: &Snapshot, settings: &Settings) -> Result<LedgerFiles, ForgeError> {
        let texts = self.ledger.all_texts(&snapshot.tip).await?;
        let mut files = LedgerFiles { texts, ..LedgerFiles::default() };
        let mut pushers = snapshot.pushers.clone();
        for part in &snapshot.growth.pushed {
            let text = self.pushed_text(part, &mut pushers).await?;
            files.pushed.entry(part.file.clone()).or_default().push(text);
        }
        for (team, login) in files.unasked(&self.repository, settings) {
            let member = self.member(&team, &login).await?;
            files.members.insert((team, login), member);
        }
        Ok(files)
    }
}
