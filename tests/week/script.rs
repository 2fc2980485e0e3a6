//! The script: who does what, in order of time.
//!
//! A line is a heading (`## Monday`), a remark behind `;`, or a deed, `mona comments on #1`, whose text follows with four spaces before it.

/// One thing that somebody does.
pub struct Step {
    /// The line as it stands.
    pub line: String,
    pub words: Vec<String>,
    /// What is between quotation marks on the line: a title.
    pub title: String,
    /// The lines below, without their four spaces.
    pub text: String,
}

impl Step {
    /// Whether a day or an hour begins, at which the service looks around by itself.
    pub fn is_morning(&self) -> bool {
        self.words.first().is_some_and(|word| word == "at")
    }

    /// The words behind `word`, up to the end of the line.
    pub fn behind(&self, word: &str) -> Option<&str> {
        let at = self.words.iter().position(|found| found == word)?;
        self.words.get(at + 1).map(String::as_str)
    }

    /// The pull request that the line names, `#3`.
    pub fn pull(&self) -> u64 {
        let named = self.words.iter().find_map(|word| word.strip_prefix('#')?.parse().ok());
        named.unwrap_or_else(|| panic!("{:?} names no pull request", self.line))
    }
}

/// The steps, in the order of the script.
pub fn read(script: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in script.lines().filter(|line| !line.starts_with("; ")) {
        match (line.strip_prefix("    "), steps.last_mut()) {
            (Some(text), Some(last)) => last.text.push_str(&format!("{text}\n")),
            (None, Some(last)) if line.is_empty() && !last.text.is_empty() => last.text.push('\n'),
            _ if line.is_empty() => {}
            _ => steps.push(step(line)),
        }
    }
    for step in &mut steps {
        step.text.truncate(step.text.trim_end().len());
    }
    steps
}

fn step(line: &str) -> Step {
    let (before, title, behind) = match line.split('"').collect::<Vec<&str>>()[..] {
        [before, title, behind] => (before, title, behind),
        _ => (line, "", ""),
    };
    let words = before.split_whitespace().chain(behind.split_whitespace()).map(str::to_owned).collect();
    Step { line: line.to_owned(), words, title: title.to_owned(), text: String::new() }
}
