use crate::tell;
use crate::types::{Tell, Telling};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Two photos, each as a person's name and the photo's number from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    pub a: (String, u32),
    pub b: (String, u32),
    /// Both show the same person.
    pub mated: bool,
}

/// The pairs of a file, by fold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairSet {
    pub folds: Vec<Vec<Pair>>,
}

/// What is wrong with a pairs file; lines count from 1.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LfwError {
    #[error("the pairs file is empty")]
    Empty,
    #[error("line 1: expected `folds<tab>pairs` or `pairs`, both whole numbers from 1, found `{found}`")]
    Header { found: String },
    #[error(
        "line {line}: expected {expected}, separated by tabs, found `{found}`",
        expected = if *mated { "a name and two photo numbers" } else { "two names, each with a photo number" }
    )]
    Fields { line: usize, mated: bool, found: String },
    #[error("line {line}: `{found}` is not a photo number from 1")]
    Number { line: usize, found: String },
    #[error("line {line}: the name is empty")]
    EmptyName { line: usize },
    #[error("line {line}: the pair names one photo twice")]
    SamePhoto { line: usize },
    #[error("line {line}: a nonmated pair names the same person twice")]
    SamePerson { line: usize },
    #[error("the file ends after line {line}, but its first line promises {expected} pairs; {found} were found")]
    TooFew { line: usize, expected: usize, found: usize },
    #[error("line {line}: more pairs than the {expected} that the first line promises")]
    TooMany { line: usize, expected: usize },
}

/// Reads a pairs file. Each fold has `n` mated pairs (`name<tab>1<tab>2`), then `n` nonmated ones
/// (`name<tab>1<tab>other<tab>2`); a first line with one number stands for one fold. Empty lines are passed over.
///
/// # Errors
/// The first thing that is not as the format asks, with its line.
pub fn parse_pairs(text: &str) -> Result<PairSet, LfwError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end_matches('\r')));
    let (_, header) = lines.next().ok_or(LfwError::Empty)?;
    let (fold_count, n) = parse_header(header)?;
    // The promise is not trusted with memory: lists grow with what is there.
    let expected = fold_count
        .checked_mul(n)
        .and_then(|pairs| pairs.checked_mul(2))
        .ok_or_else(|| LfwError::Header { found: shorten(header) })?;
    let mut set = PairSet::default();
    let (mut found, mut last) = (0, 1);
    for (line, content) in lines {
        last = line;
        if content.trim().is_empty() {
            continue;
        }
        if found == expected {
            return Err(LfwError::TooMany { line, expected });
        }
        if found % (2 * n) == 0 {
            set.folds.push(Vec::new());
        }
        let mated = found % (2 * n) < n;
        if let Some(fold) = set.folds.last_mut() {
            fold.push(parse_pair(line, content, mated)?);
        }
        found += 1;
    }
    if found < expected {
        return Err(LfwError::TooFew { line: last, expected, found });
    }
    Ok(set)
}

/// Where a photo lies below `root`: `Name/Name_0001.jpg`.
pub fn photo_path(root: &Path, name: &str, n: u32) -> PathBuf {
    root.join(name).join(format!("{name}_{n:04}.jpg"))
}

fn parse_header(header: &str) -> Result<(usize, usize), LfwError> {
    let bad = || LfwError::Header { found: shorten(header) };
    let numbers: Option<Vec<usize>> = header.split_whitespace().map(|field| field.parse().ok()).collect();
    match numbers.as_deref() {
        Some([n]) if *n > 0 => Ok((1, *n)),
        Some([folds, n]) if *folds > 0 && *n > 0 => Ok((*folds, *n)),
        _ => Err(bad()),
    }
}

fn parse_pair(line: usize, content: &str, mated: bool) -> Result<Pair, LfwError> {
    let fields: Vec<&str> = content.split('\t').map(str::trim).collect();
    let photo = |name: &str, number: &str| {
        if name.is_empty() {
            return Err(LfwError::EmptyName { line });
        }
        let n = number.parse::<u32>().ok().filter(|&n| n > 0);
        Ok((name.to_owned(), n.ok_or_else(|| LfwError::Number { line, found: shorten(number) })?))
    };
    match (mated, fields.as_slice()) {
        (true, [name, a, b]) => {
            let (a, b) = (photo(name, a)?, photo(name, b)?);
            if a == b {
                return Err(LfwError::SamePhoto { line });
            }
            Ok(Pair { a, b, mated })
        }
        (false, [name_a, a, name_b, b]) => {
            let (a, b) = (photo(name_a, a)?, photo(name_b, b)?);
            if a.0 == b.0 {
                return Err(LfwError::SamePerson { line });
            }
            Ok(Pair { a, b, mated })
        }
        _ => Err(LfwError::Fields { line, mated, found: shorten(content) }),
    }
}

