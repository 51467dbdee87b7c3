//! Intervals where every photo is compared with every other: such pairs are far from independent, since each person
//! stands in many. So people are drawn anew, not pairs.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::tar::{FMR_TARGETS, Scores, TarPoint};
use crate::types::Estimate;

/// Times that people are drawn.
const REPLICATES: usize = 2000;
const SEED: u64 = 20_090_418;

/// The score of two photos and whose they are, numbered from 0; the same number twice for a mated pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PersonPair {
    /// −∞ where a face was not found.
    pub score: f32,
    pub people: [u32; 2],
}

/// All pairs among the photos of some people.
#[derive(Clone, Debug, Default)]
pub struct CrossPairs {
    pub mated: Vec<PersonPair>,
    pub nonmated: Vec<PersonPair>,
}

impl CrossPairs {
    pub fn scores(&self) -> Scores {
        let scores = |pairs: &[PersonPair]| pairs.iter().map(|pair| pair.score).collect();
        Scores { mated: scores(&self.mated), nonmated: scores(&self.nonmated) }
    }
}

/// The true accept rate at each of [`FMR_TARGETS`] for which there are ten nonmated pairs or more to accept wrongly,
/// over `people` people.
///
/// The intervals are 95 % percentile intervals over 2,000 draws of as many people with replacement; in each a pair counts
/// as often as its people were drawn, multiplied, and the threshold is found anew. `at.accuracy` is left as it is over
/// the pairs.
pub fn tar_over_people(pairs: &CrossPairs, people: usize) -> Vec<TarPoint> {
    let scores = pairs.scores();
    let has_enough = |fmr: &f64| fmr * scores.nonmated.len() as f64 >= 10.0;
    let targets: Vec<f64> = FMR_TARGETS.into_iter().filter(has_enough).collect();
    let mut points: Vec<TarPoint> = targets
        .iter()
        .filter_map(|&fmr| Some(TarPoint { fmr_target: fmr, at: scores.at(scores.threshold_at_fmr(fmr)?) }))
        .collect();
    if points.is_empty() || pairs.mated.is_empty() || people == 0 {
        return Vec::new();
    }
    let mut falling = pairs.nonmated.clone();
    falling.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut draws = vec![(Vec::new(), Vec::new()); points.len()];
    let mut rng = ChaCha8Rng::seed_from_u64(SEED);
    for _ in 0..REPLICATES {
        let mut drawn = vec![0u32; people];
        for _ in 0..people {
            drawn[rng.random_range(0..people)] += 1;
        }
        let weight =
            |pair: &PersonPair| match pair.people.map(|person| drawn.get(person as usize).copied().unwrap_or(0)) {
                [a, _] if pair.people[0] == pair.people[1] => f64::from(a),
                [a, b] => f64::from(a) * f64::from(b),
            };
        let nonmated_total: f64 = falling.iter().map(weight).sum();
        let mated_total: f64 = pairs.mated.iter().map(weight).sum();
        if nonmated_total <= 0.0 || mated_total <= 0.0 {
            continue;
        }
        for (point, (tars, fmrs)) in points.iter().zip(&mut draws) {
            let fixed: f64 = falling.iter().take_while(|p| p.score >= point.at.threshold).map(weight).sum();
            fmrs.push(fixed / nonmated_total);
            let threshold = weighted_threshold(&falling, weight, point.fmr_target * nonmated_total);
            let accepted: f64 = pairs.mated.iter().filter(|p| p.score >= threshold).map(weight).sum();
            tars.push(accepted / mated_total);
        }
    }
    for (point, (tars, fmrs)) in points.iter_mut().zip(draws) {
        point.at.tar = percentile_interval(point.at.tar.mean, tars);
        point.at.fmr = percentile_interval(point.at.fmr.mean, fmrs);
    }
    points
}

/// The lowest threshold above which pairs of at most `allowed` weight lie.
fn weighted_threshold(falling: &[PersonPair], weight: impl Fn(&PersonPair) -> f64, allowed: f64) -> f32 {
    let mut sum = 0.0;
    for pair in falling {
        sum += weight(pair);
        if sum > allowed + 1e-9 {
            return pair.score.next_up();
        }
    }
    f32::NEG_INFINITY.next_up()
}

fn percentile_interval(mean: f64, mut values: Vec<f64>) -> Estimate {
    if values.is_empty() {
        return Estimate { mean, low: 0.0, high: 1.0 };
    }
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
    Estimate { mean, low: at(0.025).min(mean), high: at(0.975).max(mean) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(score: f32, a: u32, b: u32) -> PersonPair {
        PersonPair { score, people: [a, b] }
    }

    /// 40 people with two photos each; person 0's are as unlike as strangers.
    fn pairs() -> CrossPairs {
        let mated = (0..40).map(|p| pair(if p == 0 { 0.0 } else { 0.9 }, p, p)).collect();
        let nonmated = (0..40u32).flat_map(|a| (0..a).map(move |b| pair(0.005 * ((a * 7 + b) % 50) as f32, a, b)));
        CrossPairs { mated, nonmated: nonmated.collect() }
    }

    #[test]
    fn one_bad_person_of_forty_moves_the_rate_as_drawing_says() {
        let points = tar_over_people(&pairs(), 40);
        assert_eq!(points.iter().map(|p| p.fmr_target).collect::<Vec<_>>(), [1e-1]);
        let tar = points[0].at.tar;
        assert_eq!(tar.mean, 39.0 / 40.0);
        // Drawn three times or more in 8 of 100 draws, four times in 2: up to 3 or 4 of 40 lost; and often never.
        assert_eq!(tar.high, 1.0);
        assert!((36.0 / 40.0..=37.0 / 40.0).contains(&tar.low), "{tar:?}");
        assert!(points[0].at.fmr.low <= 0.1 && points[0].at.fmr.mean <= 0.1 && points[0].at.fmr.high > 0.09);
    }

    #[test]
    fn certain_scores_leave_no_room() {
        let mut sure = pairs();
        sure.mated[0].score = 0.9;
        let tar = tar_over_people(&sure, 40)[0].at.tar;
        assert_eq!((tar.low, tar.mean, tar.high), (1.0, 1.0, 1.0));
        assert!(tar_over_people(&CrossPairs::default(), 0).is_empty());
        assert!(tar_over_people(&CrossPairs { mated: sure.mated, nonmated: Vec::new() }, 40).is_empty());
    }
}
