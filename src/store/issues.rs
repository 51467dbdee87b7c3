use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::os_path::{bytes_from_path, path_from_bytes, text_from_path};
use super::{Gallery, StoreError, now_millis};
use crate::types::{PhotoId, Telling};

/// A photo that could not be enrolled. It goes away when the photo is enrolled after all.
#[derive(Clone, Debug, PartialEq)]
pub struct IssueRecord {
    pub path: PathBuf,
    /// Why; of a gallery of before there were codes, as English text.
    pub reason: Telling,
    /// What sort of trouble, a word for programs: "photo" where nothing closer was said.
    pub kind: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// What was asked for when it was met, as the enrollment wrote it, without sources; `None` where that is not known.
    pub request: Option<String>,
}

impl Gallery {
    /// Replaces an earlier issue of the same path.
    pub fn record_issue(&self, path: &Path, reason: impl Into<Telling>) -> Result<(), StoreError> {
        self.record_issue_of_kind(path, "photo", reason)
    }

    pub fn record_issue_of_kind(&self, path: &Path, kind: &str, reason: impl Into<Telling>) -> Result<(), StoreError> {
        self.record_issue_from(path, kind, reason, None)
    }

    /// With what was asked for, so that a retry asks for the same.
    pub fn record_issue_from(
        &self,
        path: &Path,
        kind: &str,
        reason: impl Into<Telling>,
        request: Option<&str>,
    ) -> Result<(), StoreError> {
        let reason = reason.into();
        self.write(|tx| record(tx, path, kind, &reason, request))
    }

    /// Does nothing where the path has no issue.
    pub fn clear_issue(&self, path: &Path) -> Result<(), StoreError> {
        self.write(|tx| clear(tx, &bytes_from_path(path)))
    }

    /// Newest first.
    pub fn issues(&self) -> Result<Vec<IssueRecord>, StoreError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT path, reason, kind, at, request FROM issues ORDER BY at DESC, path")?;
            let issues = statement.query_map([], issue_from_row)?;
            Ok(issues.collect::<Result<_, _>>()?)
        })
    }

    /// The issue of a path.
    pub fn issue(&self, path: &Path) -> Result<Option<IssueRecord>, StoreError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT path, reason, kind, at, request FROM issues WHERE path = ?1")?;
            Ok(statement.query_row([bytes_from_path(path)], issue_from_row).optional()?)
        })
    }
}

fn issue_from_row(row: &Row<'_>) -> rusqlite::Result<IssueRecord> {
    let path = path_from_bytes(row.get_ref(0)?.as_blob()?);
    Ok(IssueRecord {
        path,
        reason: reason_from_text(row.get_ref(1)?.as_str()?),
        kind: row.get(2)?,
        at: row.get(3)?,
        request: row.get(4)?,
    })
}

/// A code with what it speaks of, or the sentence of a version before there were codes.
fn reason_from_text(text: &str) -> Telling {
    serde_json::from_str(text).unwrap_or_else(|_| Telling::phrase(text))
}

fn text_from_reason(reason: &Telling) -> String {
    serde_json::to_string(reason).unwrap_or_else(|_| reason.plain())
}

/// See [`Gallery::record_issue_from`].
pub(super) fn record(
    conn: &Connection,
    path: &Path,
    kind: &str,
    reason: &Telling,
    request: Option<&str>,
) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO issues (path, path_text, kind, reason, at, request) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (path) DO UPDATE SET kind = excluded.kind, reason = excluded.reason, at = excluded.at,
             request = coalesce(excluded.request, request)",
    )?
    .execute(params![
        bytes_from_path(path),
        text_from_path(path),
        kind,
        text_from_reason(reason),
        now_millis(),
        request
    ])?;
    Ok(())
}

/// Who takes a photo out is done with its issue, which tells of nothing in the gallery any more. So that it is not lost to
/// who brings the photo back, that one is to be enrolled anew then. Returns the path; `None` for a photo that is there, or
/// has no issue, or left its place to another one.
pub(super) fn clear_of_gone(conn: &Connection, photo: PhotoId) -> Result<Option<PathBuf>, StoreError> {
    let mut statement = conn.prepare_cached(
        "DELETE FROM issues WHERE path = (SELECT path FROM all_photos WHERE id = ?1 AND gone_at IS NOT NULL)
             AND NOT EXISTS (SELECT 1 FROM photos p WHERE p.path = issues.path AND p.missing_at IS NULL)
         RETURNING path",
    )?;
    let path = statement.query_row([photo.0], |row| Ok(path_from_bytes(row.get_ref(0)?.as_blob()?))).optional()?;
    if path.is_some() {
        conn.prepare_cached("UPDATE all_photos SET params_digest = '' WHERE id = ?1")?.execute([photo.0])?;
    }
    Ok(path)
}

pub(super) fn clear(conn: &Connection, path: &[u8]) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM issues WHERE path = ?1")?.execute([path])?;
    Ok(())
}
