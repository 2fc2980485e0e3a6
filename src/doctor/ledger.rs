//! Whether the ledger's branch is there, protected, and open to the App.

use crate::doctor::Diagnosis;
use crate::doctor::gate::reach;
use crate::forge::error::ForgeError;
use crate::forge::protection::allowed_by;
use crate::forge::shared::Forge;
use crate::forge::tree::Place;
use crate::forge::wire;
use crate::server::config::LedgerPlace;
use std::collections::BTreeSet;

const AREA: &str = "ledger";

/// Looks at the repository for decisions, or else at the reviewed one, where one was named.
pub(super) async fn look(forge: &Forge, ledger: &LedgerPlace, reviewed: Option<Place>, diagnosis: &mut Diagnosis) {
    let place = match &ledger.repository {
        None => reviewed,
        Some((owner, name)) => match reach(forge, owner, name).await {
            Ok(Some((place, _))) => Some(place),
            Ok(None) => {
                let what = format!("the App is not installed on {owner}/{name}, where decisions are kept: commands cannot be carried out");
                diagnosis.wrong(AREA, what, "install it there too");
                return;
            }
            Err(error) => {
                diagnosis.failed(AREA, &error);
                return;
            }
        },
    };
    let Some(place) = place else { return };
    if let Err(error) = look_at(forge, &place, &ledger.branch, diagnosis).await {
        diagnosis.failed(AREA, &error);
    }
}

async fn look_at(forge: &Forge, place: &Place, branch: &str, diagnosis: &mut Diagnosis) -> Result<(), ForgeError> {
    let name = format!("`{branch}` of {}/{}", place.owner, place.name);
    match place.branch_tip(branch).await? {
        Some(_) => diagnosis.good(AREA, format!("{name} is there")),
        None => diagnosis.good(AREA, format!("{name} is not there yet: the first decision makes it")),
    }
    let rules = place.rules(branch).await?;
    let rulesets = format!("{}/{}/{}/settings/rules", forge.web_url(), place.owner, place.name);
    let allowed = allowed_by(&rules);
    let way_out = format!("forbid updates, deletion and force pushes of {branch}, and let the App alone bypass it: {rulesets}");
    if !allowed.is_empty() {
        let what = format!(
            "who may change {name}: no ruleset forbids {}, and branch protection of the older kind is for administrators to read",
            allowed.join(", ")
        );
        diagnosis.not_verifiable(AREA, what, way_out);
    } else if bypassed(place, &rules).await? {
        diagnosis.good(AREA, format!("a ruleset protects {name}, and lets the App by; who else may bypass it is not verifiable"));
    } else {
        diagnosis.wrong(AREA, format!("a ruleset protects {name}, and does not let the App by: no decision can be committed"), way_out);
    }
    Ok(())
}

/// Whether the App may write despite every ruleset that holds.
async fn bypassed(place: &Place, rules: &[wire::Rule]) -> Result<bool, ForgeError> {
    let ids: BTreeSet<u64> = rules.iter().filter(|rule| rule.kind == "update").filter_map(|rule| rule.ruleset_id).collect();
    for id in ids {
        let ruleset: wire::Ruleset = place.client.get(&place.path(&format!("/rulesets/{id}"))).await?;
        if !matches!(ruleset.current_user_can_bypass.as_str(), "always" | "exempt") {
            return Ok(false);
        }
    }
    Ok(true)
}
