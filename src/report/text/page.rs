//! Lines of a terminal: wrapped to a width, with a hanging indent, and painted.

use crate::report::text::Colour;
use unicode_width::UnicodeWidthStr;

/// Fewest columns that text is wrapped to: what is narrower wraps itself.
const NARROWEST: usize = 30;

/// What a piece of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Paint {
    Plain,
    Strong,
    /// What blocks, what cannot be read.
    Alarm,
    Warning,
    Soft,
    /// What people type.
    Id,
    Good,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Alarm => "1;31",
            Self::Warning => "33",
            Self::Soft => "2",
            Self::Id => "36",
            Self::Good => "32",
        }
    }
}

/// What is written so far.
pub(in crate::report) struct Page {
    colour: Colour,
    width: Option<usize>,
    out: String,
}

impl Page {
    pub(in crate::report) fn new(colour: Colour, width: Option<usize>) -> Self {
        Self { colour, width: width.map(|width| width.max(NARROWEST)), out: String::new() }
    }

    pub(in crate::report) fn into_text(self) -> String {
        self.out
    }

    /// The columns that there are, if they are counted.
    pub(in crate::report) fn width(&self) -> Option<usize> {
        self.width
    }

    pub(in crate::report) fn blank(&mut self) {
        self.out.push('\n');
    }

    /// A line as it is.
    pub(in crate::report) fn raw(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    /// Pieces with two blanks between them; what does not fit goes on in the next line behind `hang` blanks. Of a piece that is too long by
    /// itself the words are wrapped.
    pub(in crate::report) fn line(&mut self, pieces: &[(Paint, &str)], hang: usize) {
        let mut column = 0;
        for (number, (paint, text)) in pieces.iter().enumerate() {
            let fits = self.width.is_none_or(|width| column + 2 + text.width() <= width);
            if number > 0 && fits {
                self.out.push_str("  ");
                column += 2;
            } else if number > 0 {
                self.out.push('\n');
                self.indent(hang);
                column = hang;
            }
            for (row, part) in self.wrapped(text, column, hang).iter().enumerate() {
                if row > 0 {
                    self.out.push('\n');
                    self.indent(hang);
                    column = hang;
                }
                self.out.push_str(&self.painted(*paint, part));
                column += part.width();
            }
        }
        self.out.push('\n');
    }

    /// A paragraph behind a label; its further lines begin below its first word.
    pub(in crate::report) fn paragraph(&mut self, indent: &str, label: &str, text: &str) {
        self.painted_paragraph(indent, (Paint::Soft, label), text);
    }

    pub(in crate::report) fn painted_paragraph(&mut self, indent: &str, (paint, label): (Paint, &str), text: &str) {
        let hang = indent.width() + label.width();
        self.out.push_str(indent);
        self.out.push_str(&self.painted(paint, label));
        for (row, part) in self.wrapped(text, hang, hang).iter().enumerate() {
            if row > 0 {
                self.out.push('\n');
                self.indent(hang);
            }
            self.out.push_str(part);
        }
        self.out.push('\n');
    }

    fn indent(&mut self, columns: usize) {
        self.out.extend(std::iter::repeat_n(' ', columns));
    }

    pub(in crate::report) fn painted(&self, paint: Paint, text: &str) -> String {
        // Blanks at the end bear no colour, so that an underline or a background would not show.
        let word = text.trim_end();
        match (self.colour, paint.code()) {
            (Colour::Never, _) | (Colour::Ansi, "") => text.to_owned(),
            (Colour::Ansi, _) if word.is_empty() => text.to_owned(),
            (Colour::Ansi, code) => format!("\u{1b}[{code}m{word}\u{1b}[0m{}", &text[word.len()..]),
        }
    }

    /// The text in rows, the first of which begins at `column` and the others at `hang`. A word that is too long stays whole.
    fn wrapped(&self, text: &str, column: usize, hang: usize) -> Vec<String> {
        let Some(width) = self.width else { return vec![text.to_owned()] };
        let words = text.trim_start_matches(' ');
        let blanks = text.len() - words.len();
        let mut rows = vec![text[..blanks].to_owned()];
        let mut used = column + blanks;
        for (number, word) in words.split(' ').enumerate() {
            let row = rows.last_mut().expect("there is one from the start");
            if number == 0 {
                row.push_str(word);
            } else if used + 1 + word.width() <= width {
                row.push(' ');
                row.push_str(word);
                used += 1;
            } else if !word.is_empty() {
                row.truncate(row.trim_end().len());
                rows.push(word.to_owned());
                used = hang;
            }
            used += word.width();
        }
        rows
    }
}

/// What does not show, moves the cursor or turns the direction of a line.
pub(in crate::report) fn hides(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::{Page, Paint};
    use crate::report::text::Colour;

    #[test]
    fn text_hangs_below_its_first_word() {
        let mut page = Page::new(Colour::Never, Some(30));
        page.paragraph("  ", "fix  ", "one two three four five six seven eight");
        assert_eq!(page.into_text(), "  fix  one two three four five\n       six seven eight\n");
    }

    #[test]
    fn wide_letters_take_two_columns_and_long_words_stay_whole() {
        let mut page = Page::new(Colour::Never, Some(30));
        page.paragraph("", "", "威胁模型威胁模型威胁模型 威胁模型 a");
        page.paragraph("", "", "a aws:dynamodb:eu-central-1:123456789012:table/Orders b");
        assert_eq!(page.into_text(), "威胁模型威胁模型威胁模型\n威胁模型 a\na\naws:dynamodb:eu-central-1:123456789012:table/Orders\nb\n");
    }

    #[test]
    fn blanks_stay_at_the_start_and_go_at_the_end_of_a_row() {
        let mut page = Page::new(Colour::Never, Some(30));
        page.line(&[(Paint::Plain, "  low     "), (Paint::Plain, "Orders/D-12345678")], 4);
        page.paragraph("", "", "twenty-nine columns of text..  template.yaml:3");
        assert_eq!(page.into_text(), "  low       Orders/D-12345678\ntwenty-nine columns of text..\ntemplate.yaml:3\n");
    }

    #[test]
    fn pieces_that_do_not_fit_go_on_below() {
        let mut page = Page::new(Colour::Ansi, Some(30));
        page.line(&[(Paint::Alarm, "blocks"), (Paint::Plain, "critical, spoofing"), (Paint::Id, "IntakeFn/S-8b94e136")], 4);
        assert_eq!(page.into_text(), "\u{1b}[1;31mblocks\u{1b}[0m  critical, spoofing\n    \u{1b}[36mIntakeFn/S-8b94e136\u{1b}[0m\n");
    }
}
