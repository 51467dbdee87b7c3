//! Where the keyboard was before something opened over it, so that it comes back there.

use egui::{Context, Id};

use super::widgets;
use crate::app::{AppState, Screen};

/// Views, dialogs and menus that lie over each other, at most.
const DEPTH: usize = 4;

/// The control with the keyboard at each depth, 0 for what lies lowest.
#[derive(Default)]
pub struct FocusMemory {
    depth: usize,
    screen: Screen,
    at: [Option<Id>; DEPTH],
}

impl FocusMemory {
    /// Remembers who has the keyboard, and gives it back where something has closed. Called when a frame is drawn.
    pub fn follow(&mut self, ctx: &Context, state: &AppState) {
        if std::mem::replace(&mut self.screen, state.screen) != state.screen {
            self.at = [None; DEPTH];
        }
        let depth = depth(ctx, state);
        let focused = ctx.memory(egui::Memory::focused);
        let before = std::mem::replace(&mut self.depth, depth);
        if depth == before {
            self.at[depth] = focused;
            return;
        }
        ctx.request_repaint();
        if depth > before {
            self.at[before + 1..=depth].fill(None);
            return;
        }
        let is_lost = focused.is_none() || self.at[before] == focused;
        if is_lost && let Some(control) = self.at[depth] {
            ctx.memory_mut(|memory| memory.request_focus(control));
        }
    }
}

fn depth(ctx: &Context, state: &AppState) -> usize {
    let view = match state.screen {
        Screen::Enroll => state.detail.is_some(),
        Screen::Search => state.search.compare.is_some(),
        Screen::People => state.roster.opened.is_some() || state.roster.queue.is_some(),
        Screen::Tune | Screen::Models | Screen::Settings => false,
    };
    [view, widgets::is_dialog_shown(ctx), ctx.any_popup_open()].into_iter().filter(|is_open| *is_open).count()
}
