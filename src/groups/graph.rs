/// The k nearest neighbours of each of n items, both ways: where one lists the other, both do.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Of each item: the other item and the cosine, the best first.
    neighbours: Vec<Vec<(u32, f32)>>,
}

impl Graph {
    /// From the lists that a search gave, one an item; the item itself in its own list does not count.
    pub fn new(lists: Vec<Vec<(u32, f32)>>) -> Self {
        let mut neighbours = vec![Vec::new(); lists.len()];
        for (item, list) in lists.into_iter().enumerate() {
            for (other, score) in list {
                if other as usize != item && (other as usize) < neighbours.len() && score.is_finite() {
                    neighbours[item].push((other, score));
                    neighbours[other as usize].push((item as u32, score));
                }
            }
        }
        for list in &mut neighbours {
            list.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            let mut seen = std::collections::HashSet::new();
            list.retain(|(other, _)| seen.insert(*other));
        }
        Self { neighbours }
    }

    pub fn len(&self) -> usize {
        self.neighbours.len()
    }

    pub fn is_empty(&self) -> bool {
        self.neighbours.is_empty()
    }

    /// The best first.
    pub fn of(&self, item: u32) -> &[(u32, f32)] {
        self.neighbours.get(item as usize).map_or(&[], Vec::as_slice)
    }
}
