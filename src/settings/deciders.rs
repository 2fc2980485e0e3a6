//! Who decides, as the settings say it: the least permission, teams, code owners.
//!
//! Comes in: `decide.right`, `decide.teams` and `decide.owners` as read. Goes out: words, and what is left beside an organisation's.

use crate::change::Right;
use crate::settings::Settings;
use crate::settings::owners::Owner;

impl Settings {
    /// Who may decide, in words.
    pub fn deciders(&self) -> String {
        let with = match self.decide {
            Right::Admin => "who is an administrator of the repository",
            Right::Maintain => "who is a maintainer of the repository",
            Right::Write | Right::Triage | Right::Read | Right::None => "with write access",
        };
        let teams = self.teams.join(" or ");
        match (self.owners, self.decide) {
            (true, _) if !teams.is_empty() => format!("a code owner who is in {teams}, {with}"),
            (true, _) => format!("a code owner {with}"),
            (false, _) if !teams.is_empty() => format!("a member of {teams} {with}"),
            (false, Right::Admin) => "an administrator of the repository".to_owned(),
            (false, Right::Maintain) => "a maintainer of the repository".to_owned(),
            (false, _) => format!("anyone {with}"),
        }
    }

    /// The teams whose members alone decide, beside code owners where these do; `organisation` is whose a team is that is named by its slug alone.
    pub fn deciding_teams(&self, organisation: &str) -> Vec<Owner> {
        let whole = |team: &String| if team.contains('/') { team.clone() } else { format!("{organisation}/{team}") };
        self.teams.iter().map(whole).map(Owner::Team).collect()
    }

    /// Where an organisation names teams, a repository may name some of these and no others.
    pub(super) fn keep_to_teams(&mut self, organisation: &Self) {
        let is_narrower = !self.teams.is_empty() && self.teams.iter().all(|team| organisation.teams.contains(team));
        if !organisation.teams.is_empty() && !is_narrower {
            self.teams.clone_from(&organisation.teams);
        }
    }

    /// Whether the code owners of the head's settings decide in the place of teams. Beside teams they only leave fewer.
    pub fn puts_owners_in_place_of_teams(&self, head: &Self) -> bool {
        head.owners && !self.owners && self.other_teams_in(head).is_some()
    }

    /// Whether others may decide by the head's settings than by these: the teams of both, in words.
    pub(super) fn other_teams_in(&self, head: &Self) -> Option<(String, String)> {
        let words = |teams: &[String]| if teams.is_empty() { "anyone".to_owned() } else { teams.join(", ") };
        let is_wider = !self.teams.is_empty() && (head.teams.is_empty() || head.teams.iter().any(|team| !self.teams.contains(team)));
        is_wider.then(|| (words(&self.teams), words(&head.teams)))
    }
}

#[cfg(test)]
mod tests {
    use crate::change::Right;
    use crate::settings::Settings;

    fn of(teams: &[&str]) -> Settings {
        Settings { teams: teams.iter().map(|team| (*team).to_owned()).collect(), ..Settings::default() }
    }

    #[test]
    fn who_decides_is_said_in_words() {
        for (settings, expected) in [
            (Settings::default(), "anyone with write access"),
            (Settings { decide: Right::Admin, ..Settings::default() }, "an administrator of the repository"),
            (of(&["security", "acme/platform"]), "a member of security or acme/platform with write access"),
            (Settings { decide: Right::Maintain, ..of(&["security"]) }, "a member of security who is a maintainer of the repository"),
            (Settings { owners: true, ..Settings::default() }, "a code owner with write access"),
            (Settings { owners: true, ..of(&["security"]) }, "a code owner who is in security, with write access"),
        ] {
            assert_eq!(settings.deciders(), expected);
        }
    }

    #[test]
    fn an_organisations_teams_can_only_become_fewer() {
        for (own, organisation, left) in [
            (&["security"][..], &[][..], &["security"][..]),
            (&[], &["security", "platform"], &["security", "platform"]),
            (&["security"], &["security", "platform"], &["security"]),
            (&["security", "everybody"], &["security"], &["security"]),
        ] {
            let mut settings = of(own);
            settings.keep_to_teams(&of(organisation));
            assert_eq!(settings.teams, left);
        }
        for (base, head, is_wider) in [
            (&[][..], &["security"][..], false),
            (&["security"], &[], true),
            (&["security"], &["security", "platform"], true),
            (&["security", "platform"], &["security"], false),
        ] {
            assert_eq!(of(base).other_teams_in(&of(head)).is_some(), is_wider, "{base:?} {head:?}");
        }
    }
    #[test]
    fn owners_beside_teams_leave_those_who_are_both() {
        let base = of(&["security"]);
        for (head, weakened) in [
            (Settings { owners: true, ..of(&["security"]) }, &[][..]),
            (Settings { owners: true, ..Settings::default() }, &["decide.teams", "decide.owners"]),
            (Settings { owners: true, ..of(&["everybody"]) }, &["decide.teams", "decide.owners"]),
        ] {
            let found: Vec<&str> = base.weakened_by(&head).iter().map(|cause| cause.setting).collect();
            assert_eq!(found, weakened, "{:?}", head.teams);
        }
        let mut own = Settings { owners: true, ..Settings::default() };
        own.tighten(&base);
        assert_eq!((own.owners, own.teams), (true, base.teams));
    }
}
