//! Which property an argument is, where the table does not say: by comparing names with those that the catalogue reads.

use std::collections::{BTreeMap, BTreeSet};

/// The names under a property that the catalogue reads.
#[derive(Default)]
pub struct Known {
    entries: BTreeMap<String, (bool, Self)>,
}

impl Known {
    pub fn of(paths: &BTreeSet<String>) -> Self {
        let mut root = Self::default();
        for path in paths {
            let mut at = &mut root;
            for step in path.split('.') {
                let (name, is_list) = step.strip_suffix("[]").map_or((step, false), |name| (name, true));
                let entry = at.entries.entry(name.to_owned()).or_default();
                entry.0 |= is_list;
                at = &mut entry.1;
            }
        }
        root
    }

    pub fn has_entries(&self) -> bool {
        !self.entries.is_empty()
    }

    /// What is known under a target, and whether it is a list.
    pub fn under(&self, target: &str) -> (bool, Option<&Self>) {
        let mut at = Some(self);
        let mut is_list = false;
        for step in steps(target) {
            let name = step.split('[').next().unwrap_or(step);
            match at.and_then(|known| known.entries.get(name)) {
                Some((list, inner)) => (is_list, at) = (*list, Some(inner)),
                None => (is_list, at) = (false, None),
            }
        }
        (is_list, at)
    }

    /// The name that an argument has here: the same letters, or the plural, or with a word that CloudFormation puts behind.
    pub fn name_of(&self, argument: &str) -> Option<&str> {
        let plain = plain(argument);
        let endings = ["", "s", "configuration", "config", "specification", "configs", "configurations"];
        endings.iter().find_map(|ending| {
            let wanted = format!("{plain}{ending}");
            self.entries.keys().find(|name| self::plain(name) == wanted).map(String::as_str)
        })
    }
}

/// The steps of a target; a dot within brackets is none between steps.
pub fn steps(target: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut start) = (0_u32, 0);
    for (at, letter) in target.char_indices() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                found.push(&target[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if start < target.len() {
        found.push(&target[start..]);
    }
    found
}

fn plain(name: &str) -> String {
    name.chars().filter(|letter| *letter != '_').map(|letter| letter.to_ascii_lowercase()).collect()
}

/// `vpc_config` as `VpcConfig`.
pub fn pascal(name: &str) -> String {
    let mut found = String::new();
    for word in name.split('_') {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            found.extend(first.to_uppercase());
            found.push_str(letters.as_str());
        }
    }
    found
}

/// The known word that is nearest to one that is not known.
pub fn nearest<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let near = known.map(|other| (distance(word, other), other)).min()?;
    (near.0 <= word.len().div_ceil(3)).then_some(near.1)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (line, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, right) in b.iter().enumerate() {
            let changed = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[b.len()]
}
