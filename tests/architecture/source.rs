//! Just enough of Rust's grammar to see which modules and crates a source names.

/// The text with comments, strings and characters blanked; every line keeps its number.
pub fn code_only(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => find(bytes, at, b"\n"),
            b'/' if bytes.get(at + 1) == Some(&b'*') => block_comment_end(bytes, at),
            b'"' => string_end(bytes, at),
            b'r' if !follows_word(bytes, at) => match raw_string_end(bytes, at) {
                Some(end) => end,
                None => at,
            },
            b'\'' => char_end(bytes, at),
            _ => at,
        };
        for byte in &mut out[at..end] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = end.max(at + 1);
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Every string with the byte at which its quotation mark stands, as it is written between the marks.
#[allow(dead_code)] // the rules of the architecture do without; those of the words do not
pub fn strings(text: &str) -> Vec<(usize, &str)> {
    let (code, bytes) = (code_only(text), text.as_bytes());
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let is_blank = code.as_bytes().get(at) == Some(&b' ');
        at = match bytes[at] {
            b'/' if is_blank && bytes.get(at + 1) == Some(&b'/') => find(bytes, at, b"\n"),
            b'/' if is_blank && bytes.get(at + 1) == Some(&b'*') => block_comment_end(bytes, at),
            b'\'' if is_blank => char_end(bytes, at).max(at + 1),
            b'"' => {
                let end = string_end(bytes, at);
                found.push((at, &text[at + 1..(end - 1).max(at + 1)]));
                end
            }
            _ => at + 1,
        };
    }
    found
}

fn find(bytes: &[u8], from: usize, what: &[u8]) -> usize {
    bytes[from..].windows(what.len()).position(|window| window == what).map_or(bytes.len(), |found| from + found)
}

fn block_comment_end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0;
    let mut at = start;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// `r"…"`, `r#"…"#`: `None` where the `r` begins something else.
fn raw_string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let hashes = bytes[start + 1..].iter().take_while(|byte| **byte == b'#').count();
    let open = start + 1 + hashes;
    if bytes.get(open) != Some(&b'"') {
        return None;
    }
    let close: Vec<u8> = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    Some((find(bytes, open + 1, &close) + close.len()).min(bytes.len()))
}

/// The end of `'x'` or `'\n'`; a lifetime ends where it begins.
fn char_end(bytes: &[u8], start: usize) -> usize {
    match bytes.get(start + 1) {
        Some(b'\\') => find(bytes, start + 3, b"'") + 1,
        Some(_) => {
            let width = std::str::from_utf8(&bytes[start + 1..(start + 5).min(bytes.len())])
                .map_or_else(|error| error.valid_up_to(), str::len);
            let first = String::from_utf8_lossy(&bytes[start + 1..start + 1 + width]);
            let end = start + 1 + first.chars().next().map_or(1, char::len_utf8);
            if bytes.get(end) == Some(&b'\'') { end + 1 } else { start }
        }
        None => start,
    }
}

fn follows_word(bytes: &[u8], at: usize) -> bool {
    at > 0
        && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_')
        && !(bytes[at - 1] == b'b' && (at < 2 || !bytes[at - 2].is_ascii_alphanumeric()))
}

/// Blanks what stands under `#[cfg(test)]`. Takes the result of [`code_only`].
pub fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = code.to_owned();
    while let Some(start) = out.find(MARK) {
        let bytes = out.as_bytes();
        let body =
            (start + MARK.len()..bytes.len()).find(|at| matches!(bytes[*at], b'{' | b';')).unwrap_or(bytes.len());
        let mut depth = 0;
        let mut end = (body + 1).min(bytes.len());
        if bytes.get(body) == Some(&b'{') {
            for (at, byte) in bytes.iter().enumerate().skip(body) {
                match byte {
                    b'{' => depth += 1,
                    b'}' => depth -= 1,
                    _ => {}
                }
                if depth == 0 {
                    end = at + 1;
                    break;
                }
            }
        }
        let blank: String = out[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        out.replace_range(start..end, &blank);
    }
    out
}

/// A path such as `crate::store::Gallery`, and the line (from 1) where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPath {
    pub line: usize,
    pub segments: Vec<String>,
}

/// Every path of two or more segments, and every `use` spelled out. Takes the result of [`code_only`].
pub fn paths(code: &str) -> Vec<NamedPath> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (line, token) = tokens[at];
        if token == "use" {
            at = use_tree(&tokens, at + 1, &[], &mut found);
        } else if is_word(token) && tokens.get(at + 1).is_some_and(|(_, next)| *next == "::") {
            let mut segments = vec![token.to_owned()];
            while at + 2 < tokens.len() && tokens[at + 1].1 == "::" && is_word(tokens[at + 2].1) {
                segments.push(tokens[at + 2].1.to_owned());
                at += 2;
            }
            found.push(NamedPath { line, segments });
            at += 1;
        } else {
            at += 1;
        }
    }
    found
}

/// Reads one tree of a `use`, from `at` on; returns where it ends.
fn use_tree(tokens: &[(usize, &str)], mut at: usize, prefix: &[String], found: &mut Vec<NamedPath>) -> usize {
    let mut segments = prefix.to_vec();
    let line = tokens.get(at).map_or(0, |(line, _)| *line);
    while let Some((_, token)) = tokens.get(at) {
        match *token {
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|(_, token)| *token != "}") {
                    at = use_tree(tokens, at, &segments, found);
                    at += usize::from(tokens.get(at).is_some_and(|(_, token)| *token == ","));
                }
                return at + 1;
            }
            "as" => {
                at += 2;
                continue;
            }
            "," | "}" | ";" => break,
            word if is_word(word) => segments.push(word.to_owned()),
            _ => {}
        }
        at += 1;
    }
    if segments.len() > prefix.len() {
        found.push(NamedPath { line, segments });
    }
    at
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

/// Words, `::` and single other signs, each with its line.
pub fn tokens(code: &str) -> Vec<(usize, &str)> {
    let bytes = code.as_bytes();
    let mut line = 1;
    let mut at = 0;
    let mut out = Vec::new();
    while at < bytes.len() {
        let start = at;
        at += 1;
        match bytes[start] {
            b'\n' => line += 1,
            byte if byte.is_ascii_whitespace() || !byte.is_ascii() => {}
            byte if byte.is_ascii_alphanumeric() || byte == b'_' => {
                while at < bytes.len() && (bytes[at].is_ascii_alphanumeric() || bytes[at] == b'_') {
                    at += 1;
                }
                out.push((line, &code[start..at]));
            }
            b':' if bytes.get(at) == Some(&b':') => {
                at += 1;
                out.push((line, &code[start..at]));
            }
            _ => out.push((line, &code[start..at])),
        }
    }
    out
}
