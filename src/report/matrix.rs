//! The STRIDE-per-element matrix of a change: index into the items, and proof of method.
//!
//! Comes in: a report and the number of each item. Goes out: rows of cells. Which cells are asked the chart says (`stride::chart`).

use crate::decisions::{Reviewed, Standing};
use crate::model::Element;
use crate::model::category::Category;
use crate::model::fact::{Fact, Word};
use crate::report::Report;
use crate::stride::ThreatKey;
use crate::stride::chart::{Square, square};
use crate::stride::rule::{RuleKind, Subject};
use std::collections::{BTreeMap, BTreeSet};

/// One square.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The chart asks for it.
    pub in_chart: bool,
    /// Numbers of the items that are open here, with whether one of them blocks.
    pub items: BTreeSet<usize>,
    pub blocks: bool,
    /// Something of low weight is open that bears no number.
    pub low: bool,
    pub covered: bool,
    pub decided: bool,
    /// Something that the settings switch off: a tick would promise more than is so.
    pub off: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As shown: `IntakeFn`, `client → IntakeFn`.
    pub shown: String,
    /// How many others share a cause that is open here.
    pub sharers: usize,
    pub new: bool,
    /// In the order of `Category::ALL`.
    pub cells: [Cell; 6],
}

impl Row {
    /// Anything but empty squares and those outside of the chart.
    pub fn says_something(&self) -> bool {
        self.cells.iter().any(|cell| !cell.items.is_empty() || cell.low || cell.covered || cell.decided || cell.off)
    }

    /// Something is open here: fully covered rows go below the fold.
    pub fn is_open(&self) -> bool {
        self.cells.iter().any(|cell| !cell.items.is_empty())
    }
}

/// The rows of everything new or changed: elements first, then flows, each in order of id.
pub fn rows(report: &Report, numbers: &BTreeMap<&ThreatKey, usize>) -> Vec<Row> {
    let mut by_subject: BTreeMap<&str, Vec<&Reviewed>> = BTreeMap::new();
    for reviewed in &report.reviewed {
        by_subject.entry(&reviewed.threat.on).or_default().push(reviewed);
    }
    let added: BTreeSet<&str> =
        report.delta.elements_added.iter().map(|id| id.as_str()).chain(report.delta.flows_added.iter().map(|id| id.as_str())).collect();
    let mut rows = Vec::new();
    for element in &report.after.elements {
        if let Some(threats) = by_subject.get(element.id.as_str()) {
            rows.push(row(
                &element.name,
                added.contains(element.id.as_str()),
                |category| element_chart(element, category),
                threats,
                numbers,
            ));
        }
    }
    for flow in &report.after.flows {
        if let Some(threats) = by_subject.get(flow.id.as_str())
            && let Some(first) = threats.first()
        {
            rows.push(row(&first.threat.shown, added.contains(flow.id.as_str()), flow_chart, threats, numbers));
        }
    }
    rows
}

/// Whether a square is switched off by the settings.
pub fn has_off(rows: &[Row]) -> bool {
    rows.iter().any(|row| row.cells.iter().any(|cell| cell.off))
}

fn row(shown: &str, new: bool, in_chart: impl Fn(Category) -> bool, threats: &[&Reviewed], numbers: &BTreeMap<&ThreatKey, usize>) -> Row {
    let cells = Category::ALL.map(|category| {
        let mut cell = Cell { in_chart: in_chart(category), ..Cell::default() };
        for reviewed in threats.iter().filter(|reviewed| reviewed.threat.rule.category == category) {
            match reviewed.standing {
                Standing::SwitchedOff => cell.off = true,
                Standing::Covered => cell.covered = true,
                Standing::Decided(_) => cell.decided = true,
                Standing::Open | Standing::Unclear | Standing::Claimed | Standing::Proposed(_) | Standing::Reopened { .. } => {
                    match numbers.get(reviewed.key()).filter(|_| reviewed.introduced) {
                        Some(number) => {
                            cell.items.insert(*number);
                            cell.blocks |= reviewed.blocks;
                        }
                        None => cell.low |= reviewed.needs_answer() && reviewed.threat.rule.kind != RuleKind::Baseline,
                    }
                }
            }
        }
        cell
    });
    let sharers = threats.iter().filter(|reviewed| reviewed.needs_answer()).map(|reviewed| reviewed.threat.others.len()).max().unwrap_or(0);
    Row { shown: shown.to_owned(), sharers, new, cells }
}

/// Whether the chart asks the category of the element.
pub fn element_chart(element: &Element, category: Category) -> bool {
    match square(Subject::of(element.kind), category) {
        Square::Asked => true,
        Square::AskedOfLogs => element.facts.is(Fact::StoreRole, Word::AuditLog) || element.service == "log_group",
        Square::SpecificOnly | Square::Outside => false,
    }
}

/// Whether the chart asks the category of a data flow.
pub fn flow_chart(category: Category) -> bool {
    square(Subject::Flow("any"), category) == Square::Asked
}
