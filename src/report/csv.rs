//! Tables as CSV (RFC 4180), for spreadsheets: how a line is written.
//!
//! Comes in: cells, whoever wrote them. Goes out: lines that no spreadsheet takes for more than text.

/// The line with the names of the columns.
pub(in crate::report) fn head(names: &[&str]) -> String {
    names.join(",") + "\r\n"
}

/// One line of cells.
pub(in crate::report) fn line(cells: &[&str], out: &mut String) {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A spreadsheet takes what begins like a formula for one, whoever wrote it (<https://owasp.org/www-community/attacks/CSV_Injection>,
/// read 2026-11-28).
fn cell(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    let text = format!("{guard}{text}");
    if text.contains([',', '"', '\n', '\r']) || !guard.is_empty() { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn cells_are_quoted_and_no_formula() {
        for (text, expected) in [
            ("a", "a"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "\"'=1+1\""),
            ("@x", "\"'@x\""),
            ("a\nb", "\"a\nb\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
