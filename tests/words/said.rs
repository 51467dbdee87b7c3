//! What a source says: calls of `say!` and `tell!`, phrases of errors, and sentences that stand in it.

use std::collections::BTreeSet;

use super::source::{code_only, strings, without_tests};

/// `say!("key", name = value)`, or the same with `tell!`.
pub struct Call {
    pub key: String,
    pub arguments: BTreeSet<String>,
}

pub fn calls(text: &str) -> Vec<Call> {
    let code = without_tests(&code_only(text));
    let strings = strings(text);
    let mut found = Vec::new();
    for open in
        ["say!(", "tell!(", "say_with("].iter().flat_map(|call| code.match_indices(call).map(|(at, _)| at + call.len()))
    {
        let Some((quote, key)) = strings.iter().find(|(quote, _)| *quote >= open) else { continue };
        // Where the key is no literal, another one is not meant.
        if !code[open..*quote].trim().is_empty() {
            continue;
        }
        found.push(Call { key: (*key).to_owned(), arguments: named(&code[open..]) });
    }
    found
}

/// The names before a single `=` within a call's own brackets.
fn named(code: &str) -> BTreeSet<String> {
    let bytes = code.as_bytes();
    let mut depth = 0i32;
    let mut names = BTreeSet::new();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' if depth == 0 => break,
            b')' | b']' | b'}' => depth -= 1,
            b',' if depth == 0 => from = at + 1,
            b'=' if depth == 0 && !from_is_taken(from) => {
                let name = code[from..at].trim();
                if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                    names.insert(name.to_owned());
                }
                from = usize::MAX;
            }
            _ => {}
        }
    }
    names
}

/// A part has one name; what comes after its `=` is the value.
fn from_is_taken(from: usize) -> bool {
    from == usize::MAX
}

/// Strings that errors hand on as a part of a sentence; see `Telling::phrase`.
pub fn phrases(text: &str) -> Vec<String> {
    let code = code_only(text);
    let tests_begin = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    let before = ["io(", "action:", "subject:", "purpose:", "what:", "ensure_room(", "Combination(", "phrase("];
    strings(text)
        .into_iter()
        .filter(|(at, _)| *at < tests_begin && before.iter().any(|before| code[..*at].trim_end().ends_with(before)))
        .map(|(_, string)| string.to_owned())
        .collect()
}

/// Strings that a person would read as English, with those that only the log, the programmer or a file reads left out.
pub fn sentences(text: &str) -> Vec<String> {
    let code = without_tests(&code_only(text));
    let tests_begin = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    strings(text)
        .into_iter()
        .filter(|(at, string)| *at < tests_begin && is_sentence(string) && !is_for_others(&code[..*at]))
        .map(|(_, string)| string.to_owned())
        .collect()
}

/// Two words in a row, or one that begins like a sentence.
fn is_sentence(string: &str) -> bool {
    let is_word = |word: &str| word.len() > 1 && word.chars().all(|c| c.is_ascii_alphabetic());
    let words: Vec<&str> = string.split_whitespace().collect();
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    let in_a_row = words.windows(2).any(|pair| is_word(&bare(pair[0])) && is_word(&bare(pair[1])));
    let is_no_unit = string.contains(|c: char| c.is_ascii_lowercase());
    let begins = words.len() == 1 && is_word(&bare(words[0])) && string.starts_with(|c: char| c.is_ascii_uppercase());
    let begins = begins && is_no_unit;
    in_a_row || begins
}

/// What clap and schemars take: the English help of the command line, which other languages say in `assets/help`.
const HELP: [&str; 4] = ["value_name =", "next_help_heading =", "after_help =", "#[schemars(title ="];

/// The call in whose brackets the string stands is one of these, or it is help.
fn is_for_others(before: &str) -> bool {
    if HELP.iter().any(|help| before.trim_end().ends_with(help)) {
        return true;
    }
    let mut depth = 0;
    for (at, byte) in before.bytes().enumerate().rev() {
        match byte {
            b')' | b']' | b'}' => depth += 1,
            b'(' | b'[' | b'{' if depth > 0 => depth -= 1,
            b'(' | b'[' => {
                let name = before[..at].trim_end();
                let ends = [
                    "log::debug!",
                    "log::info!",
                    "log::warn!",
                    "log::error!",
                    "log::trace!",
                    "#",
                    "Id::new",
                    "Id::unique",
                    "Grid::new",
                    "Panel::left",
                    "Panel::top",
                    "request_discard",
                    ".with",
                    ".id_salt",
                    "concat!",
                    "include_str!",
                    "include_bytes!",
                    "say!",
                    // What is looked for in a text, and not said.
                    ".split_once",
                    ".trim_start_matches",
                    ".replace",
                ];
                return ends.iter().any(|end| name.ends_with(end));
            }
            b'{' | b';' => return false,
            _ => {}
        }
    }
    false
}

#[test]
fn calls_and_sentences_are_seen() {
    let found = calls("fn f() { say!(\"a-b\", n = g(x == 1, y), name = &z); /* say!(\"c\") */ let s = \"say!(\"; }");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].key.as_str(), found[0].arguments.len()), ("a-b", 2));
    let source = "#[doc = \"not this one\"]\nfn f() { log::info!(\"not this one\"); label(\"Two words\"); label(\"Close\"); \
                  label(\"mm:ss\"); x(\"likeness\"); say!(\"not this one\"); }\n#[cfg(test)]\nmod tests { \"Nor this\" }";
    assert_eq!(sentences(source), ["Two words", "Close"]);
}
