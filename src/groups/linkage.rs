//! Groups by the mean score between all their faces, grown along the neighbours.
//!
//! The two groups with the highest mean cosine become one, then the next two, until no pair reaches the threshold. With
//! unit vectors the mean over all pairs of two groups is the product of their sums over the product of their sizes, so
//! that a merge costs one addition of vectors and each comparison one product, whatever the sizes. Only groups that
//! have neighbours in each other are compared. Equal scores are taken in the order of the items, so the result follows
//! from the input alone.

use std::collections::{BinaryHeap, HashMap, HashSet};

use super::{Bonds, Graph, Item, Parameters};

/// Which group each item is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grouping {
    /// One an item; numbered from 0 in the order of their first item.
    pub labels: Vec<u32>,
    pub groups: usize,
}

impl Grouping {
    /// From any numbers that are equal where items share a group.
    pub fn from_roots(roots: impl IntoIterator<Item = u32>) -> Self {
        let mut number = HashMap::new();
        let labels = roots
            .into_iter()
            .map(|root| {
                let next = number.len() as u32;
                *number.entry(root).or_insert(next)
            })
            .collect();
        Self { labels, groups: number.len() }
    }
}

/// A pair that could become one; the greatest is taken first.
#[derive(Clone, Copy, PartialEq)]
struct Candidate {
    score: f32,
    a: u32,
    b: u32,
    /// Of both groups when the score was taken; it is stale where one has changed since.
    versions: (u32, u32),
}

impl Eq for Candidate {}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let by_place = (other.a, other.b).cmp(&(self.a, self.b));
        self.score.total_cmp(&other.score).then(by_place).then_with(|| self.versions.cmp(&other.versions))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// A group while it grows; known by its least item.
struct Cluster {
    sum: Vec<f32>,
    size: u32,
    version: u32,
    /// Groups with which it shares neighbours.
    beside: HashSet<u32>,
    photos: HashSet<i64>,
    subject: Option<i64>,
    /// Holds a face that may found a group.
    is_sound: bool,
    foes: HashSet<u32>,
    rejected: HashSet<i64>,
}

struct State<'a> {
    parameters: &'a Parameters,
    clusters: Vec<Option<Cluster>>,
    /// The group that each item went into, itself where it is the least.
    parent: Vec<u32>,
    queue: BinaryHeap<Candidate>,
}

