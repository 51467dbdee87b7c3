/// A number with what is counted, right for one and many: "1 face", "2 searches", "0 people". `noun` in the singular, of
/// which the last word changes.
pub fn count(n: impl Into<u64>, noun: &str) -> String {
    let n = n.into();
    if n == 1 { format!("1 {noun}") } else { format!("{n} {}", plural(noun)) }
}

/// "faces", "searches", "people".
pub fn plural(noun: &str) -> String {
    if let Some(before) = noun.strip_suffix("person") {
        return format!("{before}people");
    }
    if let Some(stem) = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        return format!("{stem}ies");
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| noun.ends_with(end));
    format!("{noun}{}", if hisses { "es" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many_are_told_apart() {
        let told = |noun| [0u64, 1, 2].map(|n| count(n, noun));
        assert_eq!(told("face"), ["0 faces", "1 face", "2 faces"]);
        assert_eq!(told("search"), ["0 searches", "1 search", "2 searches"]);
        assert_eq!(told("person"), ["0 people", "1 person", "2 people"]);
        assert_eq!(told("entry"), ["0 entries", "1 entry", "2 entries"]);
        assert_eq!(told("day"), ["0 days", "1 day", "2 days"]);
        assert_eq!(told("box"), ["0 boxes", "1 box", "2 boxes"]);
        assert_eq!(told("made-up vector"), ["0 made-up vectors", "1 made-up vector", "2 made-up vectors"]);
    }
}
