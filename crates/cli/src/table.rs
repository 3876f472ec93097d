//! Aligned columns for a terminal.

use crate::output::safe;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The maximum width of a cell, in terminal columns.
const MAX_COLUMNS: usize = 60;

/// A table with a header. Each cell is escaped for a terminal and cut to [`MAX_COLUMNS`].
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(&header)
        .chain(rows)
        .map(|row| row.iter().map(|cell| cut(&safe(cell), MAX_COLUMNS)).collect())
        .collect();
    let mut widths = vec![0; header.len()];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.width());
        }
    }
    let mut out = String::new();
    for line in &lines {
        let padded: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - cell.width())))
            .collect();
        out.push_str(padded.join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// A time in seconds since 1970, or `-`.
pub(crate) fn time(seconds: Option<i64>) -> String {
    let Some(seconds) = seconds else { return "-".to_owned() };
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// `yes` or `no`.
pub(crate) fn yes_or_no(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}

/// The text, or its beginning and an ellipsis if it is wider than `columns`.
pub(crate) fn cut(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let fits = |c: &char| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= left;
        left = left.saturating_sub(wide);
        fits
    };
    let mut start: String = text.chars().take_while(fits).collect();
    start.push('\u{2026}');
    start
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_long_cells_are_cut() {
        let long = "x".repeat(80);
        let rows = [vec!["温".to_owned(), "b".to_owned()], vec!["abc".to_owned(), long]];
        let text = table(&["a", "value"], &rows);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "a    value");
        assert_eq!(lines[1], "温   b");
        assert_eq!(lines[2], format!("abc  {}\u{2026}", "x".repeat(59)));
    }

    #[test]
    fn control_characters_are_escaped_in_a_table() {
        let text = table(&["v"], &[vec!["\u{1b}[31mred\nline".to_owned()]]);
        assert_eq!(text, "v\n\\u{1b}[31mred\\nline\n");
    }
}
