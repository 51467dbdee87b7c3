use super::command::WindowCommand;
use super::event::WindowEvent;
use super::notices::notify;
use crate::app::state::AppState;

/// What a command changes at once.
pub(in crate::app) fn command(state: &mut AppState, command: &WindowCommand) {
    match command {
        WindowCommand::ShowScreen(screen) => {
            state.screen = *screen;
            state.requests.screen += 1;
        }
        WindowCommand::RequestCrops(faces) => faces.iter().for_each(|face| state.crops.request(*face)),
        WindowCommand::DismissNotice(id) => state.notices.retain(|notice| notice.id != *id),
        WindowCommand::DismissNotices => state.notices.clear(),
        WindowCommand::ShowInFolder(_) => {}
    }
}

/// What an event changes.
pub(in crate::app) fn reduce(state: &mut AppState, event: WindowEvent) {
    match event {
        WindowEvent::CropLoaded(face, crop, label) => state.crops.insert_labelled(face, crop, label),
        WindowEvent::CropMissing(face) => state.crops.set_missing(face),
        WindowEvent::CropPassedOver(face) => state.crops.give_up(face),
        WindowEvent::Notice(level, text) => notify(state, level, text),
    }
}
