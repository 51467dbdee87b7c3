use crate::types::Telling;

/// Something that is being worked out, is there, or could not be had.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Load<T> {
    #[default]
    Nothing,
    Loading,
    Ready(T),
    Failed(Telling),
}

impl<T> Load<T> {
    pub fn ready(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            _ => None,
        }
    }
}

/// What was had, or why it could not be.
pub(in crate::app) fn load_from<T>(result: Result<T, Telling>) -> Load<T> {
    match result {
        Ok(value) => Load::Ready(value),
        Err(reason) => Load::Failed(reason),
    }
}
