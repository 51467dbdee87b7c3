//! The history in words.

use crate::store::{BatchArgs, BatchKind, BatchRecord};
use crate::tell;
use crate::types::Telling;

/// What a batch did: "named 34 faces Ada".
pub fn words(record: &BatchRecord) -> Telling {
    let BatchArgs {
        name,
        old_names,
        named,
        faces_gone,
        faces_back,
        photos_gone,
        photos_back,
        ignored,
        rejected,
        grouped,
        ..
    } = &record.args;
    let (given, old) = (name.as_deref(), old_names.join(", "));
    let name = given.unwrap_or_default();
    let of = record.of.map_or(0, |batch| batch.0).to_string();
    match record.kind {
        BatchKind::Name if given.is_some() && *named == 0 => tell!("history-confirmed", name = name),
        BatchKind::Name if given.is_some() => tell!("history-named", n = *named, name = name),
        BatchKind::Name if *named == 0 => tell!("history-nameless"),
        BatchKind::Name => tell!("history-unnamed", n = *named),
        BatchKind::Describe if given == Some(&old) => tell!("history-noted", name = name),
        BatchKind::Describe => tell!("history-renamed", old = old, name = name),
        BatchKind::Merge => tell!("history-merged", old = old, name = name, n = *named),
        BatchKind::RemoveFaces => tell!("history-removed-faces", faces = *faces_gone),
        BatchKind::RemovePhotos => tell!("history-removed-photos", photos = *photos_gone, faces = *faces_gone),
        BatchKind::RemoveSubject => tell!("history-removed-subject", name = name, n = *named),
        BatchKind::RestoreFaces => tell!("history-restored-faces", faces = *faces_back),
        BatchKind::RestorePhotos => tell!("history-restored-photos", photos = *photos_back, faces = *faces_back),
        BatchKind::Answer if *named > 0 => tell!("history-still", name = name),
        BatchKind::Answer => tell!("history-not", name = name),
        BatchKind::Reject => tell!("history-rejected", name = name, n = *rejected),
        BatchKind::Ignore => tell!("history-ignored", n = *ignored),
        BatchKind::Notice => tell!("history-noticed", n = *ignored),
        BatchKind::LeaveGroup => tell!("history-left-group", n = *grouped),
        BatchKind::Split if given.is_some() => tell!("history-split", n = *named, old = old, name = name),
        BatchKind::Split => tell!("history-split-unknown", n = *named, old = old),
        BatchKind::Regroup => tell!("history-regrouped", n = *named, name = name),
        BatchKind::Adorn => tell!("history-adorned", name = name),
        BatchKind::Settle => tell!("history-settled", name = name),
        BatchKind::Group => tell!("history-grouped", n = *grouped),
        BatchKind::Enroll => tell!("history-enrolled", what = enrolled(&record.args)),
        BatchKind::Purge => tell!("history-purged", photos = *photos_gone, faces = *faces_gone),
        BatchKind::Undo => tell!("history-undid-number", batch = of),
        BatchKind::Redo => tell!("history-redid-number", batch = of),
    }
}

/// What an enrollment did to the record of who is who, one thing after the other.
fn enrolled(args: &BatchArgs) -> Telling {
    let parts = [
        (args.named > 0).then(|| tell!("history-part-named", n = args.named)),
        (args.moved > 0).then(|| tell!("history-part-moved", n = args.moved)),
        (args.missing > 0).then(|| tell!("history-part-missing", n = args.missing)),
        (args.photos_back > 0).then(|| tell!("history-part-photos-back", n = args.photos_back)),
        (args.faces_back > 0).then(|| tell!("history-part-faces-back", n = args.faces_back)),
        (args.grouped > 0).then(|| tell!("history-part-grouped", n = args.grouped)),
        (args.faces_gone > 0).then(|| tell!("history-part-faces-gone", n = args.faces_gone)),
    ];
    let several = |first: Telling, next: Telling| tell!("several", first = first, next = next);
    parts.into_iter().flatten().reduce(several).unwrap_or_else(|| tell!("history-part-nothing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{BatchState, Source};
    use crate::types::BatchId;

    fn told(kind: BatchKind, args: BatchArgs) -> Telling {
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
    fn batches_are_told_by_code() {
        let named =
            |n, name: Option<&str>| BatchArgs { named: n, name: name.map(str::to_owned), ..BatchArgs::default() };
        assert_eq!(told(BatchKind::Name, named(34, Some("Ada"))), tell!("history-named", n = 34u64, name = "Ada"));
        assert_eq!(told(BatchKind::Name, named(0, Some("Ada"))), tell!("history-confirmed", name = "Ada"));
        assert_eq!(told(BatchKind::Name, named(1, None)), tell!("history-unnamed", n = 1u64));
        assert_eq!(told(BatchKind::Undo, BatchArgs::default()), tell!("history-undid-number", batch = "7"));
        let run = BatchArgs { named: 3, moved: 1, ..BatchArgs::default() };
        let what = tell!(
            "several",
            first = tell!("history-part-named", n = 3u64),
            next = tell!("history-part-moved", n = 1u64)
        );
        assert_eq!(told(BatchKind::Enroll, run), tell!("history-enrolled", what = what));
        let renamed = BatchArgs { name: Some("Ada".into()), old_names: vec!["Eve".into()], ..BatchArgs::default() };
        assert_eq!(told(BatchKind::Describe, renamed), tell!("history-renamed", old = "Eve", name = "Ada"));
    }
}
