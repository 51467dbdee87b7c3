//! The record of who is who as text, and whether it is whole, for tests that compare it.

use super::*;

/// Every row that identity is made of, as text.
pub(super) fn rows(gallery: &Gallery) -> Vec<String> {
    gallery
        .read(|conn| {
            let mut rows = Vec::new();
            for sql in [
                "SELECT 'face', id, subject_id, named_by, gone_at, gone_by, ignored FROM all_faces ORDER BY id",
                "SELECT 'photo', id, path_text, missing_at, gone_at, NULL, NULL FROM all_photos ORDER BY id",
                "SELECT 'subject', id, name, name_key, external_id, cover_face, tags FROM subjects ORDER BY id",
                "SELECT 'alias', id, name_key, subject_id, NULL, NULL, NULL FROM aliases ORDER BY id",
                "SELECT 'question', face_id, old_face, subject_id, answered, NULL, NULL FROM questions ORDER BY face_id",
                "SELECT 'tally', name, n, NULL, NULL, NULL, NULL FROM tallies ORDER BY name",
                "SELECT 'group', id, founded_at, NULL, NULL, NULL, NULL FROM groups ORDER BY id",
                "SELECT 'grouped', face_id, group_id, NULL, NULL, NULL, NULL FROM grouped ORDER BY face_id",
                "SELECT 'size', group_id, n, NULL, NULL, NULL, NULL FROM group_sizes WHERE n > 0 ORDER BY group_id",
                "SELECT 'rejection', id, face_id, subject_id, NULL, NULL, NULL FROM rejections ORDER BY id",
                "SELECT 'apart', id, face_id, other_face, NULL, NULL, NULL FROM apart ORDER BY id",
                "SELECT 'settled', id, subject_id, kind, faces, NULL, NULL FROM settled ORDER BY id",
                "SELECT 'note', id, note, created_at, NULL, NULL, NULL FROM subjects ORDER BY id",
            ] {
                let mut statement = conn.prepare(sql)?;
                let mut found = statement.query([])?;
                while let Some(row) = found.next()? {
                    let text: Vec<_> = (0..7).map(|at| format!("{:?}", row.get::<_, rusqlite::types::Value>(at))).collect();
                    rows.push(text.join(" "));
                }
            }
            Ok(rows)
        })
        .unwrap()
}

/// What `likeness check` finds.
pub(super) fn off(gallery: &Gallery) -> Vec<crate::types::Finding> {
    let mut look = super::Look { is_picture: &|_| true, go_on: &mut |_| true };
    gallery.check(&mut look).unwrap().list
}
