//! Reason and options of a command: what stands behind its targets.
//!
//! Comes in: the words of a line. Goes out: the command with its reason, its end, what it points to, its ticket and who takes the risk over;
//! or what is wrong with them, for the person who wrote them.

use crate::change::{Day, Timestamp};
use crate::command::{Command, See, Verb, reason};
use crate::decisions::pin;
use crate::report::escape::is_mentionable;
use crate::source::RepoPath;

/// How far ahead a decision may last, in days.
const MAX_DAYS: i64 = 731;
/// Longest name of a ticket, in characters: an address is one too.
const MAX_TICKET: usize = 200;
/// Longest name of whoever takes a risk over, in characters.
const MAX_TAKER: usize = 100;

/// Else it would stand in the reason, and look as if it counted.
const FOR_ORGANISATION: &str = "A comment decides for this repository. What counts in all of an organisation's is decided in its `.github` repository: \
                                `astride decide --for-organisation --organisation DIR accept ID reason`, in a clone of this one, writes the decision \
                                into a clone DIR of that one, to be merged there.";

/// Reason and options, in any order. What was meant as an end date must not be lost in the reason: the decision would hold for ever.
pub(super) fn take_rest<'w>(words: impl Iterator<Item = &'w str>, at: Timestamp, command: &mut Command) -> Result<(), String> {
    let mut reason: Vec<&str> = Vec::new();
    for word in words {
        match word.split_once('=') {
            Some(("until", _)) if command.until.is_some() => return Err("`until=` stands there twice; which one counts?".to_owned()),
            Some(("see", _)) if command.see.is_some() => return Err("`see=` stands there twice; one path can be pinned.".to_owned()),
            Some(("ticket", _)) if command.ticket.is_some() => return Err("`ticket=` stands there twice; name one.".to_owned()),
            Some(("to", _)) if command.to.is_some() => return Err("`to=` stands there twice; name who takes it over.".to_owned()),
            Some(("until", day)) => command.until = Some(until(day, at)?),
            Some(("see", path)) => command.see = Some(see(path)?),
            Some(("ticket", ticket)) => command.ticket = Some(self::ticket(ticket)?),
            Some(("to", taker)) => command.to = Some(self::taker(taker)?),
            Some(("scope", scope)) if scope.starts_with("organi") => return Err(FOR_ORGANISATION.to_owned()),
            _ => {
                reason::check_word(reason.last().copied(), word)?;
                reason.push(word);
            }
        }
    }
    command.reason = reason.join(" ");
    Ok(())
}

/// What a verdict needs beside its reason is there, and no option is given that would be lost on the verb.
pub(super) fn check(command: &Command) -> Result<(), String> {
    if !command.verb.is_verdict() {
        let option = first_option(command);
        return option.map_or(Ok(()), |option| Err(format!("`{option}=` belongs to a verdict; this command takes none.")));
    }
    match command.verb {
        Verb::Defer if command.until.is_none() && command.ticket.is_none() => {
            Err("What is deferred comes back: add a date, `until=2027-05-23`, or where it is followed up, `ticket=OPS-12`.".to_owned())
        }
        Verb::Transfer if command.to.is_none() => Err("To whom? Name who takes the risk over: `to=payments-team`.".to_owned()),
        verb if verb != Verb::Transfer && command.to.is_some() => {
            Err("`to=` says who takes a risk over, and belongs to `/stride transfer`.".to_owned())
        }
        _ => Ok(()),
    }
}

/// Whom an assignment asks, without the `@`.
pub(super) fn asked(word: Option<&str>, rest: &str) -> Result<String, String> {
    let Some(word) = word else {
        let meant = rest.split_whitespace().next().filter(|word| is_mentionable(word)).map(|word| format!(" Did you mean `@{word}`?"));
        return Err(format!("To whom? Name a person or a team: `/stride assign 1 @maria`.{}", meant.unwrap_or_default()));
    };
    let name = word.trim_start_matches('@').trim_end_matches([',', ':', ';', '.']);
    if name.eq_ignore_ascii_case("who") {
        return Err("Replace `@who` by somebody's name: `/stride assign 1 @maria`.".to_owned());
    }
    if !is_mentionable(name) {
        return Err("What stands behind the `@` is no name of a person or a team: `@maria`, `@acme/payments-owners`.".to_owned());
    }
    if rest.starts_with('@') {
        return Err("An answer is asked of one person or team; a second line asks another.".to_owned());
    }
    Ok(name.to_owned())
}

fn first_option(command: &Command) -> Option<&'static str> {
    let given = [
        ("until", command.until.is_some()),
        ("see", command.see.is_some()),
        ("ticket", command.ticket.is_some()),
        ("to", command.to.is_some()),
    ];
    given.into_iter().find(|(_, is_given)| *is_given).map(|(option, _)| option)
}

/// Whether a word names a ticket: it has a number, as `OPS-12` and addresses do, and is no placeholder.
pub(super) fn is_ticket(word: &str) -> bool {
    word.chars().count() <= MAX_TICKET && word.bytes().any(|byte| byte.is_ascii_digit()) && !word.contains(['<', '>'])
}

fn ticket(word: &str) -> Result<String, String> {
    let taken = is_ticket(word).then(|| word.to_owned());
    taken.ok_or_else(|| "`ticket=` takes the name of a ticket or its address, `ticket=OPS-12`.".to_owned())
}

fn taker(word: &str) -> Result<String, String> {
    let is_name = word.chars().any(char::is_alphanumeric) && word.chars().count() <= MAX_TAKER && !word.contains(['<', '>']);
    is_name.then(|| word.to_owned()).ok_or_else(|| "`to=` takes who takes the risk over, in one word: `to=payments-team`.".to_owned())
}

fn until(text: &str, at: Timestamp) -> Result<Day, String> {
    let day = Day::parse(text).ok_or("`until=` takes a date, `until=2027-05-23`.")?;
    let today = at.day();
    if day == today {
        return Err(format!("`until={day}` is today; a decision needs time to count: name a later day."));
    }
    if day < today {
        return Err(format!("`until={day}` lies in the past; a decision needs time to count."));
    }
    if day.0 - today.0 > MAX_DAYS {
        return Err(format!("`until={day}` lies more than two years ahead; leave it out for a decision without an end."));
    }
    Ok(day)
}

fn see(text: &str) -> Result<See, String> {
    let (path, pattern) = text.split_once('#').map_or((text, None), |(path, pattern)| (path, Some(pattern)));
    let path = RepoPath::new("").sibling(path).filter(|path| !path.as_str().is_empty());
    let path = path.ok_or("`see=` takes a path inside the repository.")?;
    if let Some(pattern) = pattern {
        pin::pattern(pattern)?;
    }
    Ok(See { path, pattern: pattern.map(str::to_owned) })
}
