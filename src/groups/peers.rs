//! Known methods on the same neighbours, to compare with. They know no photo and nothing that a person said.

use std::collections::HashMap;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::sets::Sets;
use super::{Graph, Grouping};

/// Everything that hangs together by scores of `threshold` or more.
pub fn components(graph: &Graph, threshold: f32) -> Grouping {
    let mut sets = Sets::new(graph.len());
    for (a, b, _) in edges(graph, threshold) {
        sets.unite(a, b);
    }
    sets.grouping()
}

/// Chinese Whispers (Biemann 2006): each item takes the label that its neighbours' scores speak for most, in random order,
/// until nothing changes or `rounds` are over.
pub fn chinese_whispers(graph: &Graph, threshold: f32, rounds: usize, seed: u64) -> Grouping {
    let mut labels: Vec<u32> = (0..graph.len() as u32).collect();
    let mut order = labels.clone();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for _ in 0..rounds {
        order.shuffle(&mut random);
        let mut has_changed = false;
        for &item in &order {
            let mut votes: HashMap<u32, f32> = HashMap::new();
            for (other, score) in graph.of(item).iter().filter(|(_, score)| *score >= threshold) {
                *votes.entry(labels[*other as usize]).or_default() += score;
            }
            let best = votes.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            if let Some((label, _)) = best.filter(|(label, _)| *label != labels[item as usize]) {
                labels[item as usize] = label;
                has_changed = true;
            }
        }
        if !has_changed {
            break;
        }
    }
    Grouping::from_roots(labels)
}

/// DBSCAN (Ester 1996) with a score in the place of a distance; what is noise stands alone.
pub fn dbscan(graph: &Graph, threshold: f32, least: usize) -> Grouping {
    let near = |item: u32| graph.of(item).iter().filter(|(_, score)| *score >= threshold);
    let is_core: Vec<bool> = (0..graph.len() as u32).map(|item| near(item).count() + 1 >= least).collect();
    let mut sets = Sets::new(graph.len());
    for (a, b, _) in edges(graph, threshold).filter(|(a, b, _)| is_core[*a as usize] && is_core[*b as usize]) {
        sets.unite(a, b);
    }
    // The edge of a group goes to the core item nearest to it.
    for item in (0..graph.len() as u32).filter(|item| !is_core[*item as usize]) {
        if let Some((core, _)) = near(item).find(|(other, _)| is_core[*other as usize]) {
            sets.parent[item as usize] = sets.root(*core);
        }
    }
    sets.grouping()
}

/// Consensus-driven propagation (Zhan 2018) with one committee, the neighbours themselves: a pair is kept where the share
/// of neighbours in common is at least `consensus`; what hangs together in more than `cap` is taken apart by a threshold
/// that rises by `step`.
pub fn propagation(graph: &Graph, threshold: f32, consensus: f32, cap: usize, step: f32) -> Grouping {
    let mut kept: Vec<(u32, u32, f32)> =
        edges(graph, threshold).filter(|(a, b, _)| shared(graph, *a, *b, threshold) >= consensus).collect();
    let mut final_sets = Sets::new(graph.len());
    let mut bar = threshold;
    while !kept.is_empty() {
        let mut sets = Sets::new(graph.len());
        kept.iter().for_each(|(a, b, _)| sets.unite(*a, *b));
        let sizes = sets.sizes();
        bar += step;
        let mut left = Vec::new();
        for (a, b, score) in kept {
            if sizes[sets.root(a) as usize] <= cap || bar > 1.0 {
                final_sets.unite(a, b);
            } else if score >= bar {
                left.push((a, b, score));
            }
        }
        kept = left;
    }
    final_sets.grouping()
}

/// Neighbours of either that are neighbours of both, as a share (Jaccard), the two themselves among them.
fn shared(graph: &Graph, a: u32, b: u32, threshold: f32) -> f32 {
    let near = |item: u32| {
        let mut list: Vec<u32> =
            graph.of(item).iter().filter(|(_, score)| *score >= threshold).map(|(other, _)| *other).collect();
        list.push(item);
        list.sort_unstable();
        list
    };
    let (first, second) = (near(a), near(b));
    let both = first.iter().filter(|item| second.binary_search(item).is_ok()).count();
    both as f32 / (first.len() + second.len() - both).max(1) as f32
}

/// Each pair once.
fn edges(graph: &Graph, threshold: f32) -> impl Iterator<Item = (u32, u32, f32)> + '_ {
    (0..graph.len() as u32).flat_map(move |item| {
        let above = graph.of(item).iter().filter(move |(other, score)| *other > item && *score >= threshold);
        above.map(move |(other, score)| (item, *other, *score))
    })
}
