use super::command::WindowCommand;
use super::crop_loader::CropLoader;
use super::event::WindowEvent;
use super::reducer;
use super::show_in_folder::show_in_folder;
use super::state::NoticeLevel;
use crate::app::desk::{Desk, Room, failed};
use crate::app::state::AppState;
use crate::jobs::Engine;

pub(in crate::app) struct WindowRoom {
    crops: CropLoader,
}

impl Room for WindowRoom {
    type Command = WindowCommand;
    type Event = WindowEvent;

    fn command(state: &mut AppState, command: &WindowCommand) {
        reducer::command(state, command);
    }

    fn reduce(state: &mut AppState, event: WindowEvent) {
        reducer::reduce(state, event);
    }

    fn open(desk: &Desk) -> std::io::Result<Self> {
        Ok(Self { crops: CropLoader::spawn(desk.engine, desk.sink)? })
    }

    fn execute(&mut self, desk: &mut Desk, command: WindowCommand) {
        match command {
            WindowCommand::RequestCrops(faces) => self.crops.request(&faces),
            WindowCommand::ShowInFolder(path) => {
                let show = move |_: &Engine| {
                    let problem = show_in_folder(&path);
                    Ok(problem.map(|text| WindowEvent::Notice(NoticeLevel::Warning, text)).into_iter().collect())
                };
                desk.on_thread::<WindowEvent, _>("show in folder", show, failed);
            }
            // Each screen sees for itself that it was asked for.
            WindowCommand::ShowScreen(_) | WindowCommand::DismissNotice(_) | WindowCommand::DismissNotices => {}
        }
    }
}
