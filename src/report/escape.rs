//! The one door through which foreign text (names, paths, reasons) reaches Markdown, Mermaid, SVG and HTML.
//!
//! Comes in: any text. Goes out: Markdown that renders as that text and as nothing else: no mention, no link, no image, no HTML,
//! no marker of ours and no command can come out of it. Line ends become spaces, control characters vanish.

use serde::Serialize;

/// Zero-width space: breaks what GitHub recognises in plain text after rendering (mentions, references, bare links),
/// which a backslash does not.
const BREAK: char = '\u{200B}';

/// Characters of the longest name of a picture.
const LONGEST_EMOJI: usize = 64;
/// Names of flags, which parts of an ARN may be.
const FLAGS: [&str; 11] = ["cn", "de", "es", "fr", "gb", "it", "jp", "kr", "ru", "uk", "us"];

/// Foreign text in running Markdown.
pub fn text(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len() + 8);
    let mut previous = ' ';
    let mut rest = visible(foreign).peekable();
    // Pieces of a line may begin with a blank; four of them would begin a block of code, and one hides no mark behind it.
    while rest.next_if_eq(&' ').is_some() {
        out.truncate(0);
        out.push(' ');
    }
    let blanks = out.len();
    while let Some(c) = rest.next() {
        let is_first = out.len() == blanks;
        let next = rest.peek().copied().unwrap_or(' ');
        match c {
            // Between letters it means nothing: `AWS_IAM`.
            '_' if previous.is_alphanumeric() && next.is_alphanumeric() => out.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            // At the start of a line it would make a quote, a list, a heading's underline or a rule.
            '>' | '+' | '=' if is_first => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '@' | '#' => {
                out.push(c);
                out.push(BREAK);
            }
            // `:bomb:`, and `:es:` within an ARN, which is a flag.
            ':' if begins_emoji(previous, rest.clone()) => {
                out.push(c);
                out.push(BREAK);
            }
            // `https://`, `www.`, `GH-1`: enough to stop the bare link.
            '/' if previous == ':' => {
                out.push(BREAK);
                out.push(c);
            }
            '.' if ends_in_www(&out) => {
                out.push(BREAK);
                out.push(c);
            }
            '-' if is_first || (previous.eq_ignore_ascii_case(&'h') && next.is_ascii_digit()) => {
                out.push(BREAK);
                out.push(c);
            }
            _ => out.push(c),
        }
        previous = c;
    }
    // A leading number and dot would begin a list, a leading slash a command.
    if out[blanks..].starts_with(|c: char| c.is_ascii_digit() || c == '/') {
        out.insert(blanks, BREAK);
    }
    out
}

/// The same of no more than so many characters, and dots where it was longer.
pub fn clipped(foreign: &str, most: usize) -> String {
    match foreign.char_indices().nth(most) {
        None => text(foreign),
        Some((end, _)) => text(&format!("{}…", &foreign[..end])),
    }
}

/// Whether a colon with these characters behind it may begin the name of a picture: one behind a blank, or a flag, whatever stands before it.
/// Names: <https://github.com/github/gemoji>.
fn begins_emoji(previous: char, behind: impl Iterator<Item = char>) -> bool {
    let mut name = String::new();
    for c in behind.take(LONGEST_EMOJI) {
        match c {
            ':' => return !name.is_empty() && (matches!(previous, ' ' | '(') || FLAGS.contains(&&*name)),
            'a'..='z' | '0'..='9' | '_' | '+' | '-' => name.push(c),
            _ => return false,
        }
    }
    false
}

fn ends_in_www(text: &str) -> bool {
    text.len() >= 3 && text.is_char_boundary(text.len() - 3) && text[text.len() - 3..].eq_ignore_ascii_case("www")
}

