//! Where a secret stands that is named in one file and used in another of the same folder.
//!
//! Comes in: a threat and the texts of the head. Goes out: the line with the variable's name, where the place of the threat does not have it and one
//! line of the folder's configuration alone does. A value that comes by locals and functions is told where it is used; people have to change it
//! where it is written.

use crate::change::{Blob, Change};
use crate::formats::terraform::signs;
use crate::model::fact::Fact;
use crate::source::Place;
use crate::stride::Threat;

/// The line in which the first secret of a threat is named.
pub(super) fn place(threat: &Threat, change: &Change) -> Option<Place> {
    const LITERALS: [Fact; 2] = [Fact::SecretsEnv, Fact::SecretsLiteral];
    let evidence = threat.evidence.iter().find(|evidence| LITERALS.contains(&evidence.fact))?;
    let reading = evidence.reading.as_ref()?;
    let name = threat.news.iter().chain(&reading.witnesses).find(|name| is_variable(name))?;
    if !signs::is_configuration(&threat.place.path) {
        return None;
    }
    let folder = threat.place.path.folder();
    let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let below = change.head.listing.from(&prefix).take_while(|(path, _)| path.as_str().starts_with(&prefix));
    let files = below.filter(|(path, _)| path.folder() == folder && signs::is_configuration(path));
    let texts = files.filter_map(|(path, listed)| match change.blobs.get(&listed.id)? {
        Blob::Text(text) => Some((path, &**text)),
        Blob::Undecodable { .. } | Blob::TooLarge(_) => None,
    });
    let mut named = texts.flat_map(|(path, text)| lines_with(text, name).map(move |line| (path, line)));
    let (path, line) = named.next()?;
    let is_there = *path == threat.place.path && (threat.place.line..=threat.place.end_line).contains(&line);
    (named.next().is_none() && !is_there).then(|| Place { path: path.clone(), line, end_line: line })
}

/// Whether a witness is the name of a variable, and no sentence.
fn is_variable(name: &str) -> bool {
    name.len() > 2 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The numbers of the lines that set a variable of that name: `name = "TOKEN"`, `TOKEN = …`, `"TOKEN" = …`.
fn lines_with<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = u32> + 't {
    let quoted = format!("\"{name}\"");
    let sets = move |line: &str| {
        let line = line.trim_start();
        let key = line.split(['=', ':']).next().map_or("", str::trim);
        key == name || key == quoted || (matches!(key, "name" | "\"name\"") && line.contains(&quoted))
    };
    (1..).zip(text.lines()).filter(move |(_, line)| sets(line)).map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::lines_with;

    #[test]
    fn a_line_that_sets_a_variable_names_it() {
        let text = "locals {\n  a = {\n    name  = \"TOKEN\"\n  }\n  TOKEN = 1\n  \"TOKEN\" : 2\n  note = \"TOKEN\"\n}\n";
        assert_eq!(lines_with(text, "TOKEN").collect::<Vec<_>>(), [3, 5, 6]);
    }
}
