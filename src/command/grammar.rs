//! From a comment's body to its commands.
//!
//! ```text
//! line    := ("/stride" | "/astride") verb { target } [ reason ] { option }
//! target  := element "/" letter "-" hex          one threat
//!          | element "/" letter [ "@" hex ]      a cell
//!          | element "@" hex | "all" [ "@" hex ] an element, everything
//!          | "rollup/" group "-" hex
//!          | "repair/" name "-" hex              a file that cannot be read
//!          | "emergency" takes a ticket in its place
//!          | "assign" takes "@" login [ "/" team ] behind them, or before them
//! option  := ("until" "=" YYYY-MM-DD) | ("see" "=" path [ "#" pattern ]) | ("ticket" "=" word) | ("to" "=" word)
//! ```
//!
//! A command stands at the start of a line of plain text, in capitals or not: never in code, a quote, behind the mark of a list, in HTML, a table,
//! a heading, a formula or a link (`markdown`), and no part of it is hidden or struck out (`inline`). Reason and options go on over the lines of the
//! same paragraph, up to the next command; targets stand in the first line.

use crate::change::Timestamp;
use crate::command::help::{COMMANDS, meant};
use crate::command::inline;
use crate::command::markdown::{self, Sight, TextLine};
use crate::command::options;
use crate::command::reason;
use crate::command::{Command, Refusal, Target, Verb};
use crate::model::nearest::nearest;
use std::iter::Peekable;

/// Longest body that is read, in bytes; GitHub takes no longer one.
const MAX_BODY: usize = 65_536 * 4;
/// Most commands of one comment.
const MAX_COMMANDS: usize = 20;
/// Longest reason, in characters.
const MAX_REASON: usize = 2_000;

/// The commands of a comment and the lines that fail to be one, in order of the lines. `at` is the time of the comment, for `until=`.
pub fn parse(body: &str, at: Timestamp) -> Vec<Result<Command, Refusal>> {
    if body.len() > MAX_BODY || !may_hold_command(body) {
        return Vec::new();
    }
    if let Some(line) = alone_in_backticks(body) {
        return vec![refuse(line, "In backticks a command is an example, and was not carried out: type it without them.".to_owned())];
    }
    let mut found = Vec::new();
    let lines = markdown::read(body);
    for (line, behind) in lines.iter().zip(1..) {
        let Some(rest) = command_text(line.text).filter(|_| line.own) else { continue };
        if found.len() == MAX_COMMANDS {
            found.push(refuse(
                line.number,
                format!("One comment can hold {MAX_COMMANDS} commands; this one and those behind it are not read."),
            ));
            break;
        }
        found.push(match line.sight {
            Sight::Plain => parse_line(line.number, rest, &lines[behind..], at),
            // Whether readers see a command here or a part of something else cannot be told.
            Sight::Quoted | Sight::Doubtful => refuse(
                line.number,
                "To its readers this line may be part of a quote, code, HTML, a table, a heading, a formula or struck-out text; \
                 put an empty line before the command and one behind it."
                    .to_owned(),
            ),
        });
    }
    found
}

/// Whether a comment bears anything that wants to be a command.
pub fn bears_commands(body: &str) -> bool {
    !parse(body, Timestamp(0)).is_empty()
}

const NAMES: [&str; 2] = ["/stride", "/astride"];

/// Whether the text names us somewhere, in capitals or not: a telephone makes one of a line's first letter.
fn may_hold_command(text: &str) -> bool {
    text.match_indices('/').any(|(at, _)| after_name(&text[at..]).is_some())
}

/// Whether a line begins as a command does.
pub fn begins_command(line: &str) -> bool {
    after_name(line).is_some()
}

fn after_name(text: &str) -> Option<&str> {
    NAMES.iter().find_map(|name| text.get(name.len()..).filter(|_| text.as_bytes()[..name.len()].eq_ignore_ascii_case(name.as_bytes())))
}

fn command_text(line: &str) -> Option<&str> {
    let rest = after_name(line)?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then(|| rest.trim())
}

