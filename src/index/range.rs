//! Everything above a threshold, from indexes that answer with the k nearest.

use super::IndexError;
use super::face_index::{FaceIndex, SearchOptions};
use super::hit::Hit;
use crate::types::Embedding;

/// For each probe the faces that score its threshold or more, best first, at most `limit`; of an approximate index those
/// that it reaches. Asks for more and more until the threshold is reached, each time only for the probes that are not
/// there yet.
///
/// # Errors
/// As [`FaceIndex::search_with`].
pub fn search_range(
    index: &dyn FaceIndex,
    probes: &[(&Embedding, f32)],
    limit: usize,
    options: SearchOptions<'_>,
) -> Result<Vec<Vec<Hit>>, IndexError> {
    const FIRST: usize = 256;
    const GROWTH: usize = 8;
    let mut found: Vec<Vec<Hit>> = vec![Vec::new(); probes.len()];
    let mut open: Vec<usize> = (0..probes.len()).collect();
    let mut k = FIRST.min(limit);
    while !open.is_empty() {
        let embeddings: Vec<Embedding> = open.iter().map(|at| probes[*at].0.clone()).collect();
        let exclude: Vec<_> = match options.exclude.is_empty() {
            true => Vec::new(),
            false => open.iter().map(|at| options.excluded(*at).to_vec()).collect(),
        };
        let lists = index.search_with(&embeddings, k, SearchOptions { exclude: &exclude, ..options })?;
        let mut still_open = Vec::new();
        for (at, mut hits) in open.into_iter().zip(lists) {
            let asked_for_all = hits.len() < k;
            hits.retain(|hit| hit.score >= probes[at].1);
            if !asked_for_all && hits.len() == k && k < limit {
                still_open.push(at);
            }
            found[at] = hits;
        }
        open = still_open;
        k = k.saturating_mul(GROWTH).min(limit);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{FaceFilter, ReferenceIndex};
    use crate::types::FaceId;

    /// 3,000 faces on a quarter circle: face n scores the cosine of n/3000 of a right angle against face 0.
    fn circle() -> (ReferenceIndex, impl Fn(usize) -> Embedding) {
        let at = |n: usize| {
            let angle = n as f32 / 3000.0 * std::f32::consts::FRAC_PI_2;
            Embedding::try_from_raw(vec![angle.cos(), angle.sin()]).unwrap()
        };
        let index = ReferenceIndex::new(2).unwrap();
        let ids: Vec<FaceId> = (0..3000).map(FaceId).collect();
        index.add(&ids, &(0..3000).map(at).collect::<Vec<_>>()).unwrap();
        (index, at)
    }

    #[test]
    fn a_range_holds_every_face_above_the_threshold_whatever_the_others_ask_for() {
        let (index, at) = circle();
        let probes = [at(0), at(0), at(2999), at(1500)];
        let queries: Vec<_> = probes.iter().zip([0.5, 0.9999, -1.0, 2.0]).collect();
        let found = search_range(&index, &queries, 10_000, SearchOptions::default()).unwrap();
        // Two thirds of the quarter circle are within 60 degrees.
        assert!((1999..=2001).contains(&found[0].len()), "{}", found[0].len());
        assert!((20..=30).contains(&found[1].len()), "{}", found[1].len());
        assert_eq!((found[2].len(), found[3].len()), (3000, 0));
    }

    #[test]
    fn a_range_ends_at_its_limit_and_keeps_to_the_filter() {
        let (index, at) = circle();
        let probe = at(0);
        let faces = |limit, options| -> Vec<i64> {
            let found = search_range(&index, &[(&probe, -1.0)], limit, options).unwrap();
            found[0].iter().map(|hit| hit.face.0).collect()
        };
        assert_eq!(faces(700, SearchOptions::default()), (0..700).collect::<Vec<_>>());
        let filter = FaceFilter::new((2400..3000).map(FaceId).collect());
        let options = SearchOptions { filter: Some(&filter), ..SearchOptions::default() };
        assert_eq!(faces(10_000, options), (2400..3000).collect::<Vec<_>>());
        assert!(search_range(&index, &[], 10, SearchOptions::default()).unwrap().is_empty());
        // Each probe keeps what it leaves out, also where only some are asked further.
        let exclude = [vec![FaceId(0)], (0..2500).map(FaceId).collect::<Vec<_>>()];
        let options = SearchOptions { exclude: &exclude, ..SearchOptions::default() };
        let found = search_range(&index, &[(&probe, 0.9999), (&probe, -1.0)], 10_000, options).unwrap();
        assert!(found[0].first().is_some_and(|hit| hit.face == FaceId(1)));
        assert_eq!(found[1].iter().map(|hit| hit.face.0).collect::<Vec<_>>(), (2500..3000).collect::<Vec<_>>());
    }
}
