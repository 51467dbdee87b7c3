//! Intervals of shares over searches. Searches for one person are alike, so people are drawn anew and not searches: many
//! photos of few people say no more than there are people.

use std::collections::HashMap;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::estimate::share_estimate;
use super::interval::wilson_interval;
use crate::types::Estimate;

/// Times that people are drawn.
pub const REPLICATES: usize = 1000;
const SEED: u64 = 20_130_213;

/// What a search brought, and who was searched for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PersonScore {
    pub person: u64,
    /// `None`, like NaN, for a search that brought nobody who counts.
    pub score: Option<f32>,
}

/// The share of searches that score a threshold or more, at each of some thresholds, with 95 % intervals.
///
/// An interval is the percentile interval over [`REPLICATES`] draws of as many people with replacement, in which each
/// person's searches count as often as the person was drawn; but never narrower than Wilson's over the searches. Where all
/// searches agree, or there is one person, drawing tells nothing, and it is Wilson's over the people. Without searches it is
/// 0…1.
pub fn shares_at_or_above(searches: &[PersonScore], thresholds: &[f32]) -> Vec<Estimate> {
    let mut numbers = HashMap::new();
    let mut rising: Vec<(f32, usize)> = Vec::with_capacity(searches.len());
    for search in searches {
        let next = numbers.len();
        let person = *numbers.entry(search.person).or_insert(next);
        rising.push((search.score.filter(|score| !score.is_nan()).unwrap_or(f32::NEG_INFINITY), person));
    }
    rising.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut order: Vec<usize> = (0..thresholds.len()).collect();
    order.sort_by(|&a, &b| thresholds[a].total_cmp(&thresholds[b]));
    let starts: Vec<usize> =
        order.iter().map(|&at| rising.partition_point(|(score, _)| *score < thresholds[at])).collect();
    let (n, people) = (rising.len(), numbers.len());
    let mut drawn = vec![Vec::with_capacity(REPLICATES); thresholds.len()];
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    let mut weights = vec![0u32; people];
    for _ in 0..if people > 1 { REPLICATES } else { 0 } {
        weights.fill(0);
        (0..people).for_each(|_| weights[rng.random_range(0..people)] += 1);
        let total: u64 = rising.iter().map(|(_, person)| u64::from(weights[*person])).sum();
        let (mut below, mut at) = (0, 0);
        for (place, &start) in starts.iter().enumerate() {
            below += rising[at..start].iter().map(|(_, person)| u64::from(weights[*person])).sum::<u64>();
            at = start;
            drawn[place].push(1.0 - below as f64 / total as f64);
        }
    }
    let mut estimates = vec![share_estimate(0, 0); thresholds.len()];
    for ((place, start), drawn) in order.into_iter().zip(starts).zip(drawn) {
        estimates[place] = interval(n - start, n, people, drawn);
    }
    estimates
}

/// The share of searches of which something is so, by who was searched for; see [`shares_at_or_above`].
pub fn share_over_people(searches: impl IntoIterator<Item = (u64, bool)>) -> Estimate {
    let score = |is_so| if is_so { Some(1.0) } else { None };
    let searches = searches.into_iter().map(|(person, is_so)| PersonScore { person, score: score(is_so) });
    shares_at_or_above(&searches.collect::<Vec<_>>(), &[1.0]).pop().unwrap_or_else(|| share_estimate(0, 0))
}

fn interval(hits: usize, n: usize, people: usize, mut drawn: Vec<f64>) -> Estimate {
    let over_searches = share_estimate(hits, n);
    if n == 0 {
        return over_searches;
    }
    let mean = over_searches.mean;
    if hits == 0 || hits == n || drawn.is_empty() {
        let whole = (mean * people as f64).round() as usize;
        let [low, high] = wilson_interval(whole.min(people), people);
        return Estimate { mean, low: low.min(mean), high: high.max(mean) };
    }
    drawn.sort_by(f64::total_cmp);
    let at = |share: f64| drawn[((drawn.len() - 1) as f64 * share).round() as usize];
    Estimate { mean, low: at(0.025).min(over_searches.low), high: at(0.975).max(over_searches.high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(person: u64, score: f32) -> PersonScore {
        PersonScore { person, score: Some(score) }
    }

    #[test]
    fn shares_counted_by_hand() {
        let nobody = PersonScore { person: 9, score: None };
        let not_a_number = PersonScore { person: 8, score: Some(f32::NAN) };
        let searches = [search(1, 0.9), search(2, 0.5), nobody, not_a_number];
        let means = |thresholds: &[f32]| {
            shares_at_or_above(&searches, thresholds).iter().map(|share| share.mean).collect::<Vec<_>>()
        };
        assert_eq!(means(&[0.95, 0.9, 0.5, -1.0]), [0.0, 0.25, 0.5, 0.5], "in the order they were given");
        let nothing = shares_at_or_above(&[], &[0.5]);
        assert_eq!((nothing[0].low, nothing[0].high), (0.0, 1.0));
        assert_eq!(share_over_people([(1, true), (2, false)]).mean, 0.5);
    }

    #[test]
    fn many_photos_of_few_people_leave_a_wide_interval() {
        // 20 people with 50 searches each, of which all or none succeed: 20 observations and not 1,000.
        let alike: Vec<_> = (0..1000).map(|i| search(i / 50, if (i / 50) % 2 == 0 { 0.9 } else { 0.1 })).collect();
        let of_people = shares_at_or_above(&alike, &[0.5])[0];
        assert_eq!(of_people.mean, 0.5);
        assert!(of_people.low < 0.35 && of_people.high > 0.65, "{of_people:?}");
        let apart: Vec<_> = alike.iter().enumerate().map(|(i, s)| PersonScore { person: i as u64, ..*s }).collect();
        let of_searches = shares_at_or_above(&apart, &[0.5])[0];
        assert!(of_searches.low > 0.46 && of_searches.high < 0.54, "{of_searches:?}");
    }

    #[test]
    fn no_error_among_few_people_is_no_certainty() {
        let all_right: Vec<_> = (0..1000).map(|i| search(i % 5, 0.9)).collect();
        let share = shares_at_or_above(&all_right, &[0.5])[0];
        assert!(share.high == 1.0 && share.low < 0.6, "five people: {share:?}");
        let one = share_over_people((0..1000).map(|i| (1, i % 2 == 0)));
        assert!(one.low < 0.3 && one.high > 0.7, "one person: {one:?}");
    }
}