/// The line of a comment that is nothing but a command in backticks: whoever types that waits for something. Among other words it is an example.
fn alone_in_backticks(body: &str) -> Option<usize> {
    let mut written = (1..).zip(body.lines()).filter(|(_, line)| !line.trim().is_empty());
    let (number, line) = written.next()?;
    let inner = line.trim().trim_matches('`');
    let is_code = line.trim().len() >= inner.len() + 2 && line.trim().starts_with('`') && line.trim().ends_with('`');
    let is_alone = written.next().is_none() && is_code && !inner.contains('`');
    command_text(inner.trim()).filter(|_| is_alone).map(|_| number)
}

fn refuse(line: usize, why: String) -> Result<Command, Refusal> {
    Err(Refusal { line, why })
}

/// A command that begins in this line, and may go on in the lines behind it.
fn parse_line(line: usize, text: &str, behind: &[TextLine<'_>], at: Timestamp) -> Result<Command, Refusal> {
    let refuse = |why: String| Refusal { line, why };
    check_seen(text).map_err(refuse)?;
    let mut words = text.split_whitespace().peekable();
    let Some(word) = words.next() else { return Err(refuse("Which command? `/stride help` lists them.".to_owned())) };
    let verb = verb(word).map_err(refuse)?;
    let more = if keeps_reason(verb) { going_on(line, behind)? } else { Vec::new() };
    let more = more.iter().flat_map(|text| text.split_whitespace());
    if verb == Verb::Emergency {
        return emergency(line, words, more, at).map_err(refuse);
    }
    let mut who = asked(verb, &mut words);
    let mut what = first_numbers(verb, &mut words).map_err(refuse)?;
    while let Some(target) = words.peek().filter(|word| verb != Verb::Assign || !word.starts_with('@')).and_then(|word| target(word)) {
        // `all` behind an ID is a word of the reason.
        if target == (Target::All { set: None }) && !what.is_empty() {
            break;
        }
        what.push(target);
        words.next();
    }
    // What is carried goes to one that may be named by its number; behind other IDs a number belongs to the reason.
    if let Some(numbers) = words.peek().and_then(|word| numbers(word)).filter(|_| verb == Verb::Carry && what.len() == 1) {
        what.extend(numbers);
        words.next();
    }
    if words.peek().is_some_and(|word| resembles_id(word)) {
        return Err(refuse("One of the IDs is not whole: an ID ends in at least six hex digits, `IntakeFn/S-7f3a9c21`.".to_owned()));
    }
    who = who.or_else(|| asked(verb, &mut words));
    let mut command = Command { what, ..Command::bare(line, verb) };
    options::take_rest(words.chain(more), at, &mut command).map_err(refuse)?;
    options::check(&command).map_err(refuse)?;
    if verb == Verb::Assign {
        command.to = Some(options::asked(who, &command.reason).map_err(refuse)?);
    }
    check_reason(&command).map_err(refuse)?;
    Ok(command)
}

/// Whether what is said behind the command's targets is kept.
fn keeps_reason(verb: Verb) -> bool {
    !matches!(verb, Verb::Show | Verb::Explain | Verb::Recheck | Verb::Help)
}

/// The lines of the paragraph in which the reason goes on: whoever writes sees one text up to an empty line.
fn going_on<'b>(mut line: usize, behind: &[TextLine<'b>]) -> Result<Vec<&'b str>, Refusal> {
    let mut more: Vec<&str> = Vec::new();
    let mut length = 0;
    for next in behind {
        // What is longer is refused in any case.
        let ends = next.number != line + 1 || next.first || next.own && command_text(next.text).is_some() || length > 4 * MAX_REASON;
        if ends {
            break;
        }
        let seen = match next.sight {
            Sight::Plain => check_seen(next.text),
            Sight::Quoted | Sight::Doubtful => {
                Err("The reason goes on in this line, which to its readers may be part of a quote, code, HTML, a table \
                                                    or struck-out text; put an empty line behind what you want to say."
                    .to_owned())
            }
        };
        seen.map_err(|why| Refusal { line: next.number, why })?;
        length += next.text.len();
        more.push(next.text);
        line = next.number;
    }
    Ok(more)
}

