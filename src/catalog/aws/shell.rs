//! Shell scripts, as far as one question goes: is something fetched over the network and run as it came?
//!
//! Comes in: the text of a script, piece by piece in the order in which it runs. Goes out: the addresses that are run, those that were
//! compared with a checksum or a signature first apart from those that were not. No shell is understood: a line is cut into commands
//! and words, which is enough for how scripts are installed. Linear in the text, whatever it says.

use std::collections::{BTreeMap, BTreeSet};

/// What scripts fetch and run.
#[derive(Debug, Default)]
pub(crate) struct Fetched {
    /// By the name of a file on the machine, where it came from last.
    downloads: BTreeMap<String, Download>,
    /// How many downloads there were, and how many of them when something was last compared.
    count: usize,
    compared: usize,
    /// What is listed below already, and whether as checked.
    listed: BTreeSet<(bool, String)>,
    /// Addresses that are run without having been compared with anything.
    pub unchecked: Vec<String>,
    /// Addresses that are run after a checksum or a signature was.
    pub checked: Vec<String>,
}

#[derive(Debug)]
struct Download {
    address: String,
    /// From 0, in the order of the scripts.
    number: usize,
}

/// Follows one script.
pub(crate) fn follow(script: &str, fetched: &mut Fetched) {
    // The first line of user data that is a list of addresses, each of which is fetched and run.
    // <https://cloudinit.readthedocs.io/en/latest/explanation/format.html>
    if script.trim_start().starts_with("#include") {
        fetched.unchecked.extend(script.split_whitespace().filter(|word| is_remote(word)).map(shown));
    }
    let script = script.replace("\\\r\n", " ").replace("\\\n", " ");
    for line in script.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        follow_line(line, fetched);
    }
}

/// Remembers what a configuration tool puts into a file.
pub(crate) fn download(address: &str, file: &str, fetched: &mut Fetched) {
    if is_remote(address) {
        fetched.downloads.insert(base(file).to_owned(), Download { address: shown(address), number: fetched.count });
        fetched.count += 1;
    }
}

fn follow_line(line: &str, fetched: &mut Fetched) {
    if checks(line) {
        fetched.compared = fetched.count;
        return;
    }
    if let Some(address) = evaluated(line) {
        fetched.unchecked.push(address);
        return;
    }
    let mut before: Option<String> = None;
    for (piped, command) in commands(line) {
        let words: Vec<&str> = command.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
        let program = program(&words);
        if piped && program.is_some_and(|at| runs_its_input(&words[at..])) && before.is_some() {
            fetched.unchecked.extend(before.take());
            continue;
        }
        run(&words, program, fetched);
        let address = fetches(&words);
        if let Some(address) = &address
            && let Some(file) = kept_as(&words, address)
        {
            download(address, &file, fetched);
        }
        before = address.map(|address| shown(&address));
    }
}

/// The commands of a line, and whether each reads what the one before it writes.
fn commands(line: &str) -> Vec<(bool, &str)> {
    let mut commands = Vec::new();
    let mut rest = line;
    let mut piped = false;
    while let Some(at) = rest.find(['|', ';', '&']) {
        commands.push((piped, &rest[..at]));
        let end = &rest[at..];
        piped = end.starts_with('|') && !end.starts_with("||");
        rest = end.trim_start_matches(['|', ';', '&']);
    }
    commands.push((piped, rest));
    commands
}

