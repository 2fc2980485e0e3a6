//! The STRIDE-per-element chart: which categories are asked of which kind of element.
//!
//! Comes in: a kind and a category. Goes out: what may be raised there. Knows no rule.

use crate::model::category::Category;
use crate::stride::rule::Subject;

/// What may be raised in one square of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Square {
    /// The chart asks: a generic question stands where nothing more specific does.
    Asked,
    /// The chart asks only of stores that hold logs, whose change can hide an action.
    AskedOfLogs,
    /// The chart is silent, but a rule that knows more may speak: a queue is a store and yet has an API and a policy of its own.
    SpecificOnly,
    Outside,
}

/// The chart of Microsoft's SDL (<https://www.microsoft.com/en-us/security/blog/2007/10/29/the-stride-per-element-chart/>), and the
/// squares that specific rules open beyond it. Roles and boundaries have no row of their own: their rules are reported on the processes
/// that hold them and on the flows that cross.
pub fn square(subject: Subject, category: Category) -> Square {
    match (subject, category) {
        (Subject::Process, _) => Square::Asked,
        (Subject::External, Category::Spoofing | Category::Repudiation) => Square::Asked,
        (Subject::Store | Subject::Flow(_), Category::Tampering | Category::InformationDisclosure | Category::DenialOfService) => {
            Square::Asked
        }
        (Subject::Store, Category::Repudiation) => Square::AskedOfLogs,
        // A body from elsewhere is an external entity whose maker decides what is deployed; an output shows what it has to whoever looks.
        (Subject::Store, Category::Spoofing | Category::ElevationOfPrivilege)
        | (Subject::External, Category::Tampering | Category::InformationDisclosure)
        | (Subject::Identity, _) => Square::SpecificOnly,
        (Subject::Boundary, Category::Tampering) | (Subject::External | Subject::Flow(_), _) => Square::Outside,
        (Subject::Boundary, _) => Square::SpecificOnly,
    }
}