fn check_seen(text: &str) -> Result<(), String> {
    match inline::unseen(text) {
        Some(what) => Err(format!("A part of this line is {what}, which readers do not see; leave it out.")),
        None => Ok(()),
    }
}

/// `@maria`: whom an assignment asks.
fn asked<'w>(verb: Verb, words: &mut Peekable<impl Iterator<Item = &'w str>>) -> Option<&'w str> {
    words.next_if(|word| verb == Verb::Assign && word.starts_with('@'))
}

/// A ticket and a reason: what an emergency is about follows from where it is called.
fn emergency<'w>(
    line: usize,
    mut words: impl Iterator<Item = &'w str>,
    more: impl Iterator<Item = &'w str>,
    at: Timestamp,
) -> Result<Command, String> {
    let ticket = words.next().filter(|ticket| options::is_ticket(ticket));
    let ticket = ticket.ok_or("Which ticket? An emergency is followed up: `/stride emergency OPS-12 the shop is down`.")?;
    let mut command = Command::bare(line, Verb::Emergency);
    options::take_rest(words.chain(more), at, &mut command)?;
    options::check(&command)?;
    command.ticket = Some(ticket.to_owned());
    check_reason(&command)?;
    Ok(command)
}

/// A word that wants to be the ID of one threat, and is none: `IntakeFn/S-7f3a`.
fn resembles_id(word: &str) -> bool {
    let word = word.trim_end_matches(',').trim_matches('`');
    if let Some((_, hash)) = word.strip_prefix("repair/").and_then(|rest| rest.rsplit_once('-')) {
        return hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    word.rsplit_once('/').is_some_and(|(element, cell)| {
        let hash = cell.strip_prefix(|letter: char| letter.is_ascii_alphabetic()).and_then(|cell| cell.strip_prefix('-'));
        !element.is_empty() && hash.is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
    })
}

fn verb(word: &str) -> Result<Verb, String> {
    let word = word.to_lowercase();
    match COMMANDS.iter().find(|entry| entry.word == word) {
        Some(entry) => Ok(entry.verb),
        None => {
            let known = COMMANDS.iter().map(|entry| entry.word);
            Err(match meant(&word).or_else(|| nearest(&word, known)) {
                Some(meant) => format!("There is no such command. Did you mean `/stride {meant}`?"),
                None => "There is no such command; `/stride help` lists them.".to_owned(),
            })
        }
    }
}

/// The numbers that a command begins with. Another number behind a blank may be one of them or begin the reason: who writes it is asked.
fn first_numbers<'w>(verb: Verb, words: &mut Peekable<impl Iterator<Item = &'w str> + Clone>) -> Result<Vec<Target>, String> {
    let mut what = Vec::new();
    let mut goes_on = true;
    while let Some((word, more)) = words.peek().filter(|_| goes_on).and_then(|word| Some((*word, numbers(word)?))) {
        what.extend(more);
        goes_on = word.ends_with(',');
        words.next();
    }
    let mut behind = words.clone().skip_while(|word| matches!(*word, "and" | "&" | "+"));
    match behind.next().filter(|word| !what.is_empty() && verb != Verb::Carry && numbers(word).is_some()) {
        Some(word) => Err(format!(
            "Is `{word}` one more line, or does the reason begin with it? Lines are named with commas, `1,2`; a reason begins with a word."
        )),
        None => Ok(what),
    }
}

/// `3`, `#3` or `1,2`: lines of the comment, by their numbers. Only in the first place: further on a number belongs to the reason.
fn numbers(word: &str) -> Option<Vec<Target>> {
    word.trim_end_matches(',')
        .split(',')
        .map(|word| word.strip_prefix('#').unwrap_or(word))
        .map(|number| number.parse().ok().filter(|_| number.len() <= 4).map(Target::Number))
        .collect()
}

