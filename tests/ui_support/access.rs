//! What assistive technology is told of the window: each node with its role and name.

use std::collections::BTreeMap;

use egui::accesskit::Action;
use egui::{Rect, Role, pos2};
use egui_kittest::kittest::{AccessKitNode, NodeT};

use super::window::Window;

/// One node of the window as it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub role: Role,
    pub name: String,
    pub in_dialog: bool,
    /// What scrolls it.
    pub scrolled_by: Option<String>,
    /// Within something that may be wider than the window, and is scrolled to its sides.
    pub in_table: bool,
    /// What all within belongs to.
    pub group: String,
    pub value: String,
    pub is_focusable: bool,
    /// Its place among others and their number, from 1.
    pub place: Option<(usize, usize)>,
    /// In points.
    pub rect: Rect,
}

/// All of them, in reading order.
pub fn told(harness: &Window) -> Vec<Told> {
    let mut all = Vec::new();
    for node in harness.root().children_recursive() {
        all.push(told_of(&node.accesskit_node()));
    }
    all
}

fn told_of(node: &AccessKitNode<'_>) -> Told {
    let place = node.position_in_set().zip(node.size_of_set());
    let bounds = node.bounding_box().unwrap_or_default();
    let [x0, y0, x1, y1] = [bounds.x0, bounds.y0, bounds.x1, bounds.y1].map(|side| side as f32);
    Told {
        role: node.role(),
        name: node.label().unwrap_or_default().trim().to_owned(),
        in_dialog: within(node, Role::Dialog).is_some(),
        scrolled_by: within(node, Role::ScrollView),
        in_table: within(node, Role::Table).is_some(),
        group: group_of(node),
        value: node.value().unwrap_or_default(),
        is_focusable: node.data().supports_action(Action::Focus),
        place,
        rect: Rect::from_min_max(pos2(x0, y0), pos2(x1, y1)),
    }
}

/// The nearest node of this role around it, told from others.
fn within(node: &AccessKitNode<'_>, role: Role) -> Option<String> {
    let mut above = node.parent();
    while let Some(node) = above {
        if node.role() == role {
            return Some(format!("{:?}", node.id()));
        }
        above = node.parent();
    }
    None
}

fn group_of(node: &AccessKitNode<'_>) -> String {
    let mut above = node.parent();
    while let Some(node) = above {
        if matches!(node.role(), Role::RadioGroup | Role::Group) {
            return node.label().unwrap_or_default();
        }
        above = node.parent();
    }
    String::new()
}

/// Steps of the focus that go against the reading order: up without going to another column, or back within a line.
pub fn against_reading_order(all: &[Told]) -> Vec<String> {
    // Items of a list are reached through it, and what separates panels stands at their edges.
    let reached = |node: &&Told| node.is_focusable && node.role != Role::ListBoxOption && node.role != Role::Splitter;
    // Behind a dialog nothing is reached.
    let is_open = all.iter().any(|node| node.in_dialog);
    let controls: Vec<&Told> = all.iter().filter(reached).filter(|node| node.in_dialog == is_open).collect();
    let mut wrong = Vec::new();
    for pair in controls.windows(2) {
        let (a, b) = (pair[0].rect, pair[1].rect);
        let one_line = a.y_range().intersection(b.y_range()).span() > 0.5 * a.height().min(b.height());
        let goes_back = one_line && b.right() <= a.left() + 1.0;
        let goes_up = !one_line && b.bottom() <= a.top() && b.left() < a.right();
        if goes_back || goes_up {
            wrong.push(format!("from “{}” at {a} to “{}” at {b}", pair[0].name, pair[1].name));
        }
    }
    wrong
}

/// Controls that reach out of the window at its sides.
pub fn out_of_window(all: &[Told], width: f32) -> Vec<String> {
    let is_out = |node: &&Told| {
        node.is_focusable && !node.in_table && (node.rect.left() < -0.5 || node.rect.right() > width + 0.5)
    };
    all.iter().filter(is_out).map(|node| format!("“{}” at {}", node.name, node.rect)).collect()
}

/// Controls that lie over each other: what lies on a photo may.
pub fn over_each_other(all: &[Told]) -> Vec<String> {
    let is_open = all.iter().any(|node| node.in_dialog);
    let is_one = |node: &&Told| {
        let is_flat = matches!(node.role, Role::Image | Role::ListBox | Role::ListBoxOption | Role::Splitter);
        node.is_focusable && !is_flat && node.in_dialog == is_open
    };
    let controls: Vec<&Told> = all.iter().filter(is_one).collect();
    let mut wrong = Vec::new();
    for (i, a) in controls.iter().enumerate() {
        for b in &controls[i + 1..] {
            let both = a.rect.intersect(b.rect);
            // What is scrolled out of an area is not seen where it would be.
            if a.scrolled_by == b.scrolled_by && both.width() > 3.0 && both.height() > 3.0 {
                wrong.push(format!("“{}” at {} and “{}” at {}", a.name, a.rect, b.name, b.rect));
            }
        }
    }
    wrong
}

/// What has the keyboard, as assistive technology is told.
pub fn focused(harness: &Window) -> Option<Told> {
    harness
        .root()
        .children_recursive()
        .map(|node| node.accesskit_node())
        .find(|node| node.is_focused())
        .map(|node| told_of(&node))
}

/// Roles that say nothing.
fn says_nothing(role: Role) -> bool {
    matches!(role, Role::Unknown | Role::GenericContainer)
}

/// What is wrong with these nodes, in words.
pub fn faults(all: &[Told]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut names: BTreeMap<(String, String), usize> = BTreeMap::new();
    for node in all {
        let shows =
            matches!(node.role, Role::Image | Role::Canvas | Role::List | Role::ListBox | Role::ProgressIndicator);
        if !node.is_focusable && !shows {
            continue;
        }
        if says_nothing(node.role) {
            faults.push(format!("without a role: {node:?}"));
        }
        // Signs that a voice leaves out are no name.
        if !node.name.chars().any(char::is_alphanumeric) {
            faults.push(format!("without a name: {node:?}"));
        }
        if node.is_focusable {
            *names.entry((format!("{:?}", node.role), format!("{} {}", node.group, node.name))).or_default() += 1;
            // What egui would call it, in no language but one.
            if node.name == "Resize panel" {
                faults.push(format!("without a name of ours: {node:?}"));
            }
        }
        if matches!(node.role, Role::ListItem | Role::ListBoxOption) && node.place.is_none() {
            faults.push(format!("without its place: {node:?}"));
        }
    }
    for ((role, name), times) in names {
        if times > 1 {
            faults.push(format!("{times} times {role} “{name}”"));
        }
    }
    faults
}
