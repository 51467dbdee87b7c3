use rusqlite::params;

use super::{Gallery, StoreError, now_millis};

/// A job that was begun and has no end on record: it is running, or its process was killed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfinishedJob {
    pub id: i64,
    pub kind: String,
    /// What it was asked to do, as its kind wrote it.
    pub request_json: String,
    /// Milliseconds since 1970-01-01 UTC.
    pub begun_at: i64,
}

impl Gallery {
    /// Notes that a job begins, so that the next start can go on with it; returns its id.
    pub fn begin_job(&self, kind: &str, request_json: &str) -> Result<i64, StoreError> {
        self.begin_job_after(&[], kind, request_json)
    }

    /// Begins a job that takes up what `others` left undone. They are closed in the step in which it comes to stand, so
    /// that no kill can lose what was asked for. Of the others, those that have ended are left as they are.
    pub fn begin_job_after(&self, others: &[i64], kind: &str, request_json: &str) -> Result<i64, StoreError> {
        self.write(|tx| {
            let now = now_millis();
            let mut close = tx.prepare_cached(
                "UPDATE jobs SET ended_at = ?2, outcome = 'superseded' WHERE id = ?1 AND ended_at IS NULL",
            )?;
            for other in others {
                close.execute(params![other, now])?;
            }
            let mut statement = tx.prepare_cached("INSERT INTO jobs (kind, request, begun_at) VALUES (?1, ?2, ?3)")?;
            Ok(statement.insert(params![kind, request_json, now])?)
        })
    }

    /// # Errors
    /// [`StoreError::NoSuchJob`] where it has ended before or never began.
    pub fn end_job(&self, id: i64, outcome: &str) -> Result<(), StoreError> {
        self.write(|tx| {
            let mut statement =
                tx.prepare_cached("UPDATE jobs SET ended_at = ?2, outcome = ?3 WHERE id = ?1 AND ended_at IS NULL")?;
            match statement.execute(params![id, now_millis(), outcome])? {
                0 => Err(StoreError::NoSuchJob(id)),
                _ => Ok(()),
            }
        })
    }

    /// Oldest first.
    pub fn unfinished_jobs(&self) -> Result<Vec<UnfinishedJob>, StoreError> {
        self.read(|conn| {
            let mut statement =
                conn.prepare_cached("SELECT id, kind, request, begun_at FROM jobs WHERE ended_at IS NULL ORDER BY id")?;
            let jobs = statement.query_map([], |row| {
                Ok(UnfinishedJob {
                    id: row.get(0)?,
                    kind: row.get(1)?,
                    request_json: row.get(2)?,
                    begun_at: row.get(3)?,
                })
            })?;
            Ok(jobs.collect::<Result<_, _>>()?)
        })
    }
}
