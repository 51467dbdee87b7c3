//! Closed-set identification by leaving one out: every photo of a person with two or more photos is searched among all
//! the others, and the best candidate should be that person.

/// A probe and what the search brought back for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe<S> {
    pub subject: S,
    /// Subjects of the candidates, best first; the probe itself already left out.
    pub candidates: Vec<S>,
}

/// How far down the list the first right candidate stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankReport {
    /// Probes counted.
    pub probes: usize,
    /// Share of probes whose best candidate is the right subject, 0…1.
    pub rank1: f64,
    /// Share with the right subject among the first five.
    pub rank5: f64,
    /// Share with the right subject among the first ten.
    pub rank10: f64,
    /// Probes whose subject is not among the candidates at all.
    pub missed: usize,
}

/// 1 for the best candidate; `None` when the subject is not among the candidates.
pub fn rank_of_mate<S: PartialEq>(probe: &Probe<S>) -> Option<usize> {
    probe.candidates.iter().position(|subject| *subject == probe.subject).map(|at| at + 1)
}

/// The share of probes whose right subject stands within the first `n`; 0 without probes.
pub fn share_within_rank<S: PartialEq>(probes: &[Probe<S>], n: usize) -> f64 {
    if probes.is_empty() {
        return 0.0;
    }
    let within = probes.iter().filter(|probe| rank_of_mate(probe).is_some_and(|rank| rank <= n)).count();
    within as f64 / probes.len() as f64
}

/// Summary over probes that each have a mate in the gallery (the caller leaves out people with one photo).
pub fn rank_report<S: PartialEq>(probes: &[Probe<S>]) -> RankReport {
    RankReport {
        probes: probes.len(),
        rank1: share_within_rank(probes, 1),
        rank5: share_within_rank(probes, 5),
        rank10: share_within_rank(probes, 10),
        missed: probes.iter().filter(|probe| rank_of_mate(probe).is_none()).count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counted_by_hand() {
        let probe = |subject, candidates: &[&'static str]| Probe { subject, candidates: candidates.to_vec() };
        let probes = [
            probe("a", &["a", "b"]),
            probe("b", &["a", "b"]),
            probe("c", &["a", "b"]),
            probe("d", &[]),
            probe("a", &["a"]),
        ];
        let report = rank_report(&probes);
        assert_eq!(report, RankReport { probes: 5, rank1: 0.4, rank5: 0.6, rank10: 0.6, missed: 2 });
        assert_eq!(rank_of_mate(&probes[1]), Some(2));
        assert_eq!(rank_report::<&str>(&[]).rank1, 0.0);
    }
}
