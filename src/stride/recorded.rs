//! What model files record as answered, as evidence on the threats that rules find.
//!
//! Comes in: the recorded threats of a model. Goes out: covered questions. A finding stays: a file's word does not undo what the facts show.

use crate::model::Model;
use crate::model::category::Category;
use crate::model::recorded::RecordedThreat;
use crate::stride::Outcome;
use crate::stride::paths::Found;
use crate::stride::rule::RuleKind;

/// What model files record as answered, by what it is recorded on and category.
pub(crate) struct RecordedAnswers<'m>(Vec<(&'m str, Category, &'m RecordedThreat)>);

impl<'m> RecordedAnswers<'m> {
    pub(crate) fn new(model: &'m Model) -> Self {
        let answer = |threat: &'m RecordedThreat| Some((threat.on.as_deref()?, threat.category?, threat));
        let mut answers: Vec<_> = model.recorded.iter().filter(|threat| threat.status.answers()).filter_map(answer).collect();
        answers.sort_by_key(|(on, category, _)| (*on, *category));
        Self(answers)
    }

    /// Covers the questions, generic ones included, of the cells of one element or flow that have an answer.
    pub(crate) fn cover(&self, on: &str, found: &mut [Found]) {
        if self.0.is_empty() {
            return;
        }
        for threat in found.iter_mut().map(|found| &mut found.threat) {
            let asks = match threat.rule.kind {
                RuleKind::Question | RuleKind::Baseline => !matches!(threat.outcome, Outcome::Covered { .. }),
                RuleKind::Finding => false,
            };
            let wanted = (on, threat.rule.category);
            let index = self.0.partition_point(|(on, category, _)| (*on, *category) < wanted);
            if let Some((_, _, recorded)) = self.0.get(index).filter(|(on, category, _)| asks && (*on, *category) == wanted) {
                let note = format!("recorded as {} in {}: {}", recorded.status.word(), recorded.place.path.file_name(), recorded.title);
                threat.claimed = Some(recorded.place.clone());
                threat.outcome = Outcome::Covered { note, place: Some(recorded.place.clone()) };
            }
        }
    }
}
