//! Which threats stand alone, which are rolled up, which are only counted.

/// How a list of threats is told. Indices are into the list that was arranged; each stands in one place at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrangement {
    /// Highest score first.
    pub single: Vec<usize>,
    pub rollups: Vec<Rollup>,
    /// Of low weight, or beyond the cap.
    pub low: Vec<usize>,
}

/// Threats of one group that have one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollup {
    pub group: &'static str,
    /// `rollup/<group>-<8 hex>`.
    pub id: String,
    pub members: Vec<usize>,
}