/// A word without the quotes and brackets around it.
fn bare(word: &str) -> &str {
    word.trim_matches(['"', '\'', '`', ',', '[', ']', '(', ')', '{', '}']).trim_start_matches("$(").trim_start_matches("<(")
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Where the program stands among the words of a command, past what only says how it is run.
fn program(words: &[&str]) -> Option<usize> {
    const BEFORE: &[&str] = &["sudo", "env", "exec", "nohup", "time", "then", "do", "else", "if", "!", "-", "command"];
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let assigns = word.split_once('=').is_some_and(|(name, _)| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        if BEFORE.contains(word) || assigns {
            at += 1;
        } else if *word == "-u" || *word == "--user" {
            at += 2;
        } else if at > 0 && word.starts_with('-') {
            at += 1;
        } else {
            return Some(at);
        }
    }
    None
}

fn is_shell(program: &str) -> bool {
    matches!(base(program), "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash")
}

fn is_interpreter(program: &str) -> bool {
    is_shell(program)
        || matches!(base(program), "python" | "python2" | "python3" | "perl" | "ruby" | "node" | "php" | "pwsh" | "powershell")
}

/// Whether a command runs what it reads: an interpreter without a program of its own.
fn runs_its_input(command: &[&str]) -> bool {
    let [program, operands @ ..] = command else { return false };
    if !is_interpreter(program) {
        return false;
    }
    // A shell takes a program with `-c` alone, the others also with `-e`, `-m` and the like.
    let programs: &[char] = if is_shell(program) { &['c'] } else { &['c', 'e', 'm', 'n', 'p'] };
    let brings_one = |word: &str| word.starts_with('-') && !word.starts_with("--") && word.contains(programs);
    match operands.iter().find(|word| **word == "-s" || !word.starts_with('-') || word.len() == 1 || brings_one(word)) {
        None | Some(&"-" | &"-s" | &"/dev/stdin") => true,
        Some(_) => false,
    }
}

/// The address that a command fetches.
fn fetches(words: &[&str]) -> Option<String> {
    const FETCHERS: &[&str] = &["curl", "wget", "invoke-webrequest", "iwr"];
    let fetcher = words.iter().position(|word| FETCHERS.iter().any(|known| base(word).eq_ignore_ascii_case(known)))?;
    words[fetcher..].iter().find(|word| is_remote(word)).map(|word| (*word).to_owned())
}

/// Whether an address leads off the machine: what it asks of its own host is no download.
fn is_remote(address: &str) -> bool {
    const OWN: &[&str] = &["169.254.169.254", "169.254.170.2", "localhost", "127.0.0.1"];
    let host = ["http://", "https://", "ftp://"].iter().find_map(|scheme| address.strip_prefix(scheme));
    host.is_some_and(|host| !OWN.iter().any(|own| host.starts_with(own)))
}

/// An address as it is shown: without what may be a secret in it.
fn shown(address: &str) -> String {
    let address = address.split(['?', '#']).next().unwrap_or(address);
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = host.rsplit('@').next().unwrap_or(host);
            format!("{scheme}://{host}/{path}").trim_end_matches('/').to_owned()
        }
        None => address.to_owned(),
    }
}

/// The file that a download is kept as; `None` where it is written to the output.
fn kept_as(words: &[&str], address: &str) -> Option<String> {
    let from_address = || base(address.split(['?', '#']).next().unwrap_or(address)).to_owned();
    let is_wget = words.iter().any(|word| base(word) == "wget");
    for (at, word) in words.iter().enumerate() {
        let next = || words.get(at + 1).filter(|file| **file != "-").map(|file| (*file).to_owned());
        if let Some(file) = word.strip_prefix("--output=").or_else(|| word.strip_prefix("--output-document=")) {
            return Some(file.to_owned());
        }
        let short = word.starts_with('-') && !word.starts_with("--");
        match *word {
            ">" | "--output" | "--output-document" | "-OutFile" => return next(),
            "--remote-name" => return Some(from_address()),
            _ if is_wget && short && word.ends_with('O') => return next(),
            _ if is_wget && short && word.ends_with("O-") => return None,
            _ if !is_wget && short && word.ends_with('o') => return next(),
            _ if !is_wget && short && word.contains('O') => return Some(from_address()),
            _ => {}
        }
        if let Some(file) = word.strip_prefix('>').filter(|file| !file.is_empty() && !file.starts_with('>')) {
            return Some(file.to_owned());
        }
    }
    is_wget.then(from_address)
}

/// Notes where something that was downloaded is run: by an interpreter, or as a program.
fn run(words: &[&str], program: Option<usize>, fetched: &mut Fetched) {
    let Some(at) = program else { return };
    let [name, operands @ ..] = &words[at..] else { return };
    let file = if is_interpreter(name) || matches!(*name, "." | "source") {
        operands.iter().find(|word| !word.starts_with('-')).copied()
    } else {
        Some(*name)
    };
    let Some(file) = file.map(base).filter(|file| !file.is_empty()) else { return };
    let Some(download) = fetched.downloads.get(file) else { return };
    let is_checked = download.number < fetched.compared;
    if fetched.listed.insert((is_checked, download.address.clone())) {
        let list = if is_checked { &mut fetched.checked } else { &mut fetched.unchecked };
        list.push(download.address.clone());
    }
}

/// Whether a line compares what was downloaded with something.
fn checks(line: &str) -> bool {
    let sums = ["sha256sum", "sha512sum", "sha384sum", "sha1sum", "shasum"].iter().any(|tool| line.contains(tool));
    let compares = line.contains(" -c") || line.contains("--check") || line.contains("--status");
    sums && compares
        || ["gpg --verify", "gpg2 --verify", "gpgv ", "cosign verify", "minisign -V", "Get-FileHash"].iter().any(|tool| line.contains(tool))
}

