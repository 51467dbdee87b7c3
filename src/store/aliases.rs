use super::{Gallery, StoreError};
use crate::types::SubjectId;

impl Gallery {
    /// Keys of the names that subjects had before, as [`crate::types::name_key`] makes them, in the order of their making.
    pub fn aliases(&self) -> Result<Vec<(String, SubjectId)>, StoreError> {
        self.read(|conn| {
            let mut statement = conn.prepare_cached("SELECT name_key, subject_id FROM aliases ORDER BY id")?;
            let aliases = statement.query_map([], |row| Ok((row.get(0)?, SubjectId(row.get(1)?))))?;
            Ok(aliases.collect::<Result<_, _>>()?)
        })
    }
}
