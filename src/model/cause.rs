//! Causes: what must be changed to end a threat.
//!
//! Comes in: where something is stated, and what it says. Goes out: a name that stays the same for as long as it means the same. A
//! version, a position, a line or an unrelated edit is no part of it.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// What kind of thing a cause is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CauseKind {
    /// A property of an element, of a flow, or of a part of an element.
    Property,
    /// A statement of a policy, or a policy that the provider keeps.
    Statement,
    /// Somebody whom a policy lets in.
    Principal,
    /// A layer of code: its account and name, whatever its version.
    Layer,
    /// A route of an API: method and path.
    Route,
}

impl CauseKind {
    pub const ALL: [Self; 5] = [Self::Property, Self::Statement, Self::Principal, Self::Layer, Self::Route];

    /// As the ledger and the JSON spell it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Property => "property",
            Self::Statement => "statement",
            Self::Principal => "principal",
            Self::Layer => "layer",
            Self::Route => "route",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One cause. Two threats of one rule with equal causes are one threat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cause {
    pub kind: CauseKind,
    /// What bears it: `intake/template.yaml#IntakeRole`, by the file that it is written in, so that all instances of a shared template
    /// have one. Empty where it belongs to the repository as a whole.
    pub holder: String,
    /// `Allow s3:GetObject on *`, `111122223333:layer:Agent`, `GET /orders`; of a property the part that it is of, mostly empty.
    pub name: String,
}

impl Cause {
    pub fn property(holder: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind: CauseKind::Property, holder: holder.into(), name: name.into() }
    }

    /// The layer of an ARN, `arn:aws:lambda:eu-west-1:111122223333:layer:Agent_1_2_3:7`: account and name, in which digits that may count
    /// versions are left out. `None` where the text is no ARN of a layer.
    pub fn layer(arn: &str) -> Option<Self> {
        let mut depth = 0_u32;
        // Within `${AWS::Region}` a colon separates nothing.
        let mut pieces = arn
            .split(|c| {
                match c {
                    '{' => depth += 1,
                    '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                c == ':' && depth == 0
            })
            .skip(2);
        let service = pieces.next()?;
        let account = pieces.nth(1)?;
        let (kind, name) = (pieces.next()?, pieces.next()?);
        if service != "lambda" || kind != "layer" || account.is_empty() || name.is_empty() {
            return None;
        }
        Some(Self { kind: CauseKind::Layer, holder: String::new(), name: format!("{account}:layer:{}", without_versions(name)) })
    }

    /// The same cause where what bears it goes by another name.
    #[must_use]
    pub fn held_by(self: &Arc<Self>, renamed: &dyn Fn(&str) -> Option<String>) -> Arc<Self> {
        match renamed(&self.holder) {
            Some(holder) => Arc::new(Self { kind: self.kind, holder, name: self.name.clone() }),
            None => Arc::clone(self),
        }
    }

    /// The same cause where holder and name speak of others under other names.
    #[must_use]
    pub fn renamed(self: &Arc<Self>, renamed: &dyn Fn(&str) -> Option<String>) -> Arc<Self> {
        match (renamed(&self.holder), renamed(&self.name)) {
            (None, None) => Arc::clone(self),
            (holder, name) => {
                let (holder, name) = (holder.unwrap_or_else(|| self.holder.clone()), name.unwrap_or_else(|| self.name.clone()));
                Arc::new(Self { kind: self.kind, holder, name })
            }
        }
    }

    /// Whether decisions on it hold for the repository, and not for one file.
    pub fn is_of_repository(&self) -> bool {
        self.holder.is_empty()
    }

    /// Whether it is the same thing in whichever repository it stands: a layer of code, what lies in no file of any, and whom a policy lets in
    /// by the number of an account.
    pub fn is_the_same_everywhere(&self) -> bool {
        match self.kind {
            CauseKind::Principal => names_an_account(&self.name),
            CauseKind::Layer | CauseKind::Property | CauseKind::Statement | CauseKind::Route => {
                self.holder.is_empty() && !self.name.is_empty()
            }
        }
    }

    /// Whether the two are that same thing, whatever bears it.
    pub fn is_everywhere(&self, other: &Self) -> bool {
        self.kind == other.kind && self.name == other.name && self.is_the_same_everywhere() && other.is_the_same_everywhere()
    }

    /// Whether its name says what it means, so that another meaning is another name: one that is gone and one that is new may then be the
    /// same cause changed.
    pub fn is_named_by_meaning(&self) -> bool {
        match self.kind {
            CauseKind::Statement | CauseKind::Route | CauseKind::Layer => true,
            CauseKind::Property | CauseKind::Principal => false,
        }
    }

    /// Whether the two may be one cause before and after a change. Another account's layer is never the same.
    pub fn may_become(&self, other: &Self) -> bool {
        let account = |cause: &Self| cause.name.split(':').next().unwrap_or_default().to_owned();
        self.kind == other.kind
            && self.holder == other.holder
            && self.is_named_by_meaning()
            && (self.kind != CauseKind::Layer || account(self) == account(other))
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.holder.is_empty(), self.name.is_empty()) {
            (true, _) => f.write_str(&self.name),
            (false, true) => f.write_str(&self.holder),
            (false, false) => write!(f, "{}: {}", self.holder, self.name),
        }
    }
}

/// Whether a name has the twelve digits of an account.
fn names_an_account(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_digit()).any(|digits| digits.len() == 12)
}

/// A name with each run of digits, and of the marks between them, as one `*`: `OneAgent_1_311_2_nodejs` and `OneAgent_1_329_7_nodejs` are
/// one layer.
fn without_versions(name: &str) -> Cow<'_, str> {
    if !name.bytes().any(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(name);
    }
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        out.push_str(&rest[..start]);
        out.push('*');
        let run = rest[start..].find(|c: char| !(c.is_ascii_digit() || "._-".contains(c))).unwrap_or(rest.len() - start);
        let run = &rest[start..start + run];
        let digits = run.trim_end_matches(['.', '_', '-']);
        rest = &rest[start + digits.len()..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::Cause;

    #[test]
    fn a_layer_is_its_account_and_name() {
        for (arn, expected) in [
            ("arn:aws:lambda:eu-west-2:111122223333:layer:OneAgent_1_311_2_nodejs:1", Some("111122223333:layer:OneAgent_*_nodejs")),
            ("arn:aws:lambda:eu-west-1:111122223333:layer:OneAgent_1_329_7_nodejs:9", Some("111122223333:layer:OneAgent_*_nodejs")),
            (
                "arn:aws:lambda:${AWS::Region}:580247275435:layer:LambdaInsightsExtension:2",
                Some("580247275435:layer:LambdaInsightsExtension"),
            ),
            (
                "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python312-x86_64:1",
                Some("017000801446:layer:AWSLambdaPowertoolsPythonV*-python*-x*"),
            ),
            ("SharedLayer", None),
            ("arn:aws:lambda:eu-west-2:111122223333:function:Agent:1", None),
        ] {
            assert_eq!(Cause::layer(arn).map(|cause| cause.name).as_deref(), expected, "{arn}");
        }
    }
}
