/// What a model's name may be, where this one is not it.
pub fn model_name_problem(name: &str) -> Option<&'static str> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    match name.chars().next() {
        None => Some("A name is needed."),
        Some(first) if !(first.is_ascii_lowercase() || first.is_ascii_digit()) => {
            Some("It begins with a small letter or a digit.")
        }
        _ if name.len() > 64 => Some("It has at most 64 characters."),
        _ if !name.chars().all(allowed) => Some("Small letters, digits, and - _ . only, without spaces."),
        _ => None,
    }
}

/// The first digits of a digest, enough to tell two apart.
pub fn short_digest(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_as_the_manifest_does() {
        for good in ["a", "edgeface-xs", "0net_1.0"] {
            assert_eq!(model_name_problem(good), None, "{good}");
        }
        for bad in ["", "-a", ".a", "A", "a b", "a/b", "aä", &"a".repeat(65)] {
            assert!(model_name_problem(bad).is_some(), "{bad}");
        }
    }
}
