//! The list of commands, from which parsing, help and refusals all read.

use crate::command::Verb;

/// One command: what people type, and what it is for.
pub struct Entry {
    pub word: &'static str,
    pub verb: Verb,
    pub synopsis: &'static str,
    pub does: &'static str,
}

/// In the order in which help tells them.
pub const COMMANDS: [Entry; 16] = [
    Entry {
        word: "mitigate",
        verb: Verb::Mitigate,
        synopsis: "<id>… <how> [until=DATE] [see=PATH[#PATTERN]]",
        does: "a control outside the template answers it",
    },
    Entry { word: "accept", verb: Verb::Accept, synopsis: "<id>… <why> [until=DATE] [ticket=ID]", does: "the risk is taken, knowingly" },
    Entry {
        word: "defer",
        verb: Verb::Defer,
        synopsis: "<id>… <why> until=DATE and/or ticket=ID",
        does: "it is mended later; counted as debt until then, and open again when the date is over, or after some months where only a ticket is named",
    },
    Entry { word: "transfer", verb: Verb::Transfer, synopsis: "<id>… <why> to=WHO", does: "somebody else bears the risk" },
    Entry { word: "na", verb: Verb::NotApplicable, synopsis: "<id>… <why>", does: "it does not apply here" },
    Entry { word: "wrong", verb: Verb::Wrong, synopsis: "<id>… <why>", does: "Astride misread the template" },
    Entry {
        word: "confirm",
        verb: Verb::Confirm,
        synopsis: "<id>… [remark]",
        does: "somebody else's proposal, or what the pull request states, counts",
    },
    Entry { word: "reopen", verb: Verb::Reopen, synopsis: "<id>… <why>", does: "takes a decision back" },
    Entry { word: "undo", verb: Verb::Undo, synopsis: "[remark]", does: "takes back all that your last comment with a command did here" },
    Entry {
        word: "carry",
        verb: Verb::Carry,
        synopsis: "<old id> <id> [remark]",
        does: "what was decided on the old ID holds for the one that stands now",
    },
    Entry { word: "assign", verb: Verb::Assign, synopsis: "<id>… @who [remark]", does: "asks somebody for the answer, who is told once" },
    Entry { word: "show", verb: Verb::Show, synopsis: "[<id>]", does: "what stands on a threat, or on all" },
    Entry { word: "explain", verb: Verb::Explain, synopsis: "<id>", does: "the facts, the rule and what would answer it" },
    Entry { word: "recheck", verb: Verb::Recheck, synopsis: "", does: "judges the pull request again" },
    Entry {
        word: "emergency",
        verb: Verb::Emergency,
        synopsis: "<ticket> <why>",
        does: "lets this head pass for 72 hours; administrators call it, or the team that the settings name",
    },
    Entry { word: "help", verb: Verb::Help, synopsis: "", does: "this list" },
];

/// What the commands are called elsewhere: words that are far from ours, and mean the same.
const CALLED_ELSEWHERE: [(&str, &[&str]); 8] = [
    ("mitigate", &["fix", "fixed", "done", "handled", "resolve", "resolved"]),
    ("accept", &["approve", "approved", "lgtm", "ok", "okay", "ack", "allow", "ignore", "dismiss", "suppress", "wontfix"]),
    ("defer", &["later", "postpone", "snooze"]),
    ("na", &["n/a", "irrelevant", "not-applicable"]),
    ("wrong", &["fp", "false-positive", "false"]),
    ("undo", &["revert", "cancel"]),
    ("show", &["status", "list"]),
    ("explain", &["why", "what"]),
];

/// The command that goes by another name elsewhere: to suggest, never to carry out.
pub(super) fn meant(word: &str) -> Option<&'static str> {
    CALLED_ELSEWHERE.iter().find(|(_, others)| others.contains(&word)).map(|(own, _)| *own)
}

/// The help as Markdown.
pub fn markdown() -> String {
    let mut out = String::from("| command | does |\n|---|---|\n");
    for entry in COMMANDS.iter() {
        out.push_str(&format!("| `/stride {}` | {} |\n", format!("{} {}", entry.word, entry.synopsis).trim(), entry.does));
    }
    out.push_str(
        "\nAn ID is what the comment shows, `IntakeFn/S-7f3a9c21`; in a review thread it can be left out. \
         A command stands at the start of a line; what is said behind it goes on to the next empty line. Authors of a pull request propose, and somebody else confirms.",
    );
    out
}

#[cfg(test)]
mod tests {
    use super::{CALLED_ELSEWHERE, COMMANDS, meant};
    use crate::model::nearest::nearest;

    #[test]
    fn words_of_elsewhere_are_none_of_ours_and_mean_one() {
        for (own, others) in CALLED_ELSEWHERE {
            assert!(COMMANDS.iter().any(|entry| entry.word == own), "{own}");
            for other in others {
                assert!(COMMANDS.iter().all(|entry| entry.word != *other) && meant(other) == Some(own), "{other}");
            }
        }
    }

    #[test]
    fn mistyped_words_find_their_command() {
        let words = || COMMANDS.iter().map(|entry| entry.word);
        for (typed, meant) in [("acept", Some("accept")), ("mitigated", Some("mitigate")), ("confrim", Some("confirm")), ("deploy", None)] {
            assert_eq!(nearest(typed, words()), meant, "{typed}");
        }
    }
}
