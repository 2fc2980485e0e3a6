//! A text cut down to what a test needs, block by block.
//!
//! Comes in: a text whose structure shows in its indentation, a test. Goes out: the text with as few lines as the test is content with.
//! As in hierarchical delta debugging, <https://doi.org/10.1145/1134285.1134307>.

/// Most tests of one text.
const MOST_TESTS: usize = 600;

/// The least that passes; `None` where not even the whole text does.
pub(super) fn reduce(text: &str, passes: &mut dyn FnMut(&str) -> bool) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let mut cut = Cut { kept: vec![true; lines.len()], lines, tests: 0, passes };
    if !cut.is_content() {
        return None;
    }
    let idle: Vec<usize> = (0..cut.lines.len()).filter(|line| says_nothing(cut.lines[*line])).collect();
    cut.without(&idle);
    let mut level = vec![(0, cut.lines.len())];
    while !level.is_empty() {
        let blocks: Vec<Vec<(usize, usize)>> = level.iter().map(|(from, to)| cut.blocks(*from, *to)).collect();
        for siblings in &blocks {
            cut.thin_out(siblings);
        }
        let inner = blocks.into_iter().flatten().filter(|(from, to)| cut.kept[*from] && to - from > 1);
        // What closes a block stays as long as what opens it.
        level = inner.map(|(from, to)| (from + 1, if closes(cut.lines[to - 1]) { to - 1 } else { to })).collect();
    }
    Some(cut.text())
}

/// A blank line or a comment.
fn says_nothing(line: &str) -> bool {
    let line = line.trim_start();
    line.is_empty() || line.starts_with('#') || line.starts_with("//")
}

/// Whether a line closes what another one opens.
fn closes(line: &str) -> bool {
    let line = line.trim();
    !line.is_empty() && line.chars().all(|c| matches!(c, '}' | ']' | ')' | ','))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

struct Cut<'t, 'p> {
    lines: Vec<&'t str>,
    kept: Vec<bool>,
    tests: usize,
    passes: &'p mut dyn FnMut(&str) -> bool,
}

impl Cut<'_, '_> {
    fn text(&self) -> String {
        let kept = self.lines.iter().zip(&self.kept).filter(|(_, kept)| **kept).map(|(line, _)| *line);
        let mut out = String::new();
        for line in kept {
            if line.trim_start().starts_with(['}', ']']) && out.trim_end().ends_with(',') {
                out.truncate(out.trim_end().len() - 1);
                out.push('\n');
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    fn is_content(&mut self) -> bool {
        self.tests += 1;
        let text = self.text();
        self.tests <= MOST_TESTS && (self.passes)(&text)
    }

    /// Leaves lines out, if the test allows it.
    fn without(&mut self, lines: &[usize]) -> bool {
        let lines: Vec<usize> = lines.iter().copied().filter(|line| self.kept[*line]).collect();
        if lines.is_empty() {
            return true;
        }
        lines.iter().for_each(|line| self.kept[*line] = false);
        let is_content = self.is_content();
        if !is_content {
            lines.iter().for_each(|line| self.kept[*line] = true);
        }
        is_content
    }

    /// The blocks between two lines: each a line with those that stand deeper, and the one that closes it.
    fn blocks(&self, from: usize, to: usize) -> Vec<(usize, usize)> {
        let mut blocks: Vec<(usize, usize)> = Vec::new();
        for line in (from..to).filter(|line| self.kept[*line]) {
            let depth = indent(self.lines[line]);
            let text = self.lines[line];
            match blocks.last_mut() {
                // A list may stand as deep as its key.
                Some((start, end)) if depth > indent(self.lines[*start]) || closes(text) && depth == indent(self.lines[*start]) => {
                    *end = line + 1;
                }
                _ => blocks.push((line, line + 1)),
            }
        }
        blocks
    }

    /// Leaves out as many of some siblings as the test allows: halves of them first, then each.
    fn thin_out(&mut self, siblings: &[(usize, usize)]) {
        let mut size = siblings.len();
        while size > 0 {
            for some in siblings.chunks(size) {
                let lines: Vec<usize> = some.iter().flat_map(|(from, to)| *from..*to).collect();
                self.without(&lines);
            }
            size /= 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::reduce;

    #[test]
    fn what_the_test_needs_is_left() {
        let yaml = "# of shops\nResources:\n  A:\n    Type: X\n    Open: yes\n\n  B:\n    Type: Y\nOutputs:\n  O: 1\n";
        let json = "{\n  \"A\": {\n    \"Type\": \"X\",\n    \"Open\": \"yes\",\n    \"Tag\": 1\n  },\n  \"B\": 2\n}\n";
        let hcl = "resource \"x\" \"a\" {\n  open = \"yes\"\n  name = \"a\"\n}\n\nresource \"y\" \"b\" {\n  open = \"no\"\n}\n";
        for (text, needed, expected) in [
            (yaml, &["Resources:", "A:", "Open: yes"][..], "Resources:\n  A:\n    Open: yes\n"),
            (json, &["\"A\": {", "\"Open\": \"yes\""], "{\n  \"A\": {\n    \"Open\": \"yes\"\n  }\n}\n"),
            (hcl, &["resource \"x\" \"a\" {", "open = \"yes\""], "resource \"x\" \"a\" {\n  open = \"yes\"\n}\n"),
        ] {
            let is_whole = |text: &str| text.matches('{').count() == text.matches('}').count();
            let has = |text: &str, wanted: &str| text.lines().any(|line| line.trim().trim_end_matches(',') == wanted);
            let reduced = reduce(text, &mut |text| is_whole(text) && needed.iter().all(|wanted| has(text, wanted)));
            assert_eq!(reduced.as_deref(), Some(expected));
        }
        assert_eq!(reduce(yaml, &mut |_| false), None);
    }
}