/// Groups items.
///
/// Items of one subject are one group from the beginning, whatever their scores. `graph` has one node an item.
pub fn group(items: &[Item<'_>], graph: &Graph, bonds: &Bonds, parameters: &Parameters) -> Grouping {
    let mut state = State {
        parameters,
        clusters: items.iter().enumerate().map(|(at, item)| Some(Cluster::of(at as u32, item, bonds))).collect(),
        parent: (0..items.len() as u32).collect(),
        queue: BinaryHeap::new(),
    };
    for item in 0..items.len() as u32 {
        let floor = parameters.threshold;
        let beside = graph.of(item).iter().filter(|(other, score)| (*other as usize) < items.len() && *score >= floor);
        let beside: HashSet<u32> = beside.map(|(other, _)| *other).collect();
        if let Some(cluster) = &mut state.clusters[item as usize] {
            cluster.beside = beside;
        }
    }
    state.join_subjects(items);
    for item in 0..items.len() as u32 {
        state.offer(item, |other| other > item);
    }
    while let Some(candidate) = state.queue.pop() {
        if state.is_fresh(&candidate) {
            state.merge(candidate.a, candidate.b);
        }
    }
    Grouping::from_roots((0..items.len() as u32).map(|item| state.root(item)))
}

impl Cluster {
    fn of(at: u32, item: &Item<'_>, bonds: &Bonds) -> Self {
        Self {
            sum: item.vector.to_vec(),
            size: 1,
            version: 0,
            beside: HashSet::new(),
            photos: HashSet::from([item.photo]),
            subject: item.subject,
            is_sound: !item.is_weak || item.subject.is_some(),
            foes: bonds.foes(at).collect(),
            rejected: bonds.rejected(at).collect(),
        }
    }

    /// Mean cosine over all pairs of faces of the two.
    fn score(&self, other: &Self) -> f32 {
        dot(&self.sum, &other.sum) / (self.size as f32 * other.size as f32)
    }

    /// Least score at which the two become one; `None` where they never do.
    fn bar(&self, other: &Self, parameters: &Parameters) -> Option<f32> {
        let differ = self.subject.is_some() && other.subject.is_some() && self.subject != other.subject;
        if differ || !(self.is_sound || other.is_sound) || !self.photos.is_disjoint(&other.photos) {
            return None;
        }
        let is_rejected =
            |one: &Self, subject: Option<i64>| subject.is_some_and(|subject| one.rejected.contains(&subject));
        if is_rejected(self, other.subject) || is_rejected(other, self.subject) {
            return None;
        }
        let extra = if self.is_sound && other.is_sound { 0.0 } else { parameters.weak_extra };
        Some(parameters.threshold + extra)
    }
}

impl State<'_> {
    fn root(&mut self, item: u32) -> u32 {
        let mut root = item;
        while self.parent[root as usize] != root {
            root = self.parent[root as usize];
        }
        let mut at = item;
        while self.parent[at as usize] != root {
            at = std::mem::replace(&mut self.parent[at as usize], root);
        }
        root
    }

    /// What a person called by one name is one, photos and scores whatever they are.
    fn join_subjects(&mut self, items: &[Item<'_>]) {
        let mut first = HashMap::new();
        for (at, item) in items.iter().enumerate() {
            if let Some(subject) = item.subject {
                let root = *first.entry(subject).or_insert(at as u32);
                if root != at as u32 {
                    self.unite(root, at as u32);
                }
            }
        }
    }

    /// Queues the pairs of a group with those beside it that could become one with it.
    fn offer(&mut self, group: u32, is_wanted: impl Fn(u32) -> bool) {
        let Some(cluster) = &self.clusters[group as usize] else { return };
        for &other in &cluster.beside {
            let Some(beside) = self.clusters[other as usize].as_ref().filter(|_| is_wanted(other)) else { continue };
            let Some(bar) = cluster.bar(beside, self.parameters) else { continue };
            let score = cluster.score(beside);
            if score >= bar {
                let ((a, first), (b, second)) = ordered((group, cluster.version), (other, beside.version));
                self.queue.push(Candidate { score, a, b, versions: (first, second) });
            }
        }
    }

    fn is_fresh(&self, candidate: &Candidate) -> bool {
        let version = |group: u32| self.clusters[group as usize].as_ref().map(|cluster| cluster.version);
        version(candidate.a) == Some(candidate.versions.0) && version(candidate.b) == Some(candidate.versions.1)
    }

    fn merge(&mut self, a: u32, b: u32) {
        if self.are_foes(a, b) {
            return;
        }
        self.unite(a, b);
        self.offer(a.min(b), |_| true);
    }

    fn are_foes(&mut self, a: u32, b: u32) -> bool {
        let mut meets = |one: u32, other: u32| {
            let foes: Vec<u32> =
                self.clusters[one as usize].iter().flat_map(|cluster| cluster.foes.iter().copied()).collect();
            foes.into_iter().any(|foe| (foe as usize) < self.parent.len() && self.root(foe) == other)
        };
        meets(a, b) || meets(b, a)
    }

    fn unite(&mut self, a: u32, b: u32) {
        let (keep, drop) = ordered(a, b);
        let Some(gone) = self.clusters[drop as usize].take() else { return };
        for &other in &gone.beside {
            if let Some(cluster) = self.clusters[other as usize].as_mut() {
                cluster.beside.remove(&drop);
                if other != keep {
                    cluster.beside.insert(keep);
                }
            }
        }
        self.parent[drop as usize] = keep;
        let Some(kept) = self.clusters[keep as usize].as_mut() else { return };
        kept.sum.iter_mut().zip(&gone.sum).for_each(|(sum, more)| *sum += more);
        kept.size += gone.size;
        kept.version += 1;
        kept.beside.extend(gone.beside);
        kept.beside.remove(&keep);
        kept.beside.remove(&drop);
        kept.photos.extend(gone.photos);
        kept.subject = kept.subject.or(gone.subject);
        kept.is_sound |= gone.is_sound;
        kept.foes.extend(gone.foes);
        kept.rejected.extend(gone.rejected);
    }
}

fn ordered<T: PartialOrd>(a: T, b: T) -> (T, T) {
    if a <= b { (a, b) } else { (b, a) }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PARAMETERS: Parameters = Parameters { k: 8, threshold: 0.6, weak_extra: 0.1 };

    /// Unit vectors in a plane, at these angles in degrees.
    fn at(angles: &[f32]) -> Vec<Vec<f32>> {
        angles.iter().map(|angle| vec![angle.to_radians().cos(), angle.to_radians().sin()]).collect()
    }

    fn items(vectors: &[Vec<f32>]) -> Vec<Item<'_>> {
        let numbered = vectors.iter().enumerate();
        numbered
            .map(|(photo, vector)| Item {
                vector: vector.as_slice(),
                photo: photo as i64,
                subject: None,
                is_weak: false,
            })
            .collect()
    }

    /// Everybody is everybody's neighbour.
    fn all(vectors: &[Vec<f32>]) -> Graph {
        let list = |a: &Vec<f32>| vectors.iter().enumerate().map(|(at, b)| (at as u32, dot(a, b))).collect();
        Graph::new(vectors.iter().map(list).collect())
    }

    fn labels(items: &[Item<'_>], vectors: &[Vec<f32>], bonds: &Bonds) -> Vec<u32> {
        group(items, &all(vectors), bonds, &PARAMETERS).labels
    }

    #[test]
    fn the_nearest_become_one_and_a_chain_does_not() {
        // Each is about 40 degrees from the next (cosine .77): all of them in a chain would be no person.
        let vectors = at(&[0.0, 43.0, 84.0, 123.0, 165.0, 5.0]);
        assert_eq!(labels(&items(&vectors), &vectors, &Bonds::default()), [0, 0, 1, 1, 2, 0]);
        assert_eq!(group(&[], &Graph::default(), &Bonds::default(), &PARAMETERS), Grouping::default());
    }

    #[test]
    fn faces_of_one_photo_stay_apart() {
        let vectors = at(&[0.0, 2.0, 4.0]);
        let mut items = items(&vectors);
        items[1].photo = items[0].photo;
        let found = labels(&items, &vectors, &Bonds::default());
        assert_ne!(found[0], found[1]);
        // The third goes to the nearer.
        assert_eq!(found[2], found[1]);
    }

    #[test]
    fn what_a_person_said_binds() {
        let vectors = at(&[0.0, 90.0, 2.0, 88.0, 1.0]);
        let mut faces = items(&vectors);
        // One subject, far apart and even on one photo.
        (faces[0].subject, faces[1].subject) = (Some(7), Some(7));
        faces[1].photo = faces[0].photo;
        let found = labels(&faces, &vectors, &Bonds::default());
        assert_eq!(found[0], found[1]);
        // Another subject beside it is nobody else's.
        faces[4].subject = Some(8);
        let found = labels(&faces, &vectors, &Bonds::default());
        assert_eq!(found[0], found[1]);
        assert_ne!(found[0], found[4]);

        let faces = items(&vectors);
        let mut bonds = Bonds::default();
        bonds.keep_apart(0, 4);
        let found = labels(&faces, &vectors, &bonds);
        assert!(found[0] != found[4] && (found[2] == found[0] || found[2] == found[4]), "{found:?}");
    }

    #[test]
    fn a_rejected_subject_is_not_joined_also_by_way_of_others() {
        let vectors = at(&[0.0, 1.0, 2.0]);
        let mut faces = items(&vectors);
        faces[0].subject = Some(3);
        let mut bonds = Bonds::default();
        bonds.reject(2, 3);
        let found = labels(&faces, &vectors, &bonds);
        assert_ne!(found[2], found[0]);
    }

    #[test]
    fn weak_faces_found_no_group_and_need_more_to_join_one() {
        let vectors = at(&[0.0, 5.0]);
        let mut faces = items(&vectors);
        (faces[0].is_weak, faces[1].is_weak) = (true, true);
        assert_eq!(labels(&faces, &vectors, &Bonds::default()), [0, 1]);
        faces[1].is_weak = false;
        assert_eq!(labels(&faces, &vectors, &Bonds::default()), [0, 0]);
        // 50 degrees are .64: enough for two sound faces, not for a weak one.
        let vectors = at(&[0.0, 50.0]);
        let mut faces = items(&vectors);
        assert_eq!(labels(&faces, &vectors, &Bonds::default()), [0, 0]);
        faces[0].is_weak = true;
        assert_eq!(labels(&faces, &vectors, &Bonds::default()), [0, 1]);
    }

    proptest! {
        /// Whatever comes: what must hold of every grouping holds, and it is the same every time.
        #[test]
        fn bonds_hold_whatever_the_faces_are(
            faces in proptest::collection::vec((0f32..360.0, 0i64..12, proptest::option::of(0i64..3), any::<bool>()), 0..30),
            apart in proptest::collection::vec((0u32..30, 0u32..30), 0..6),
            rejected in proptest::collection::vec((0u32..30, 0i64..3), 0..4),
        ) {
            let vectors = at(&faces.iter().map(|face| face.0).collect::<Vec<_>>());
            let items: Vec<Item<'_>> = faces
                .iter()
                .zip(&vectors)
                .map(|((_, photo, subject, is_weak), vector)| Item {
                    vector: vector.as_slice(), photo: *photo, subject: *subject, is_weak: *is_weak,
                })
                .collect();
            let mut bonds = Bonds::default();
            apart.iter().for_each(|(a, b)| bonds.keep_apart(*a, *b));
            rejected.iter().for_each(|(item, subject)| bonds.reject(*item, *subject));
            let found = group(&items, &all(&vectors), &bonds, &PARAMETERS);
            prop_assert_eq!(&found, &group(&items, &all(&vectors), &bonds, &PARAMETERS));
            for (a, b) in (0..items.len()).flat_map(|a| (0..a).map(move |b| (a, b))) {
                let together = found.labels[a] == found.labels[b];
                let (one, other) = (items[a].subject, items[b].subject);
                if one.is_some() && other.is_some() {
                    prop_assert_eq!(together, one == other);
                } else if together {
                    prop_assert!(items[a].photo != items[b].photo);
                    let named = one.or(other).is_some();
                    prop_assert!(named || !apart.contains(&(a as u32, b as u32)) && !apart.contains(&(b as u32, a as u32)));
                }
            }
            let alone = |label: u32| found.labels.iter().filter(|other| **other == label).count() == 1;
            for (item, label) in items.iter().zip(&found.labels) {
                let group = items.iter().zip(&found.labels).filter(|(_, other)| *other == label);
                prop_assert!(alone(*label) || group.into_iter().any(|(item, _)| !item.is_weak || item.subject.is_some()));
                let _ = item;
            }
        }
    }
}