/// The address whose text is run within the same command: `sh -c "$(curl …)"`, `bash <(curl …)`, `iex (… DownloadString(…))`.
fn evaluated(line: &str) -> Option<String> {
    let lower = line.to_ascii_lowercase();
    let words: Vec<&str> = line.split_whitespace().map(bare).collect();
    let power = words.iter().any(|word| word.eq_ignore_ascii_case("iex") || word.eq_ignore_ascii_case("invoke-expression"))
        && ["downloadstring", "invoke-webrequest", "iwr ", "invoke-restmethod", "irm "].iter().any(|call| lower.contains(call));
    let substitutes = ["$(curl", "$(wget", "<(curl", "<(wget", "`curl", "`wget"].iter().any(|open| line.contains(open));
    let runs = program(&words).and_then(|at| words.get(at)).is_some_and(|word| is_shell(word) || matches!(*word, "eval" | "source" | "."));
    if !(power || substitutes && runs) {
        return None;
    }
    let start = ["https://", "http://"].iter().filter_map(|scheme| line.find(scheme)).min()?;
    let end = line[start..].find(['"', '\'', ')', ' ', '`', '<', '>']).map_or(line.len(), |end| start + end);
    Some(&line[start..end]).filter(|address| is_remote(address)).map(shown)
}

#[cfg(test)]
mod tests {
    use super::{Fetched, follow};
    use crate::catalog::secrets;

    #[test]
    fn what_is_fetched_and_run_is_told_from_what_is_only_fetched() {
        for (script, unchecked, checked) in [
            ("curl -fsSL https://get.example.com | sh", &["https://get.example.com"][..], &[][..]),
            ("curl -sL https://x.example/setup_18.x?t=1 | sudo -E bash -", &["https://x.example/setup_18.x"], &[]),
            ("wget -qO- https://x.example/i.sh | bash -s -- --yes", &["https://x.example/i.sh"], &[]),
            ("curl -s https://x.example/a.json | python3 -c 'import json'", &[], &[]),
            ("curl -s http://169.254.169.254/latest/user-data | sh", &[], &[]),
            ("wget https://x.example/i.sh\nchmod +x i.sh\n./i.sh", &["https://x.example/i.sh"], &[]),
            ("curl -sSLo /tmp/i.sh https://x.example/a && sh /tmp/i.sh", &["https://x.example/a"], &[]),
            ("curl -O https://x.example/i.sh\necho \"abc  i.sh\" | sha256sum -c\nbash i.sh", &[], &["https://x.example/i.sh"]),
            ("curl -O https://x.example/app.tgz\ntar xf app.tgz", &[], &[]),
            ("/bin/bash -c \"$(curl -fsSL https://x.example/install.sh)\"", &["https://x.example/install.sh"], &[]),
            ("bash <(curl -s https://u:p@x.example/i)", &["https://x.example/i"], &[]),
            (
                "iex ((New-Object System.Net.WebClient).DownloadString('https://c.example/install.ps1'))",
                &["https://c.example/install.ps1"],
                &[],
            ),
            ("# curl https://x.example | sh", &[], &[]),
            ("curl https://x.example/i | bash -ex", &["https://x.example/i"], &[]),
            ("curl https://x.example/i | bash -c 'cat'", &[], &[]),
            ("#include\nhttps://x.example/boot.sh", &["https://x.example/boot.sh"], &[]),
            ("curl https://x.example/key | apt-key add -", &[], &[]),
            ("- [ sh, -c, \"curl https://x.example/i | sh\" ]", &["https://x.example/i"], &[]),
            ("curl https://x.example \\\n  | sh", &["https://x.example"], &[]),
        ] {
            let mut fetched = Fetched::default();
            follow(script, &mut fetched);
            assert_eq!(
                (fetched.unchecked.as_slice(), fetched.checked.as_slice()),
                (
                    &unchecked.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>()[..],
                    &checked.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>()[..]
                ),
                "{script}"
            );
        }
    }

    #[test]
    fn no_cut_of_a_script_is_too_much() {
        let script = "#include\n- [ sh, -c, \"curl 'https://ä.example/i?' -o > >x | sudo -u é bash -s\" ]\nbash <(wget https://u@x/)|&;\\\n iex (iwr https://é)";
        for end in (0..=script.len()).filter(|end| script.is_char_boundary(*end)) {
            follow(&script[..end], &mut Fetched::default());
            follow(&script[end..], &mut Fetched::default());
            secrets::in_script(&script[end..]);
        }
    }
}
