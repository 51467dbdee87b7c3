use crate::types::Telling;
use std::collections::HashSet;

use egui::{Context, TextureId};
use image::RgbImage;
use poll_promise::Promise;
use serde::{Deserialize, Serialize};

use super::dialogs::Dialogs;
use super::enroll::EnrollMemory;
use super::focus::FocusMemory;
use super::models::{ModelsMemory, ModelsTab};
use super::people::{People, PersonDialog};
use super::roster::RosterMemory;
use super::search::SearchMemory;
use super::textures::TextureCache;
use super::tune::{TuneMemory, TuneTab};
use crate::app::{AppState, Command, Notice, NoticeLevel, Picture, WindowCommand};
use crate::types::{FaceId, OperatingPoint, SubjectId, SubjectRecord};

/// What the window remembers between frames and nothing else needs: scroll, zoom, drafts, textures, open dialogs.
#[derive(Default)]
pub struct UiMemory {
    pub(super) textures: TextureCache,
    /// Faces in view whose crops are missing, gathered while a frame is drawn.
    pub(super) wanted_crops: Vec<FaceId>,
    pub(super) dialogs: Dialogs,
    pub(super) paste: Option<Paste>,
    /// Messages of the window itself, such as a file dialog that would not open.
    pub(super) notices: Vec<Notice>,
    next_notice: u64,
    pub(super) focus: FocusMemory,
    pub(super) help_open: bool,
    pub(super) messages_open: bool,
    pub(super) history_open: bool,
    pub(super) people: People,
    pub(super) person: PersonDialog,
    pub(super) enroll: EnrollMemory,
    pub(super) roster: RosterMemory,
    pub(super) search: SearchMemory,
    pub(super) settings: SettingsMemory,
    pub(super) tune: TuneMemory,
    pub(super) models: ModelsMemory,
}

/// A picture from the clipboard on its way from the window's pixels to ours.
pub struct Paste(pub(super) Promise<Result<RgbImage, String>>);

/// What the settings screen remembers.
#[derive(Default)]
pub struct SettingsMemory {
    /// The text scale under the pointer, applied when it lets go: the slider would run away from it otherwise.
    pub(super) text_scale: Option<f64>,
}

/// What of it a person finds again at the next start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// "Subjects from folder names".
    pub subjects_from_folders: bool,
    /// Side of a crop in the grid, in points.
    pub crop_side: f32,
    /// The side-by-side view frames the faces, not the whole photos.
    pub compare_faces: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self { subjects_from_folders: false, crop_side: 96.0, compare_faces: true }
    }
}

impl UiMemory {
    /// For pictures of the window: every texture is uploaded at once.
    pub fn offscreen() -> Self {
        Self { textures: TextureCache::unbounded(), ..Self::default() }
    }

    /// Turns the enroll screen to its issues.
    pub fn show_issues(&mut self) {
        self.enroll.show_issues();
    }

    /// Turns the tune screen to one of its parts.
    pub fn show_tune(&mut self, tab: TuneTab) {
        self.tune.tab = tab;
    }

    /// Pins points of a sweep and shows them side by side.
    pub fn compare_points(&mut self, points: Vec<OperatingPoint>) {
        self.tune.compare(points);
    }

    /// Asks whether this point is to become the live index.
    pub fn ask_to_apply(&mut self, point: OperatingPoint) {
        self.tune.confirm = Some(point);
    }

    /// Turns the models screen to one of its parts.
    pub fn show_models(&mut self, tab: ModelsTab) {
        self.models.tab = tab;
    }

    /// Shows the model of this name in full.
    pub fn choose_model(&mut self, name: &str) {
        self.models.chosen = Some(name.to_owned());
    }

    /// Opens the history.
    pub fn show_history(&mut self) {
        self.history_open = true;
    }

    /// Asks how this person is called.
    pub fn edit_person(&mut self, person: &SubjectRecord) {
        self.person = PersonDialog::edit(person);
    }

    /// Asks into whom this person is merged; `into` is chosen already.
    pub fn merge_person(&mut self, person: &SubjectRecord, into: Option<SubjectId>) {
        self.person = PersonDialog::merge(person, into);
    }

    /// Opens the list of messages.
    pub fn show_messages(&mut self) {
        self.messages_open = true;
    }