/// What a word names, if it has the form of a target. A word of the reason that happens to hold a slash (`and/or`) has no letter behind it.
fn target(word: &str) -> Option<Target> {
    let word = word.trim_end_matches(',').trim_matches('`');
    if word.is_empty() || word.contains('=') {
        return None;
    }
    if let Some(rest) = word.strip_prefix("rollup/") {
        return rest.rsplit_once('-').filter(|(_, hash)| is_hash(hash)).map(|_| Target::Rollup(word.to_owned()));
    }
    if let Some(rest) = word.strip_prefix("repair/") {
        return rest.rsplit_once('-').filter(|(_, hash)| is_hash(hash)).map(|_| Target::Repair(word.to_owned()));
    }
    let (name, set) = match word.rsplit_once('@') {
        Some((name, set)) if is_hash(set) => (name, Some(set.to_lowercase())),
        _ => (word, None),
    };
    if name == "all" {
        return Some(Target::All { set });
    }
    if let Some((element, cell)) = name.rsplit_once('/').filter(|(element, _)| !element.is_empty()) {
        let mut letters = cell.chars();
        let category = letters.next().filter(|letter| "STRIDE".contains(*letter))?;
        let element = element.to_owned();
        return match (letters.as_str(), set) {
            ("", set) => Some(Target::Cell { element, category, set }),
            (rest, None) => {
                let hash = rest.strip_prefix('-').filter(|hash| is_hash(hash))?.to_lowercase();
                Some(Target::Threat { element, category, hash })
            }
            (_, Some(_)) => None,
        };
    }
    // A bare word is a name only where a set hash says that it is meant as one: else it begins the reason.
    set.filter(|_| !name.is_empty()).map(|set| Target::Element { element: name.to_owned(), set: Some(set) })
}