/// Foreign text as inline code, for names and paths; also safe inside a table.
pub fn code(foreign: &str) -> String {
    let shown: String = visible(foreign).collect::<String>().replace("<!--", "<!\u{200B}--").replace('|', "\\|");
    // As the text of a link at the start of a line it would end a label, whose definition is shown nowhere.
    let shown = shown.replace("]:", "]\u{200B}:");
    let shown = shown.trim();
    if shown.is_empty() {
        return "` `".to_owned();
    }
    let longest = shown.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    if longest == 0 { format!("`{shown}`") } else { format!("{fence} {shown} {fence}") }
}

/// Foreign text as a label inside a quoted Mermaid string.
pub fn mermaid(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len());
    for c in visible(foreign) {
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '`' => out.push('\''),
            '@' => out.push_str("#64;"),
            ';' => out.push_str("#59;"),
            '\\' => out.push('/'),
            _ => out.push(c),
        }
    }
    out
}

/// Foreign text in XML and HTML: between tags, and inside quoted attributes.
pub fn xml(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len());
    // XML 1.0 has no U+FFFE and no U+FFFF, not even as references.
    for c in visible(foreign).filter(|c| !matches!(c, '\u{FFFE}' | '\u{FFFF}')) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Foreign text inside a text area, for somebody to edit: nothing vanishes and no line is joined, since it comes back.
pub fn editable(foreign: &str) -> String {
    let mut out = String::with_capacity(foreign.len());
    for c in foreign.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A browser makes a plain one the end of a line.
            '\r' => out.push_str("&#13;"),
            _ => out.push(c),
        }
    }
    out
}

/// A person or a team that is to be told, as a mention: the one thing in foreign text that may ring somebody's bell, for what has the form of a
/// login or of `organisation/team`. Anything else is text.
pub fn mention(name: &str) -> String {
    if is_mentionable(name) { format!("@{name}") } else { text(name) }
}

/// Whether it is a login, or an organisation with a team's slug: <https://docs.github.com/en/rest/teams/teams>.
pub fn is_mentionable(name: &str) -> bool {
    let is_login = |login: &str| {
        (1..=39).contains(&login.len())
            && login.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !login.starts_with('-')
            && !login.ends_with('-')
    };
    let is_team =
        |team: &str| (1..=100).contains(&team.len()) && team.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    match name.split_once('/') {
        Some((organisation, team)) => is_login(organisation) && is_team(team),
        None => is_login(name),
    }
}

/// A fenced block of text, in which foreign text ends no fence and hides nothing.
pub fn fenced(language: &str, content: &str) -> String {
    let shown = |c: char| if c == '`' { '\'' } else { c };
    let lines = content.lines().map(|line| line.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').map(shown).collect::<String>());
    format!("```{language}\n{}\n```", lines.collect::<Vec<_>>().join("\n"))
}

/// JSON on one line of a fenced block, in which foreign text ends no fence, begins no comment and hides nothing; any reader of JSON gets it back
/// as it was.
pub fn fenced_json(value: &impl Serialize) -> String {
    let json = serde_json::to_string(value).expect("every key is a text, and no entry refuses to be written");
    // All of these stand inside quotes: the notation itself has none of them.
    let escaped = json.chars().map(|c| match c {
        '`' | '<' | '>' | '&' | '@' | '~' => format!("\\u{:04x}", u32::from(c)),
        '\u{7F}'..='\u{A0}'
        | '\u{200B}'..='\u{200F}'
        | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}'
        | '\u{FEFF}'
        | '\u{E0000}'..='\u{E007F}' => {
            format!("\\u{:04x}", u32::from(c))
        }
        c => c.to_string(),
    });
    escaped.collect()
}

/// The text without line ends, controls and characters that change direction or hide.
fn visible(foreign: &str) -> impl Iterator<Item = char> + Clone + '_ {
    foreign.chars().filter_map(|c| match c {
        '\n' | '\r' | '\t' => Some(' '),
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' => None,
        c if c.is_control() => None,
        c => Some(c),
    })
}

