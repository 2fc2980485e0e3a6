//! The numbers of lines within one pull request: short to type, each given once.
//!
//! Comes in: what was published, and the lines that stand. Goes out: a number for each line. A line whose threats or facts have changed
//! has other digits in its ID, and gets a new number; the old one is never given again.

use std::collections::{BTreeMap, BTreeSet};

/// Most numbers that are remembered; older ones that no line bears any more go first.
const MOST_REMEMBERED: usize = 200;

/// Which number was given to which line, by the digits of its ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbers {
    given: BTreeMap<usize, String>,
    /// The one to give next.
    next: usize,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { given: BTreeMap::new(), next: 1 }
    }
}

impl Numbers {
    /// The digits in the ID of the line that a number was given to.
    pub fn digits(&self, number: usize) -> Option<&str> {
        self.given.get(&number).map(String::as_str)
    }

    /// Whether none was ever given.
    pub(crate) fn is_empty(&self) -> bool {
        self.next == 1
    }

    /// The number of a line, a new one where it has none.
    pub(crate) fn give(&mut self, id: &str) -> usize {
        let digits = digits(id);
        if let Some((number, _)) = self.given.iter().find(|(_, known)| *known == digits) {
            return *number;
        }
        let number = self.next;
        self.given.insert(number, digits.to_owned());
        self.next += 1;
        number
    }

    /// Forgets the oldest that no line bears.
    pub(crate) fn forget(&mut self, standing: &BTreeSet<usize>) {
        while self.given.len() > MOST_REMEMBERED.max(standing.len()) {
            let Some(oldest) = self.given.keys().find(|number| !standing.contains(number)).copied() else { return };
            self.given.remove(&oldest);
        }
    }

    /// `4 1=7f3a9c21 3=00ac3d1f`: the next number, and those given.
    pub(crate) fn written(&self) -> String {
        let given: String = self.given.iter().map(|(number, digits)| format!(" {number}={digits}")).collect();
        format!("{}{given}", self.next)
    }

    /// Reads what `written` wrote; `None` where it is something else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let next: usize = words.next()?.parse().ok()?;
        let given = words.map(|word| {
            let (number, digits) = word.split_once('=')?;
            let number: usize = number.parse().ok().filter(|number| *number < next)?;
            let is_digits = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_digits.then(|| (number, digits.to_owned()))
        });
        Some(Self { given: given.collect::<Option<_>>()?, next })
    }
}

/// What tells one line from another: the end of its ID.
pub fn digits(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(_, digits)| digits)
}

#[cfg(test)]
mod tests {
    use super::Numbers;
    use std::collections::BTreeSet;

    #[test]
    fn a_number_is_given_once() {
        let mut numbers = Numbers::default();
        assert_eq!([numbers.give("A/S-00000001"), numbers.give("B/S-00000002"), numbers.give("A/S-00000001")], [1, 2, 1]);
        let mut again = Numbers::read(&numbers.written()).unwrap();
        assert_eq!(again, numbers);
        assert_eq!(again.give("A/S-00000003"), 3, "other facts, another number");
        assert_eq!(again.digits(1), Some("00000001"));
        again.forget(&BTreeSet::new());
        assert_eq!(again.give("C/S-00000004"), 4);
        assert_eq!(Numbers::read("2 5=00000001"), None);
    }
}
