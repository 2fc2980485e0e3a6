//! What a repository's own CI makes for the judgement: which workflow, and which of its artifacts.
//!
//! Comes in: the section `generated` as written. Goes out: a workflow's path and an artifact's name, each of which names one thing alone.

use schemars::JsonSchema;
use serde::Deserialize;

/// Where workflows lie.
const FOLDER: &str = ".github/workflows/";
/// Longest name of an artifact.
const MAX_NAME: usize = 200;

/// The workflow that makes what is not in git, and the artifact that it hands over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Generated {
    /// Its path in the repository: `.github/workflows/synth.yml`.
    pub workflow: String,
    /// `astride-input`.
    pub artifact: String,
}

/// Input that is not in git (what `cdk synth`, `helm template`, `kustomize build` write): a workflow makes it of each commit, and an artifact hands it over. Until it is there the check is not green.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenGenerated {
    /// The workflow's file. Its runs by `push` and `merge_group` count.
    #[schemars(regex(pattern = r"^\.github/workflows/[A-Za-z0-9_.-]+\.ya?ml$"))]
    workflow: String,
    /// The name of the artifact: its files take the place in the tree that they have in it.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_. -]+$"), length(max = MAX_NAME))]
    artifact: String,
}

impl Generated {
    /// The workflow's file name, by which the forge knows it.
    pub fn file(&self) -> &str {
        self.workflow.strip_prefix(FOLDER).unwrap_or(&self.workflow)
    }

    /// In one line, as settings are compared.
    pub(super) fn words(&self) -> String {
        format!("{} of {}", self.artifact, self.workflow)
    }
}

impl WrittenGenerated {
    /// What it asks for.
    ///
    /// # Errors
    /// A value that is none, in words.
    pub(super) fn read(self) -> Result<Generated, String> {
        let is_name = |name: &str, more: &[u8]| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || more.contains(&byte);
            !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(known)
        };
        let file = self.workflow.strip_prefix(FOLDER).filter(|file| file.ends_with(".yml") || file.ends_with(".yaml"));
        if !file.is_some_and(|file| is_name(file, b"_.-")) {
            return Err(format!("generated.workflow is `{}`, and no workflow: write its path, {FOLDER}synth.yml", self.workflow));
        }
        if !is_name(&self.artifact, b"_. -") {
            return Err(format!("generated.artifact is `{}`, and no name of letters, digits, `.`, `_` and `-`", self.artifact));
        }
        Ok(Generated { workflow: self.workflow, artifact: self.artifact })
    }
}
