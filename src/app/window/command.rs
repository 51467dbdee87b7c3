use std::path::PathBuf;

use super::state::Screen;
use crate::types::FaceId;

/// What is asked of the window around the screens.
#[derive(Clone, Debug)]
pub enum WindowCommand {
    ShowScreen(Screen),
    /// Crops that came into view and are not in the cache.
    RequestCrops(Vec<FaceId>),
    /// Open the photo's folder in the desktop's file manager.
    ShowInFolder(PathBuf),
    DismissNotice(u64),
    /// All of them.
    DismissNotices,
}
