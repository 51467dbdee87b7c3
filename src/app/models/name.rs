use crate::tell;
use crate::types::Telling;

/// What a model's name may be, where this one is not it.
pub fn model_name_problem(name: &str) -> Option<Telling> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
    match name.chars().next() {
        None => Some(tell!("models-name-needed")),
        Some(first) if !(first.is_ascii_lowercase() || first.is_ascii_digit()) => Some(tell!("models-name-begins")),
        _ if name.len() > 64 => Some(tell!("models-name-long")),
        _ if !name.chars().all(allowed) => Some(tell!("models-name-letters")),
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