/// A message shows no more than 60 characters of a file that may be anything.
fn shorten(text: &str) -> String {
    text.chars().take(60).collect()
}

impl Tell for LfwError {
    fn telling(&self) -> Telling {
        match self {
            Self::Empty => tell!("eval-pairs-empty"),
            Self::Header { found } => tell!("eval-pairs-header", found = found),
            Self::Fields { line, mated: true, found } => tell!("eval-pairs-mated-fields", line = *line, found = found),
            Self::Fields { line, mated: false, found } => {
                tell!("eval-pairs-nonmated-fields", line = *line, found = found)
            }
            Self::Number { line, found } => tell!("eval-pairs-number", line = *line, found = found),
            Self::EmptyName { line } => tell!("eval-pairs-empty-name", line = *line),
            Self::SamePhoto { line } => tell!("eval-pairs-same-photo", line = *line),
            Self::SamePerson { line } => tell!("eval-pairs-same-person", line = *line),
            Self::TooFew { line, expected, found } => {
                tell!("eval-pairs-too-few", line = *line, expected = *expected, found = *found)
            }
            Self::TooMany { line, expected } => tell!("eval-pairs-too-many", line = *line, expected = *expected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TWO_FOLDS: &str = "2\t1\nAnn Lee\t1\t2\nAnn Lee\t1\tBob\t3\nCy\t1\t4\nCy\t2\tDé\t1\n";

    #[test]
    fn reads_folds_names_with_blanks_and_numbers() {
        let set = parse_pairs(TWO_FOLDS).unwrap();
        assert_eq!(set.folds.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        assert_eq!(set.folds[0][0], Pair { a: ("Ann Lee".into(), 1), b: ("Ann Lee".into(), 2), mated: true });
        assert_eq!(set.folds[1][1], Pair { a: ("Cy".into(), 2), b: ("Dé".into(), 1), mated: false });
        assert_eq!(parse_pairs(&TWO_FOLDS.replace('\n', "\r\n")).unwrap(), set);
    }

    #[test]
    fn one_number_in_the_first_line_means_one_fold() {
        let set = parse_pairs("1\nA\t1\t2\nA\t1\tB\t1").unwrap();
        assert_eq!(set.folds.len(), 1);
    }

    #[test]
    fn errors_name_the_line() {
        let error = |text: &str| parse_pairs(text).unwrap_err().to_string();
        assert_eq!(error(""), "the pairs file is empty");
        assert!(error("ten\t300\n").starts_with("line 1: expected"));
        assert!(error("0\t300\n").starts_with("line 1"));
        assert!(error("1\t2\t3\n").starts_with("line 1"));
        assert!(error("1\t1\nA\t1\t2\nA\t1\tB\tx\n").contains("line 3: `x`"));
        assert!(error("1\t1\nA\t1\t2\nA\t1\tB\n").contains("line 3: expected two names"));
        assert!(error("1\t1\nA\t1\n").contains("line 2: expected a name"));
        assert!(error("1\t1\nA\t0\t2\n").contains("line 2: `0`"));
        assert!(error("1\t1\n\t1\t2\n").contains("line 2: the name"));
        assert!(error("1\t1\nA\t2\t2\n").contains("line 2: the pair names one photo"));
        assert!(error("1\t1\nA\t1\t2\nA\t1\tA\t2\n").contains("line 3"));
        assert!(error("1\t1\nA\t1\t2\n").contains("after line 2"));
        assert!(error("1\t1\nA\t1\t2\nA\t1\tB\t1\nA\t1\t3\n").contains("line 4: more pairs"));
        assert!(error("18446744073709551615\t3\n").starts_with("line 1"));
    }

    #[test]
    fn photos_lie_under_their_name() {
        assert_eq!(photo_path(Path::new("r"), "A_B", 7), Path::new("r/A_B/A_B_0007.jpg"));
    }

    #[test]
    fn the_shared_file_is_read() {
        let Some(assets) = std::env::var_os("LIKENESS_ASSETS") else {
            println!("skipped: LIKENESS_ASSETS is not set");
            return;
        };
        let root = PathBuf::from(assets).join("data/lfw");
        let set = parse_pairs(&std::fs::read_to_string(root.join("pairs.txt")).unwrap()).unwrap();
        assert_eq!(set.folds.iter().map(Vec::len).collect::<Vec<_>>(), [600; 5]);
        for pair in set.folds.iter().flatten() {
            for (name, n) in [&pair.a, &pair.b] {
                let path = photo_path(&root.join("images"), name, *n);
                assert!(path.is_file(), "{}", path.display());
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9a-zA-Z\t\n\r é]{0,200}") {
            let _ = parse_pairs(&text);
            let _ = parse_pairs(&format!("2\t2\n{text}"));
        }
    }
}
