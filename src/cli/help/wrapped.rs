//! Lines of a text that has no spaces between its words: clap breaks at spaces alone.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of the terminal that text may fill.
#[derive(Clone, Copy)]
pub(super) struct Columns(pub(super) usize);

impl Columns {
    /// Those of the terminal, 100 at most as in clap's own help.
    pub(super) fn of_terminal() -> Self {
        let told = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        let told = told.or_else(|| std::env::var("COLUMNS").ok()?.parse().ok());
        Self(told.unwrap_or(100).min(100))
    }
}

/// Marks that do not begin a line.
const CLOSING: &str = "，。；：、！？）》」”’…,.;:!?)]}%";
/// Marks that do not end one.
const OPENING: &str = "（《「“‘([{";

/// The text with its lines broken so that none is wider than `columns`, where it can be broken there: at spaces, and
/// between characters of which one is a wide one.
pub(super) fn wrapped(text: &str, columns: usize) -> String {
    let lines: Vec<String> = text.lines().map(|line| wrapped_line(line, columns)).collect();
    lines.join("\n")
}

fn wrapped_line(line: &str, columns: usize) -> String {
    // A line that begins with spaces is laid out by hand.
    if line.starts_with(' ') {
        return line.to_owned();
    }
    let mut done = String::new();
    let mut width = 0;
    for piece in pieces(line) {
        let bare = piece.trim_end().width();
        if width > 0 && width + bare > columns {
            done.truncate(done.trim_end().len());
            done.push('\n');
            width = 0;
        }
        done.push_str(piece);
        width += piece.width();
    }
    done
}

/// Parts between which a line may be broken; a space ends the part before it.
fn pieces(line: &str) -> Vec<&str> {
    let is_wide = |c: char| c.width().unwrap_or(0) > 1;
    let mut parts = Vec::new();
    let mut from = 0;
    let mut before = None;
    for (at, c) in line.char_indices() {
        let may_break = before.is_some_and(|before| {
            let spaced = before == ' ' && c != ' ';
            let meets = c != ' ' && (is_wide(c) || is_wide(before));
            spaced || (meets && !CLOSING.contains(c) && !OPENING.contains(before))
        });
        if may_break {
            parts.push(&line[from..at]);
            from = at;
        }
        before = Some(c);
    }
    parts.push(&line[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_characters_and_not_before_a_mark() {
        assert_eq!(wrapped("人脸检索，照片", 8), "人脸检\n索，照片");
        assert_eq!(wrapped("（人脸）照片", 6), "（人\n脸）照\n片");
        assert_eq!(wrapped("用 --data-dir 指定", 12), "用\n--data-dir\n指定");
        assert_eq!(wrapped("one two three", 7), "one two\nthree");
        assert_eq!(wrapped("一二\n\n三四", 80), "一二\n\n三四");
        assert_eq!(wrapped("averylongword", 4), "averylongword");
        assert_eq!(wrapped("", 4), "");
        assert_eq!(wrapped("  laid out by hand", 4), "  laid out by hand");
        for columns in 2..40 {
            let text = wrapped("在已入库的人脸中检索照片上的人脸：筛选条件须全部满足。", columns);
            // A mark may stick out, because it does not begin a line.
            assert!(text.lines().all(|line| line.width() <= columns.max(4)), "{columns}: {text}");
            assert_eq!(text.replace('\n', ""), "在已入库的人脸中检索照片上的人脸：筛选条件须全部满足。");
        }
    }
}
