//! "Commit suggestion": what comments on lines offer, committed by GitHub in the name of whoever asks.
//!
//! See <https://docs.github.com/en/pull-requests/collaborating-with-pull-requests/reviewing-changes-in-pull-requests/incorporating-feedback-in-your-pull-request>.

use crate::change::ObjectId;
use crate::sandbox::github::people::ActError;
use crate::sandbox::github::state::{Anchor, Github, ReviewComment};
use crate::sandbox::objects::{Commit, Content, Signature};
use std::collections::BTreeMap;

impl Github {
    /// Applies what these comments offer, as one commit, with these changes besides, which GitHub's page has no way to make.
    pub fn apply_suggestions(
        &mut self,
        full_name: &str,
        number: u64,
        by: &str,
        comments: &[u64],
        changes: &[(&str, Option<Content>)],
    ) -> Result<ObjectId, ActError> {
        let (repository, user) = (self.act_on(full_name)?, self.user_id(by)?);
        let head = self.pull(repository, number).ok_or(ActError::NoPull(number))?.head.sha;
        let author = self.signature(user);
        let committer = Signature { name: "GitHub".to_owned(), email: "noreply@github.com".to_owned(), ..author.clone() };
        let bot = self.signature(self.bot);
        let mut lines: BTreeMap<String, Vec<(usize, String)>> = BTreeMap::new();
        for id in comments {
            let found =
                self.repository(repository).and_then(|found| found.review_comments.get(id)).ok_or(ActError::Nothing("comment", *id))?;
            let (line, text) = offered(found).ok_or_else(|| ActError::Refused("there is no suggestion that fits".to_owned()))?;
            lines.entry(found.path.clone()).or_default().push((line, text));
        }
        let objects = self.objects_mut(repository).ok_or(ActError::NoPull(number))?;
        let mut paths = objects.commit(head).map(|commit| objects.paths(commit.tree)).unwrap_or_default();
        for (path, suggested) in lines {
            let text = paths.get(&path).and_then(|(_, blob)| objects.blob(*blob)).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            let text = text.ok_or_else(|| ActError::Refused(format!("there is no {path}")))?;
            let mut rows: Vec<String> = text.split('\n').map(str::to_owned).collect();
            for (line, text) in suggested {
                *rows.get_mut(line - 1).ok_or_else(|| ActError::Refused(format!("{path} has no line {line}")))? = text;
            }
            let entry = objects.add_content(&Content::Text(rows.join("\n")));
            paths.insert(path, entry);
        }
        for (path, content) in changes {
            match content {
                Some(content) => paths.insert((*path).to_owned(), objects.add_content(content)),
                None => paths.remove(*path),
            };
        }
        let tree = objects.add_paths(&paths);
        let message = format!("Apply suggestions from code review\n\nCo-authored-by: {} <{}>\n", bot.name, bot.email);
        let commit = Commit { tree, parents: vec![head], author, committer, headers: String::new(), message };
        self.push_to_head(full_name, number, user, commit.signed())
    }
}

/// The line that a comment stands on by now, and what it offers in its place.
fn offered(comment: &ReviewComment) -> Option<(usize, String)> {
    let Anchor::Line { current: Some(line), .. } = comment.anchor else { return None };
    let (_, rest) = comment.body.split_once("```suggestion\n")?;
    let (text, _) = rest.split_once("\n```")?;
    Some((usize::try_from(line).ok().filter(|line| *line > 0)?, text.to_owned()))
}
