//! How well groups found agree with the people that are there.

use std::collections::HashMap;

/// Shares from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Agreement {
    pub precision: f64,
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f: f64,
}

impl Agreement {
    fn new(precision: f64, recall: f64) -> Self {
        let sum = precision + recall;
        Self { precision, recall, f: if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 } }
    }
}

/// BCubed (Bagga and Baldwin 1998): for each face the share of its group that is its person, and the share of its person
/// that is in its group; the mean over faces.
///
/// `groups` and `people` name the group and the person of each face.
///
/// # Panics
/// If the two differ in length.
pub fn bcubed(groups: &[u32], people: &[u32]) -> Agreement {
    let table = Table::new(groups, people);
    let n = groups.len().max(1) as f64;
    let (mut precision, mut recall) = (0.0, 0.0);
    for ((group, person), both) in &table.both {
        let both = *both as f64;
        precision += both * both / table.group[group] as f64;
        recall += both * both / table.person[person] as f64;
    }
    Agreement::new(precision / n, recall / n)
}

/// Over pairs of faces: of those in one group the share of one person, and of those of one person the share in one group.
/// Without any pair a share is 1.
///
/// # Panics
/// If the two differ in length.
pub fn pairwise(groups: &[u32], people: &[u32]) -> Agreement {
    let table = Table::new(groups, people);
    let pairs = |counts: &mut dyn Iterator<Item = u64>| counts.map(|n| n * (n - 1) / 2).sum::<u64>() as f64;
    let both = pairs(&mut table.both.values().copied());
    let share = |of: f64| if of > 0.0 { both / of } else { 1.0 };
    Agreement::new(share(pairs(&mut table.group.values().copied())), share(pairs(&mut table.person.values().copied())))
}

/// How many faces each group, each person, and each group of each person has.
struct Table {
    group: HashMap<u32, u64>,
    person: HashMap<u32, u64>,
    both: HashMap<(u32, u32), u64>,
}

impl Table {
    fn new(groups: &[u32], people: &[u32]) -> Self {
        assert_eq!(groups.len(), people.len(), "a group and a person for each face");
        let mut table = Self { group: HashMap::new(), person: HashMap::new(), both: HashMap::new() };
        for (group, person) in groups.iter().zip(people) {
            *table.group.entry(*group).or_default() += 1;
            *table.person.entry(*person).or_default() += 1;
            *table.both.entry((*group, *person)).or_default() += 1;
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The textbook definitions, face by face and pair by pair.
    fn by_definition(groups: &[u32], people: &[u32]) -> (Agreement, Agreement) {
        let n = groups.len();
        let (mut precision, mut recall) = (0.0, 0.0);
        let (mut same_both, mut same_group, mut same_person) = (0.0, 0.0, 0.0);
        for i in 0..n {
            let count = |is: &dyn Fn(usize) -> bool| (0..n).filter(|j| is(*j)).count() as f64;
            let both = count(&|j| groups[j] == groups[i] && people[j] == people[i]);
            precision += both / count(&|j| groups[j] == groups[i]);
            recall += both / count(&|j| people[j] == people[i]);
            for j in i + 1..n {
                same_group += f64::from(groups[j] == groups[i]);
                same_person += f64::from(people[j] == people[i]);
                same_both += f64::from(groups[j] == groups[i] && people[j] == people[i]);
            }
        }
        let share = |of: f64| if of > 0.0 { same_both / of } else { 1.0 };
        (Agreement::new(precision / n as f64, recall / n as f64), Agreement::new(share(same_group), share(same_person)))
    }

    #[test]
    fn the_measures_are_those_of_the_definitions() {
        let is_near = |a: Agreement, b: Agreement| {
            (a.precision - b.precision).abs() + (a.recall - b.recall).abs() + (a.f - b.f).abs() < 1e-12
        };
        let cases: [(&[u32], &[u32]); 5] = [
            (&[0, 0, 0, 1, 1, 2], &[7, 7, 8, 8, 8, 9]),
            (&[0, 1, 2, 3], &[5, 5, 5, 6]),
            (&[0, 0, 0, 0], &[1, 2, 3, 3]),
            (&[4, 4, 9], &[1, 1, 2]),
            (&[3], &[3]),
        ];
        for (groups, people) in cases {
            let (b, p) = by_definition(groups, people);
            assert!(
                is_near(bcubed(groups, people), b) && is_near(pairwise(groups, people), p),
                "{groups:?} {people:?}"
            );
        }
        assert_eq!(bcubed(&[1, 1, 2], &[4, 4, 6]).f, 1.0);
        assert_eq!(pairwise(&[], &[]).f, 1.0);
    }
}
