//! The history in words.

use crate::store::{BatchArgs, BatchKind, BatchRecord};
use crate::types::count;

/// What a batch did, as a sentence goes on after its time and actor: "named 34 faces Ada".
pub fn words(record: &BatchRecord) -> String {
    let BatchArgs { name, old_names, named, faces_gone, faces_back, photos_gone, photos_back, moved, missing } =
        &record.args;
    let name = name.as_deref();
    let old = old_names.join(", ");
    match record.kind {
        BatchKind::Name => match name {
            Some(name) if *named == 0 => format!("confirmed {name}"),
            Some(name) => format!("named {} {name}", count(*named, "face")),
            None if *named == 0 => "said that faces without a name are to have none".to_owned(),
            None => format!("took the name from {}", count(*named, "face")),
        },
        BatchKind::Describe => match name {
            Some(name) if old == name => format!("noted something about {name}"),
            name => format!("renamed {old} to {}", name.unwrap_or_default()),
        },
        BatchKind::Merge => {
            format!("merged {old} into {} ({})", name.unwrap_or_default(), count(*named, "face"))
        }
        BatchKind::RemoveFaces => format!("took out {}", count(*faces_gone, "face")),
        BatchKind::RemovePhotos => {
            format!("took out {} with {}", count(*photos_gone, "photo"), count(*faces_gone, "face"))
        }
        BatchKind::RemoveSubject => {
            format!("removed the person {} ({})", name.unwrap_or_default(), count(*named, "face"))
        }
        BatchKind::RestoreFaces => format!("brought back {}", count(*faces_back, "face")),
        BatchKind::RestorePhotos => {
            format!("brought back {} with {}", count(*photos_back, "photo"), count(*faces_back, "face"))
        }
        BatchKind::Answer if *named > 0 => format!("said that it is still {}", name.unwrap_or_default()),
        BatchKind::Answer => format!("said that it is not {}", name.unwrap_or_default()),
        BatchKind::Enroll => {
            let parts = [
                (*named, "named", "face"),
                (*moved, "followed", "moved photo"),
                (*missing, "missed", "photo"),
                (*photos_back, "brought back", "photo"),
                (*faces_back, "found again", "face"),
                (*faces_gone, "no longer found", "face"),
            ];
            let told: Vec<String> = parts
                .into_iter()
                .filter(|(n, ..)| *n > 0)
                .map(|(n, verb, noun)| format!("{verb} {}", count(n, noun)))
                .collect();
            let told = if told.is_empty() { "changed nothing of names".to_owned() } else { told.join(", ") };
            format!("enrollment: {told}")
        }
        BatchKind::Purge => {
            format!("deleted for ever {} and {}", count(*photos_gone, "photo"), count(*faces_gone, "face"))
        }
        BatchKind::Undo => format!("undid change {}", record.of.map_or(0, |batch| batch.0)),
        BatchKind::Redo => format!("redid change {}", record.of.map_or(0, |batch| batch.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{BatchState, Source};
    use crate::types::BatchId;

    fn told(kind: BatchKind, args: BatchArgs) -> String {
        words(&BatchRecord {
            id: BatchId(1),
            at: 0,
            actor: "ada".into(),
            source: Source::Person,
            kind,
            args,
            state: BatchState::Done,
            of: Some(BatchId(7)),
        })
    }

    #[test]
    fn batches_are_told_in_words() {
        let named =
            |n, name: Option<&str>| BatchArgs { named: n, name: name.map(str::to_owned), ..BatchArgs::default() };
        assert_eq!(told(BatchKind::Name, named(34, Some("Ada"))), "named 34 faces Ada");
        assert_eq!(told(BatchKind::Name, named(1, Some("Ada"))), "named 1 face Ada");
        assert_eq!(told(BatchKind::Name, named(1, None)), "took the name from 1 face");
        assert_eq!(told(BatchKind::Undo, BatchArgs::default()), "undid change 7");
        let run = BatchArgs { named: 3, moved: 1, ..BatchArgs::default() };
        assert_eq!(told(BatchKind::Enroll, run), "enrollment: named 3 faces, followed 1 moved photo");
        let renamed = BatchArgs { name: Some("Ada".into()), old_names: vec!["Eve".into()], ..BatchArgs::default() };
        assert_eq!(told(BatchKind::Describe, renamed), "renamed Eve to Ada");
    }
}
