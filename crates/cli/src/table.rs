//! Rows as aligned columns for people.

use crate::output::safe;

/// The widest a cell may be, in columns of the terminal.
const WIDEST: usize = 60;

/// A table with a header; each cell is made safe and cut.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let header: Vec<String> = header.iter().map(|cell| (*cell).to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(&header)
        .chain(rows)
        .map(|row| row.iter().map(|cell| cut(&safe(cell), WIDEST)).collect())
        .collect();
    let mut widths = vec![0; header.len()];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(text_width(cell));
        }
    }
    let mut out = String::new();
    for line in &lines {
        let padded: Vec<String> = line
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - text_width(cell))))
            .collect();
        out.push_str(padded.join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// The text if it fits, else its beginning and an ellipsis.
pub(crate) fn cut(text: &str, widest: usize) -> String {
    if text_width(text) <= widest {
        return text.to_owned();
    }
    let mut left = widest.saturating_sub(1);
    let fits = |c: &char| {
        let wide = width(*c);
        let fits = wide <= left;
        left = left.saturating_sub(wide);
        fits
    };
    let mut start: String = text.chars().take_while(fits).collect();
    start.push('\u{2026}');
    start
}

fn text_width(text: &str) -> usize {
    text.chars().map(width).sum()
}

/// How many columns a character takes: none for combining marks, two for East Asian and emoji.
fn width(c: char) -> usize {
    match u32::from(c) {
        0x300..=0x36F | 0x1AB0..=0x1AFF | 0x20D0..=0x20FF | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_long_cells_cut() {
        let long = "x".repeat(80);
        let rows = [vec!["温".to_owned(), "b".to_owned()], vec!["abc".to_owned(), long]];
        let text = table(&["a", "value"], &rows);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "a    value");
        assert_eq!(lines[1], "温   b");
        assert_eq!(lines[2], format!("abc  {}\u{2026}", "x".repeat(59)));
    }

    #[test]
    fn an_escape_is_not_cut_into_a_command() {
        let text = table(&["v"], &[vec!["\u{1b}[31mred\nline".to_owned()]]);
        assert_eq!(text, "v\n\\u{1b}[31mred\\nline\n");
    }
}
