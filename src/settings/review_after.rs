//! After how many days a decision without an end is looked at again, by severity.
//!
//! Comes in: what settings say. Goes out: days, or nothing where such decisions stand until somebody takes them back.

use crate::stride::rule::Severity;
use std::collections::BTreeMap;

/// What counts of critical and high threats where nothing is said.
const DEFAULT: i64 = 180;
/// The longest that can be written.
pub(super) const MAX_DAYS: i64 = 3650;

/// Days by severity, as far as the settings say so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReviewAfter(pub(super) BTreeMap<Severity, i64>);

impl ReviewAfter {
    /// The days for a threat of this severity: what is said of a lower one holds for it too.
    pub fn days(&self, severity: Severity) -> Option<i64> {
        let lower = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical].into_iter().filter(|lower| *lower <= severity);
        lower.filter_map(|lower| self.said(lower)).min()
    }

    /// The days for what was put off without a date of its own: it comes back in any case.
    pub fn put_off(&self, severity: Severity) -> i64 {
        self.days(severity).unwrap_or(DEFAULT)
    }

    fn said(&self, severity: Severity) -> Option<i64> {
        self.0.get(&severity).copied().or_else(|| (severity >= Severity::High).then_some(DEFAULT))
    }

    /// Shortens them to those of others, where these are longer or say nothing.
    pub(super) fn shorten(&mut self, others: &Self) {
        for (severity, days) in &others.0 {
            let own = self.said(*severity).map_or(*days, |own| own.min(*days));
            self.0.insert(*severity, own);
        }
    }

    /// Where others wait longer, or for ever: the words for what counts now and what would.
    pub(super) fn longer_in(&self, others: &Self) -> Vec<(String, String)> {
        let words = |severity: Severity, days: Option<i64>| {
            format!("{} {}", severity.word(), days.map_or_else(|| "never".to_owned(), |days| days.to_string()))
        };
        let all = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low].into_iter();
        let longer = all.filter(|severity| match (self.days(*severity), others.days(*severity)) {
            (Some(days), Some(other)) => other > days,
            (Some(_), None) => true,
            (None, _) => false,
        });
        longer.map(|severity| (words(severity, self.days(severity)), words(severity, others.days(severity)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::ReviewAfter;
    use crate::stride::rule::Severity;

    #[test]
    fn what_is_put_off_comes_back() {
        let settings = ReviewAfter([(Severity::Medium, 30)].into());
        for (severity, days) in [(Severity::Low, 180), (Severity::Medium, 30), (Severity::High, 30)] {
            assert_eq!(settings.put_off(severity), days, "{severity:?}");
        }
    }

    #[test]
    fn what_is_said_of_less_severe_threats_holds_for_severer_ones() {
        let said = |days: &[(Severity, i64)]| ReviewAfter(days.iter().copied().collect());
        for (settings, critical, high, medium) in [
            (said(&[]), Some(180), Some(180), None),
            (said(&[(Severity::High, 90)]), Some(90), Some(90), None),
            (said(&[(Severity::Critical, 30), (Severity::Medium, 365)]), Some(30), Some(180), Some(365)),
            (said(&[(Severity::Critical, 400), (Severity::High, 400)]), Some(400), Some(400), None),
        ] {
            let days = [Severity::Critical, Severity::High, Severity::Medium].map(|severity| settings.days(severity));
            assert_eq!(days, [critical, high, medium], "{settings:?}");
        }
        let mut own = said(&[(Severity::High, 365), (Severity::Critical, 365)]);
        own.shorten(&said(&[(Severity::High, 90), (Severity::Critical, 400)]));
        assert_eq!((own.days(Severity::Critical), own.days(Severity::High)), (Some(90), Some(90)));
        let longer = said(&[(Severity::High, 90)]).longer_in(&said(&[]));
        assert_eq!(longer, [("critical 90", "critical 180"), ("high 90", "high 180")].map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
