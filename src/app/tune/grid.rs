//! What a person writes to say what is to be measured.

use super::knob::Knob;
use crate::tell;
use crate::types::{IndexSpec, SweepRequest};
use crate::types::{Tell, Telling};

/// Values of one parameter in a sweep, at most.
const MAX_VALUES: usize = 64;

/// Whole numbers of 1 or more with commas or spaces between, rising, each once. Empty text gives no number.
///
/// # Errors
/// What is no such number, in words.
pub fn numbers_from_text(text: &str) -> Result<Vec<u32>, Telling> {
    let mut numbers = Vec::new();
    for part in text.split([',', ';', ' ', '\t']).filter(|part| !part.is_empty()) {
        match part.parse::<u32>() {
            Ok(number) if number > 0 => numbers.push(number),
            _ => return Err(tell!("tune-no-whole-number", part = part)),
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.len() > MAX_VALUES {
        return Err(tell!("tune-too-many-values", max = MAX_VALUES, n = numbers.len()));
    }
    Ok(numbers)
}

/// A spec that fits embeddings of length `d`.
///
/// # Errors
/// Why it cannot be built, in words.
pub fn spec_from_text(text: &str, d: usize) -> Result<IndexSpec, Telling> {
    let spec: IndexSpec = text.trim().parse().map_err(|error: crate::types::SpecError| error.telling())?;
    spec.validate(d).map_err(|error| error.telling())?;
    Ok(spec)
}

/// Whether every word of `filter` stands in `text`; case does not count.
pub fn matches_filter(filter: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    filter.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// Points that a sweep measures: of every spec the product of the lists of those parameters that it has. An empty
/// list leaves the parameter as it is.
pub fn count_points(request: &SweepRequest) -> usize {
    let values = |knob| match knob {
        Knob::NProbe => request.nprobe.len(),
        Knob::EfSearch => request.ef_search.len(),
        Knob::RefineFactor => request.refine_factor.len(),
        Knob::LshCandidates => request.lsh_candidates.len(),
        Knob::LshRadius => 1,
        Knob::Templates => request.templates.len(),
    };
    let of_spec = |spec: &IndexSpec| -> usize {
        Knob::ALL.into_iter().filter(|knob| knob.missing_from(spec).is_none()).map(|knob| values(knob).max(1)).product()
    };
    request.specs.iter().map(of_spec).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::ProbeSet;

    #[test]
    fn numbers_are_read_sorted_and_checked() {
        assert_eq!(numbers_from_text("64, 8;16 8"), Ok(vec![8, 16, 64]));
        assert_eq!(numbers_from_text(" "), Ok(Vec::new()));
        assert!(numbers_from_text("8, x").unwrap_err().plain().contains("part x"));
        assert!(numbers_from_text("0").is_err());
        assert!(numbers_from_text("-4").is_err());
        assert!(numbers_from_text("99999999999").is_err());
        let many: Vec<String> = (1..=65).map(|n: u32| n.to_string()).collect();
        assert!(numbers_from_text(&many.join(",")).unwrap_err().plain().contains("64"));
    }

    #[test]
    fn specs_are_checked_against_the_embedding() {
        assert!(spec_from_text(" IVF1024,PQ64 ", 512).is_ok());
        assert!(spec_from_text("IVF1024,PQ48", 128).unwrap_err().plain().contains("divide"));
        assert!(spec_from_text("IVF1024,Flot", 128).unwrap_err().plain().contains("Flot"));
    }

    #[test]
    fn filters_want_every_word() {
        assert!(matches_filter("ivf 64", "IVF2048,PQ32 nprobe 64"));
        assert!(!matches_filter("hnsw 64", "IVF2048,PQ32 nprobe 64"));
        assert!(matches_filter("", "anything"));
    }

    #[test]
    fn points_are_counted_by_what_each_spec_has() {
        let specs = ["Flat", "IVF256,Flat", "IVF256,PQ16,Refine(f16)", "HNSW32,Flat"];
        let request = SweepRequest {
            specs: specs.iter().map(|text| text.parse().unwrap()).collect(),
            nprobe: vec![1, 2, 4],
            ef_search: Vec::new(),
            refine_factor: vec![1, 4],
            lsh_candidates: vec![10, 20],
            templates: vec![5],
            probes: ProbeSet::PastSearches,
            k: 10,
            batch: 1,
            threads: 1,
            circumstances: crate::types::Circumstances::default(),
        };
        assert_eq!(count_points(&request), 1 + 3 + 6 + 1);
    }
}
