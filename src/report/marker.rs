//! The markers by which we find again what we posted.
//!
//! Each stands at the very start of a body, and counts only in a comment whose author is our own App: anybody can type one.

use crate::change::{Day, Surface};
use crate::report::Reply;
use crate::report::register::issue::{Counts, Edition};
use crate::stride::Fingerprint;
use crate::stride::numbers::Numbers;

/// The sticky comment.
pub const COMMENT: &str = "<!-- astride:comment -->";
/// The comment that mentions whoever is asked, once a pull request.
pub const ASK: &str = "<!-- astride:ask -->";
/// What is left of a comment in whose place another one stands.
pub const REPLACED: &str = "<!-- astride:replaced -->";
const ASKED: &str = " <!-- astride:asked ";
const NUMBERS: &str = "<!-- astride:numbers ";
/// The reply that closes one of our threads.
pub const CLOSED: &str = "<!-- astride:closed -->";
/// The reply that says that resolving a thread of ours by hand decides nothing.
pub const BY_HAND: &str = "<!-- astride:by-hand -->";
const THREAD: &str = "<!-- astride:thread ";
const REPLY: &str = "<!-- astride:reply ";
const DONE: &str = "done";
const REFUSED: &str = "refused";
const END: &str = " -->";
/// How the body of the register's issue begins.
pub const REGISTER: &str = "<!-- astride:register";

/// The first lines of the sticky comment: they remember which number was given to which line. `asked` stands for what the comment asks, where another
/// one takes its place as soon as something else is asked.
pub fn comment(numbers: &Numbers, asked: Option<&str>) -> String {
    let asked = asked.map_or_else(String::new, |asked| format!("{ASKED}{asked}{END}"));
    if numbers.is_empty() { format!("{COMMENT}{asked}") } else { format!("{COMMENT}{asked}\n{NUMBERS}{}{END}", numbers.written()) }
}

/// What a sticky comment of ours says that it asks; `None` where it says nothing of it.
pub fn read_asked(body: &str) -> Option<&str> {
    behind_comment(body)?.0
}

/// What stands behind the first line's markers: what the comment asks, if it says so, and the rest.
fn behind_comment(body: &str) -> Option<(Option<&str>, &str)> {
    let rest = body.strip_prefix(COMMENT)?;
    match rest.strip_prefix(ASKED).and_then(|rest| rest.split_once(END)) {
        Some((asked, rest)) => Some((Some(asked), rest)),
        None => Some((None, rest)),
    }
}

/// The numbers that a sticky comment of ours gave.
pub fn read_numbers(body: &str) -> Option<Numbers> {
    let (_, rest) = behind_comment(body)?;
    let (inside, _) = rest.trim_start().strip_prefix(NUMBERS)?.split_once(END)?;
    Numbers::read(inside)
}

/// The comment as if it had given no number, and went on behind those that it says it gave.
pub fn without_numbers(body: &str) -> String {
    let Some((before, rest)) = body.split_once(NUMBERS) else { return body.to_owned() };
    let (inside, rest) = rest.split_once(END).unwrap_or((rest, ""));
    match inside.split(' ').next().and_then(|next| next.parse::<u32>().ok()).filter(|next| *next > 0) {
        Some(next) => format!("{before}{NUMBERS}{next}{END}{rest}"),
        None => format!("{before}{rest}"),
    }
}

/// The first line of a thread that asks about these threats: a command in the thread can leave out what it is about,
/// and can never answer what the thread did not show.
pub fn thread(fingerprints: impl Iterator<Item = Fingerprint>) -> String {
    let mut fingerprints: Vec<String> = fingerprints.map(|fingerprint| fingerprint.to_string()).collect();
    fingerprints.sort();
    format!("{THREAD}{}{END}", fingerprints.join(" "))
}

/// The fingerprints that a thread's first comment asks about; `None` where it is no thread of ours.
pub fn read_thread(body: &str) -> Option<Vec<Fingerprint>> {
    let (inside, _) = body.strip_prefix(THREAD)?.split_once(END)?;
    inside.split(' ').map(Fingerprint::from_hex).collect()
}