    /// Turns the enroll screen to its open questions.
    pub fn show_questions(&mut self) {
        self.enroll.show_questions();
    }

    /// Turns the enroll screen to the photos whose files are gone.
    pub fn show_missing(&mut self) {
        self.enroll.show_missing();
    }

    /// Opens the list of shortcuts.
    pub fn show_help(&mut self) {
        self.help_open = true;
    }

    /// Opens file dialogs with `picker` in place of the system's.
    pub fn with_picker(mut self, picker: super::Picker) -> Self {
        self.dialogs.set_picker(picker);
        self
    }

    pub fn preferences(&self) -> Preferences {
        Preferences {
            subjects_from_folders: self.enroll.subjects_from_folders,
            crop_side: self.enroll.grid.crop_side,
            compare_faces: self.search.compare.frame_faces,
        }
    }

    pub fn set_preferences(&mut self, preferences: &Preferences) {
        self.enroll.subjects_from_folders = preferences.subjects_from_folders;
        if preferences.crop_side.is_finite() {
            self.enroll.grid.crop_side = preferences.crop_side.clamp(64.0, 160.0);
        }
        self.search.compare.frame_faces = preferences.compare_faces;
    }

    /// The texture of a face's crop; asks for the crop where it is not in the cache.
    pub(super) fn crop_texture(&mut self, ctx: &Context, state: &AppState, face: FaceId) -> Option<TextureId> {
        if state.crops.is_wanted(face) {
            self.wanted_crops.push(face);
        }
        self.textures.texture(ctx, state.crops.find(face)?)
    }

    pub(super) fn texture(&mut self, ctx: &Context, picture: &Picture) -> Option<TextureId> {
        self.textures.texture(ctx, picture)
    }

    pub(super) fn take_crop_request(&mut self) -> Option<Command> {
        if self.wanted_crops.is_empty() {
            return None;
        }
        let mut seen = HashSet::new();
        self.wanted_crops.retain(|face| seen.insert(*face));
        Some(Command::Window(WindowCommand::RequestCrops(std::mem::take(&mut self.wanted_crops))))
    }

    /// A message of the window itself, at this time. The same one again replaces the one before.
    pub(super) fn notify(&mut self, level: NoticeLevel, text: impl Into<Telling>, at: i64) {
        let text = text.into();
        /// Nobody reads more of them; beyond it the oldest goes.
        const MOST: usize = 8;
        let before = self.notices.iter().position(|other| other.level == level && other.text == text);
        let times = before.map_or(1, |before| self.notices.remove(before).times.saturating_add(1));
        self.notices.push(Notice { id: self.next_notice, level, text, at, times, undo: None });
        self.next_notice += 1;
        if self.notices.len() > MOST {
            self.notices.remove(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_survive_and_wild_values_do_not() {
        let mut memory = UiMemory::default();
        assert_eq!(memory.preferences(), Preferences::default());
        memory.set_preferences(&Preferences { subjects_from_folders: true, crop_side: 1e9, compare_faces: false });
        let kept = Preferences { subjects_from_folders: true, crop_side: 160.0, compare_faces: false };
        assert_eq!(memory.preferences(), kept);
        memory.set_preferences(&Preferences { crop_side: f32::NAN, ..kept.clone() });
        assert_eq!(memory.preferences(), kept);
    }

    #[test]
    fn a_crop_is_asked_for_once_a_frame() {
        let ctx = Context::default();
        let mut state = AppState::default();
        let mut memory = UiMemory::default();
        for face in [1, 2, 1] {
            assert_eq!(memory.crop_texture(&ctx, &state, FaceId(face)), None);
        }
        let Some(Command::Window(WindowCommand::RequestCrops(faces))) = memory.take_crop_request() else {
            panic!("no request")
        };
        assert_eq!(faces, [FaceId(1), FaceId(2)]);
        state.crops.request(FaceId(1));
        memory.crop_texture(&ctx, &state, FaceId(1));
        assert!(memory.take_crop_request().is_none());
        state.crops.set_missing(FaceId(1));
        memory.crop_texture(&ctx, &state, FaceId(1));
        assert!(memory.take_crop_request().is_none(), "a missing crop is not asked for again");
    }
}
