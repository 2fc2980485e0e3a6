//! The numbers of lines within one pull request: short to type, each given once.
//!
//! Comes in: what was published, and the lines that stand. Goes out: a number for each line. A line whose threats or facts have changed
//! has another hash, and gets a new number; the old one is never given again. The whole hash is remembered: the eight digits that an ID shows are
//! few enough that somebody can make others with the same.

use std::collections::{BTreeMap, BTreeSet};

/// Most numbers that are remembered; older ones that no line bears any more go first.
const MOST_REMEMBERED: usize = 200;

/// How many hex digits a hash has.
const WHOLE: usize = 64;
/// How many of them an ID shows, which is what earlier releases remembered.
const IN_ID: usize = 8;

/// Which number was given to which line, by the line's hash.
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
    /// The hash of the line that a number was given to, in hex; of what an earlier release remembered, the digits that its ID shows.
    pub fn hash(&self, number: usize) -> Option<&str> {
        self.given.get(&number).map(String::as_str)
    }

    /// The whole hashes of what was shown under an ID that ends in these digits.
    pub fn shown(&self, digits: &str) -> impl Iterator<Item = &str> {
        self.given.values().map(String::as_str).filter(move |hash| hash.len() == WHOLE && hash.starts_with(digits))
    }

    /// Whether none was ever given.
    pub(crate) fn is_empty(&self) -> bool {
        self.next == 1
    }

    /// The number of a line by its hash, a new one where it has none.
    pub(crate) fn give(&mut self, hash: &str) -> usize {
        if let Some((number, known)) = self.given.iter_mut().find(|(_, known)| hash.starts_with(known.as_str())) {
            hash.clone_into(known);
            return *number;
        }
        let number = self.next;
        self.given.insert(number, hash.to_owned());
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

    /// `4 1=7f3a9c21… 3=00ac3d1f…`: the next number, and those given with their hashes.
    pub(crate) fn written(&self) -> String {
        let given: String = self.given.iter().map(|(number, hash)| format!(" {number}={hash}")).collect();
        format!("{}{given}", self.next)
    }

    /// Reads what `written` wrote; `None` where it is something else.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        let next: usize = words.next()?.parse().ok()?;
        let given = words.map(|word| {
            let (number, digits) = word.split_once('=')?;
            let number: usize = number.parse().ok().filter(|number| *number < next)?;
            let is_digits = [WHOLE, IN_ID].contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_digits.then(|| (number, digits.to_owned()))
        });
        Some(Self { given: given.collect::<Option<_>>()?, next })
    }
}

/// What an ID ends in: the first digits of a hash.
pub fn digits(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(_, digits)| digits)
}

/// Whether a hash is what was remembered: the whole of it, or what an earlier release remembered of it.
pub fn is_remembered(hash: &str, remembered: &str) -> bool {
    hash.starts_with(remembered)
}

#[cfg(test)]
mod tests {
    use super::Numbers;
    use std::collections::BTreeSet;

    #[test]
    fn a_number_is_given_once() {
        let [a, b, c, d] = ["1", "2", "3", "4"].map(|last| format!("{last:0>64}"));
        let mut numbers = Numbers::default();
        assert_eq!([numbers.give(&a), numbers.give(&b), numbers.give(&a)], [1, 2, 1]);
        let mut again = Numbers::read(&numbers.written()).unwrap();
        assert_eq!(again, numbers);
        assert_eq!(again.give(&c), 3, "other facts with the same first digits, another number");
        assert_eq!(again.hash(1), Some(a.as_str()));
        assert_eq!(again.shown("00000000").count(), 3);
        again.forget(&BTreeSet::new());
        assert_eq!(again.give(&d), 4);
        assert_eq!(Numbers::read("2 5=00000001"), None);
    }

    #[test]
    fn what_an_earlier_release_remembered_is_read() {
        let hash = format!("{:0<64}", "7f3a9c21");
        let mut numbers = Numbers::read("3 1=7f3a9c21 2=00000002").unwrap();
        assert_eq!((numbers.hash(1), numbers.shown("7f3a9c21").count()), (Some("7f3a9c21"), 0));
        assert_eq!((numbers.give(&hash), numbers.hash(1)), (1, Some(hash.as_str())));
    }
}
