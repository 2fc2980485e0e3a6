//! Several models as one.

use crate::model::Model;

impl Model {
    /// Puts everything into its order; readers call it once, at their end.
    pub fn sort(&mut self) {
        self.elements.sort_by(|a, b| a.id.cmp(&b.id));
        self.flows.sort_by(|a, b| a.id.cmp(&b.id));
        self.boundaries.sort_by(|a, b| a.id.cmp(&b.id));
        self.recorded.sort_by(|a, b| (&a.unit, &a.id, &a.on).cmp(&(&b.unit, &b.id, &b.on)));
        self.suppressions.sort();
        self.suppressions.dedup();
        self.holdings.sort_by(|a, b| a.id.cmp(&b.id));
        self.unweighed.sort_unstable();
        self.stated.sort_by(|a, b| a.id.cmp(&b.id));
        self.notes.sort();
        self.notes.dedup();
    }

    /// Adds another unit's model; both stay ordered.
    pub fn join(&mut self, other: Self) {
        self.extend(other);
        self.sort();
    }

    /// Adds another unit's model without ordering: for many, which are sorted once.
    pub fn extend(&mut self, other: Self) {
        self.elements.extend(other.elements);
        self.flows.extend(other.flows);
        self.boundaries.extend(other.boundaries);
        self.recorded.extend(other.recorded);
        self.suppressions.extend(other.suppressions);
        self.rewritten.extend(other.rewritten);
        self.unknown.extend(other.unknown);
        self.cut.extend(other.cut);
        self.exports.extend(other.exports);
        self.holdings.extend(other.holdings);
        self.resources.extend(other.resources);
        self.confined.extend(other.confined);
        self.unweighed.extend(other.unweighed);
        self.stated.extend(other.stated);
        self.moved.extend(other.moved);
        self.replaced.extend(other.replaced);
        self.destroyed.extend(other.destroyed);
        self.notes.extend(other.notes);
        self.words.extend(other.words);
    }
}