/// Foreign text in Slack's markup: no mention, no link and no group can come out of it.
/// Source: <https://docs.slack.dev/messaging/formatting-message-text#escaping>
pub fn slack(foreign: &str) -> String {
    visible(foreign).collect::<String>().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// One word of a shell, for a line that people paste.
pub fn shell(foreign: &str) -> String {
    let word: String = visible(foreign).collect();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@~^+,=".contains(letter);
    let expands = word.starts_with(['~', '=']);
    if !word.is_empty() && !expands && word.chars().all(is_plain) { word } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::{code, text};

    #[test]
    fn names_stay_names() {
        for (foreign, expected) in [
            ("IntakeFn", "IntakeFn"),
            ("a_b*c", "a_b\\*c"),
            ("_a_", "\\_a\\_"),
            ("@everyone", "@\u{200B}everyone"),
            ("fixes #12", "fixes #\u{200B}12"),
            ("<img src=x>", "&lt;img src=x>"),
            ("[x](y)", "\\[x\\](y)"),
            ("https://evil.example", "https:\u{200B}//evil.example"),
            ("line\nbreak", "line break"),
            ("/stride accept all", "\u{200B}/stride accept all"),
            ("<!-- astride -->", "&lt;!-- astride -->"),
            ("![x](y)", "!\\[x\\](y)"),
            ("> quote", "\\> quote"),
            ("abc\u{202E}def", "abcdef"),
            (":bomb: at 10:30:00", ":\u{200B}bomb: at 10:30:00"),
            ("arn:aws:es:eu-west-1:111122223333:domain/d", "arn:aws:\u{200B}es:eu-west-1:111122223333:domain/d"),
            ("arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
            ("  - item", " \u{200B}- item"),
            ("     code", " code"),
            (" /stride accept all", " \u{200B}/stride accept all"),
        ] {
            assert_eq!(text(foreign), expected);
        }
    }

    #[test]
    fn code_survives_its_own_fences() {
        for (foreign, expected) in [
            ("IntakeFn", "`IntakeFn`"),
            ("a`b", "`` a`b ``"),
            ("", "` `"),
            ("a|b", "`a\\|b`"),
            ("<!-- x", "`<!\u{200B}-- x`"),
            ("a]: b", "`a]\u{200B}: b`"),
        ] {
            assert_eq!(code(foreign), expected);
        }
    }

    #[test]
    fn only_logins_and_teams_are_mentioned() {
        for (name, expected) in [
            ("maria", "@maria"),
            ("acme/payments-owners", "@acme/payments-owners"),
            ("-maria", "\u{200B}-maria"),
            ("maria @everyone", "maria @\u{200B}everyone"),
            ("a/b/c", "a/b/c"),
            ("[x](y)", "\\[x\\](y)"),
        ] {
            assert_eq!(super::mention(name), expected);
        }
    }

    #[test]
    fn json_in_a_fence_reads_back_and_shows_no_markup() {
        let foreign = "```\n</details>\n/stride accept all <!-- astride:comment --> @everyone \u{202E}\u{200B} \u{85} \"quoted\" \\\\";
        let json = super::fenced_json(&[foreign]);
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), [foreign]);
        assert!(!json.contains(['`', '<', '>', '@', '\n', '\u{202E}', '\u{200B}', '\u{85}']), "{json}");
    }

    #[test]
    fn words_of_a_shell_stay_words() {
        for (foreign, expected) in [
            ("IntakeFn/S-7f3a9c21", "IntakeFn/S-7f3a9c21"),
            ("HEAD~1", "HEAD~1"),
            ("~root", "'~root'"),
            ("", "''"),
            ("a; curl x | sh #/S-1", "'a; curl x | sh #/S-1'"),
            ("it's\n`here`/S-1", "'it'\\''s `here`/S-1'"),
            ("$(id)/S-1", "'$(id)/S-1'"),
        ] {
            assert_eq!(super::shell(foreign), expected);
        }
    }
}
