use super::FaceQuery;

/// What a list of faces is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FaceOrder {
    /// Enrolled last first.
    #[default]
    Newest,
    /// Photos taken last first; those that do not tell when stand at the end, also where the order is turned.
    Day,
    /// By folder and name of the photo, as paths are ordered.
    Folder,
    /// Worst first: what does not belong shows at once.
    Quality,
}

impl FaceOrder {
    pub const ALL: [Self; 4] = [Self::Newest, Self::Day, Self::Folder, Self::Quality];
}

/// Which faces a list shows, and in what order. Faces that are alike in it stand in the order of enrollment, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FaceListing {
    pub query: FaceQuery,
    pub order: FaceOrder,
    /// The other way round.
    pub is_turned: bool,
}

impl FaceListing {
    /// Every face, newest first.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
