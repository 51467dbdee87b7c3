//! What assistive technology is told of the window: each node with its role and name.

use std::collections::BTreeMap;

use egui::Role;
use egui::accesskit::Action;
use egui_kittest::kittest::{AccessKitNode, NodeT};

use super::window::Window;

/// One node of the window as it is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub role: Role,
    pub name: String,
    pub value: String,
    pub is_focusable: bool,
    /// Its place among others and their number, from 1.
    pub place: Option<(usize, usize)>,
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
    Told {
        role: node.role(),
        name: node.label().unwrap_or_default().trim().to_owned(),
        value: node.value().unwrap_or_default(),
        is_focusable: node.data().supports_action(Action::Focus),
        place,
    }
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
            *names.entry((format!("{:?}", node.role), node.name.clone())).or_default() += 1;
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