fn is_hash(text: &str) -> bool {
    (6..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn check_reason(command: &Command) -> Result<(), String> {
    if let Some(placeholder) = reason::placeholder(&command.reason) {
        return Err(format!("Replace `<{placeholder}>` by your own words: they are what an auditor reads."));
    }
    if command.reason.chars().count() > MAX_REASON {
        return Err(format!("The reason is longer than {MAX_REASON} characters; put it into a document and name it with `see=`."));
    }
    let needs_reason = match command.verb {
        Verb::Reopen | Verb::Emergency => true,
        Verb::Confirm | Verb::Undo | Verb::Carry | Verb::Assign | Verb::Show | Verb::Explain | Verb::Recheck | Verb::Help => false,
        verdict => verdict.is_verdict(),
    };
    if needs_reason && !reason::says_something(&command.reason) {
        let typed = COMMANDS.iter().find(|entry| entry.verb == command.verb);
        let typed = typed.map_or_else(String::new, |entry| format!(": `/stride {} {}`", entry.word, entry.synopsis));
        return Err(format!("A reason is missing: say why, in the same line{typed}."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::change::Timestamp;
    use crate::command::{Target, Verb};
    use proptest::prelude::any;

    const NOON: Timestamp = Timestamp(1_780_000_000);

    #[test]
    fn commands_stand_at_the_start_of_plain_lines() {
        for (body, count) in [
            ("/stride recheck", 1),
            ("  /stride recheck", 1),
            ("text\n\n/astride help\n", 1),
            ("please /stride recheck", 0),
            ("/strideX recheck", 0),
            ("/STRIDE recheck\n\n/Stride ReCheck\n\n/Astride recheck", 3),
            ("> /STRIDE recheck", 0),
            ("```\n/Stride recheck\n```", 0),
            ("> /stride recheck", 0),
            ("```\n/stride recheck\n```", 0),
            ("    /stride recheck", 0),
            ("<!--\n/stride recheck\n-->", 0),
            ("- /stride recheck", 0),
            ("<details>\n/stride recheck\n</details>", 0),
        ] {
            assert_eq!(parse(body, NOON).iter().filter(|parsed| parsed.is_ok()).count(), count, "{body:?}");
        }
    }

    #[test]
    fn targets_and_reasons_are_told_apart() {
        let parsed = parse(
            "/stride accept IntakeFn/S-7f3a9c21 client>IntakeFn/T-c04e11aa public form, and/or so until=2027-01-01 see=./src/a.ts",
            NOON,
        );
        let command = parsed[0].as_ref().unwrap();
        assert_eq!(command.verb, Verb::Accept);
        assert_eq!(command.what.len(), 2);
        assert_eq!(command.what[0], Target::Threat { element: "IntakeFn".to_owned(), category: 'S', hash: "7f3a9c21".to_owned() });
        assert_eq!(command.reason, "public form, and/or so");
        assert_eq!(command.until.map(|day| day.to_string()).as_deref(), Some("2027-01-01"));
        assert_eq!(command.see.as_ref().map(|see| see.path.as_str()), Some("src/a.ts"));
    }

    #[test]
    fn numbers_are_named_with_commas() {
        for (body, numbers, reason) in [
            ("/stride accept 1,2 both are fine", vec![1, 2], "both are fine"),
            ("/stride accept 1, 2, #3 all are fine", vec![1, 2, 3], "all are fine"),
            ("/stride accept 1 and so is the rest", vec![1], "and so is the rest"),
            ("/stride accept 2 since 3 people looked", vec![2], "since 3 people looked"),
        ] {
            let parsed = parse(body, NOON);
            let command = parsed[0].as_ref().unwrap();
            assert_eq!(
                (command.what.clone(), command.reason.as_str()),
                (numbers.into_iter().map(Target::Number).collect(), reason),
                "{body}"
            );
        }
    }

    #[test]
    fn a_reason_goes_on_to_the_end_of_its_paragraph() {
        for (body, reasons) in [
            ("/stride accept 1 the form is public\nand has been since May\n\nThanks!", vec!["the form is public and has been since May"]),
            ("/stride accept 1\nthe form is public", vec!["the form is public"]),
            ("/stride accept 1 one\n      two and more", vec!["one two and more"]),
            ("/stride accept 1 one\n/strides is no command", vec!["one /strides is no command"]),
            ("/stride accept 1 one\n/Stride accept 2 two\nand three", vec!["one", "two and three"]),
            ("/stride accept 1 one\n- two", vec!["one"]),
            ("/stride accept 1 one\n> two", vec!["one"]),
            ("/stride accept 1 one\n```\ntwo\n```", vec!["one"]),
            ("/stride accept 1 one\n<!-- two -->\nthree", vec!["one"]),
            ("/stride accept 1 one\n# two", vec!["one"]),
            ("/stride show 1\nuntil: that is so", vec![""]),
            ("/stride emergency OPS-12 the shop\nis down", vec!["the shop is down"]),
        ] {
            let parsed = parse(body, NOON);
            let read: Vec<&str> = parsed.iter().map(|command| command.as_ref().unwrap().reason.as_str()).collect();
            assert_eq!(read, reasons, "{body:?}");
        }
        let parsed = parse("/stride accept 1 a public form\nuntil=2027-01-01\n3 people looked", NOON);
        let command = parsed[0].as_ref().unwrap();
        assert_eq!((command.what.len(), command.until.map(|day| day.to_string()).as_deref()), (1, Some("2027-01-01")));
        for (body, line, part) in [
            ("/stride accept 1 a public form\nuntil: 2027-01-01", 1, "`until=`"),
            ("/stride accept 1 a public form\nof <!-- two --> three", 2, "an HTML comment"),
            ("/stride accept 1 a `public form\nof two`", 2, "goes on in this line"),
            ("/stride accept 1\n\nthe form is public", 1, "reason is missing"),
        ] {
            let refusal = parse(body, NOON)[0].clone().unwrap_err();
            assert!(refusal.line == line && refusal.why.contains(part), "{body:?}: {refusal:?}");
        }
    }

    #[test]
    fn an_assignment_names_its_person_behind_or_before_the_ids() {
        for (body, ids, who, reason) in [
            ("/stride assign @maria", 0, "maria", ""),
            ("/stride assign 1 @maria", 1, "maria", ""),
            ("/stride assign @acme/payments-owners X/S-123456 Y/T-123456 you know it", 2, "acme/payments-owners", "you know it"),
            ("/stride assign X/S-123456, @Maria, 3 days are enough", 1, "Maria", "3 days are enough"),
        ] {
            let parsed = parse(body, NOON);
            let command = parsed[0].as_ref().unwrap();
            assert_eq!((command.what.len(), command.to.as_deref(), command.reason.as_str()), (ids, Some(who), reason), "{body}");
        }
    }

    #[test]
    fn refusals_say_why() {
        for (body, part) in [
            ("/stride", "Which command"),
            ("/stride acept X/S-123456 because", "Did you mean `/stride accept`"),
            ("/stride frobnicate", "lists them"),
            ("/stride approve X/S-123456 fine", "Did you mean `/stride accept`"),
            ("/stride false-positive X/S-123456 fine", "Did you mean `/stride wrong`"),
            ("/stride mitigate", "same line: `/stride mitigate <id>"),
            ("/stride defer X/S-123456 later", "comes back"),
            ("/stride accept X/S-123456 <why>", "Replace `<why>`"),
            ("/stride accept X/S-123456", "reason is missing"),
            ("/stride accept X/S-123456 fine until=tomorrow", "takes a date"),
            ("/stride accept X/S-123456 fine until=2001-01-01", "past"),
            ("/stride accept X/S-123456 fine until=2099-01-01", "two years"),
            ("/stride mitigate X/S-123456 done see=../../etc/passwd", "inside the repository"),
            ("/stride accept X/S-123456 fine ticket=soon", "takes the name of a ticket"),
            ("/stride accept X/S-123456 Y/T-12 fine", "not whole"),
            ("/stride accept 1 2 both are fine", "Is `2` one more line"),
            ("/stride accept #2 #3 both are fine", "Is `#3` one more line"),
            ("/stride accept 1, 2 and 3 are fine", "Is `3` one more line"),
            ("/stride accept X/S-123456 fine untill=2027-01-01", "Did you mean `until=`"),
            ("/stride accept X/S-123456 fine until 2027-01-01", "write `until=2027-01-01`"),
            ("/stride accept X/S-123456 fine until=2027-01-01 until=2027-02-01", "twice"),
            ("/stride confirm X/S-123456 until=2027-01-01", "belongs to a verdict"),
            ("/stride emergency", "Which ticket"),
            ("/stride emergency the shop is down", "Which ticket"),
            ("/stride emergency <ticket> the shop is down", "Which ticket"),
            ("/stride emergency OPS-12", "reason is missing"),
            ("/stride emergency OPS-12 <why>", "Replace `<why>`"),
            ("/stride emergency OPS-12 down until=2027-01-01", "belongs to a verdict"),
            ("/stride accept repair/template.yaml-7f3a by hand", "not whole"),
            ("/stride assign 1", "To whom?"),
            ("/stride assign 1 maria", "`@maria`"),
            ("/stride assign 1 @maria @rita", "one person"),
            ("/stride assign 1 @", "no name"),
            ("/stride assign 1 @who", "Replace `@who`"),
            ("/stride assign 1 @maria's", "no name"),
            ("/stride assign 1 @maria until=2027-01-01", "belongs to a verdict"),
            ("/stride assign 1 to=maria", "belongs to a verdict"),
        ] {
            let parsed = parse(body, NOON);
            let refusal = parsed[0].as_ref().unwrap_err();
            assert!(refusal.why.contains(part), "{body}: {}", refusal.why);
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in any::<String>()) {
            parse(&format!("/stride {text}"), NOON);
            parse(&format!("{text}\n/stride accept {text} {text}"), NOON);
        }

        #[test]
        fn nothing_in_a_fence_is_a_command(text in "[a-z /<>`~\n-]{0,80}") {
            let body = format!("~~~~~~~~~~\n{}\n/stride recheck\n~~~~~~~~~~", text.replace('~', ""));
            proptest::prop_assert!(parse(&body, NOON).is_empty());
        }
    }
}