/// The first line of the reply to a command. It says what came of it, so that the mark on the comment can follow when all else is lost.
pub fn reply(reply: &Reply) -> String {
    let outcome = if reply.done { DONE } else { REFUSED };
    format!("{REPLY}{}-{} {outcome}{END}", surface_word(reply.surface), reply.to)
}

/// Which comment a reply of ours answers, and whether its command was carried out; `None` where it is no such reply.
pub fn read_reply(body: &str) -> Option<((&'static str, u64), bool)> {
    let (inside, _) = body.strip_prefix(REPLY)?.split_once(END)?;
    let (answered, outcome) = inside.split_once(' ')?;
    let (word, id) = answered.split_once('-')?;
    let word = ["comment", "thread", "review"].into_iter().find(|known| *known == word)?;
    Some(((word, id.parse().ok()?), outcome == DONE))
}

/// The first line of the register's issue: which edition it is, and what it counts, so that the next one can say what has changed.
pub fn register(edition: &Edition, now: &Counts) -> String {
    let words = |counts: &Counts| counts.map(|count| count.to_string()).join(",");
    let was = edition.was.as_ref().map_or_else(|| "-".to_owned(), words);
    format!("{REGISTER} {} {} {was} {}{END}", edition.on, edition.since, words(now))
}

/// Which edition a body is, and what it counts; `None` where it does not say so.
pub fn read_register(body: &str) -> Option<(Edition, Counts)> {
    let (inside, _) = body.strip_prefix(REGISTER)?.trim_start().split_once(END)?;
    let counts = |words: &str| -> Option<Counts> {
        let counts: Option<Vec<usize>> = words.split(',').map(|count| count.parse().ok()).collect();
        counts?.try_into().ok()
    };
    let [on, since, was, now] = inside.split(' ').collect::<Vec<_>>().try_into().ok()?;
    let was = if was == "-" { None } else { Some(counts(was)?) };
    Some((Edition { on: Day::parse(on)?, since: Day::parse(since)?, was }, counts(now)?))
}

/// What the address of a comment ends in, behind `#`.
pub fn address_end(word: &str, id: u64) -> String {
    let kind = match word {
        "thread" => "discussion_r",
        "review" => "pullrequestreview-",
        _ => "issuecomment-",
    };
    format!("{kind}{id}")
}

/// The kind of surface: comment ids are unique within it.
pub fn surface_word(surface: Surface) -> &'static str {
    match surface {
        Surface::Comment => "comment",
        Surface::Thread(_) => "thread",
        Surface::Review => "review",
    }
}

#[cfg(test)]
mod tests {
    use super::{comment, read_asked, read_numbers, read_register, read_reply, read_thread, register, reply, thread};
    use crate::change::{Day, Surface};
    use crate::report::Reply;
    use crate::report::register::issue::Edition;
    use crate::stride::Fingerprint;
    use crate::stride::numbers::Numbers;

    #[test]
    fn markers_read_back() {
        let fingerprints = [Fingerprint([1; 32]), Fingerprint([2; 32])];
        let body = format!("{}\ntext", thread(fingerprints.into_iter()));
        assert_eq!(read_thread(&body), Some(fingerprints.to_vec()));
        assert_eq!(read_thread("text <!-- astride:thread -->"), None);
        let mut numbers = Numbers::default();
        assert_eq!((read_asked(&comment(&numbers, Some("ab12"))), read_asked(&comment(&numbers, None))), (Some("ab12"), None));
        numbers.give(&format!("{:0<64}", "02c2e798"));
        for asked in [None, Some("ab12cd34")] {
            let body = format!("{}\n### text", comment(&numbers, asked));
            assert_eq!((read_numbers(&body).as_ref(), read_asked(&body)), (Some(&numbers), asked));
        }
        for was in [None, Some([0, 1, 2, 3, 4, 5, 6])] {
            let edition = Edition { on: Day(20_000), since: Day(19_993), was };
            assert_eq!(read_register(&register(&edition, &[7; 7])), Some((edition, [7; 7])));
        }
        assert_eq!(read_register("<!-- astride:register 2026-11-24 -->"), None);
        for done in [true, false] {
            let said = Reply { to: 12, surface: Surface::Thread(7), done, text: String::new() };
            assert_eq!(read_reply(&reply(&said)), Some((("thread", 12), done)));
        }
    }
}
