//! What becomes of the answers that file dialogs give.

use std::path::PathBuf;

use egui::Context;

use super::Cx;
use super::dialogs::DialogKind;
use crate::app::{EnrollCommand, ModelsCommand, NoticeLevel, ProgramCommand, SearchCommand, TuneCommand};
use crate::say;
use crate::types::{FaceQuery, ProbeSet, TuneSettings};

/// Takes the answer of a dialog that has closed.
pub(super) fn poll(ctx: &Context, cx: &mut Cx<'_>) {
    let Some((kind, answer)) = cx.memory.dialogs.take_answer(ctx) else { return };
    match answer {
        Ok(paths) if paths.is_empty() => {}
        Ok(mut paths) => match kind {
            DialogKind::EnrollFolders | DialogKind::EnrollPhotos => {
                let subjects_from_folders = cx.memory.enroll.subjects_from_folders;
                cx.push(EnrollCommand::Start { sources: paths, subjects_from_folders });
            }
            DialogKind::ProbePhoto => cx.push(SearchCommand::File(paths.swap_remove(0))),
            DialogKind::ProbeVectors => {
                let probes = ProbeSet::File { path: paths.swap_remove(0) };
                let settings = cx.state.tune.live.settings.clone();
                cx.push(TuneCommand::Change(TuneSettings { probes, ..settings }));
            }
            DialogKind::SaveSweep(format, axes) => {
                let path = with_extension(paths.swap_remove(0), format.extension());
                cx.push(TuneCommand::ExportSweep { path, format, axes });
            }
            DialogKind::DataFolder => cx.push(ProgramCommand::Retry(Some(paths.swap_remove(0)))),
            DialogKind::ImportModel => cx.push(ModelsCommand::InspectWeights(paths.swap_remove(0))),
            DialogKind::FilterFolder => {
                let folder = Some(paths.swap_remove(0));
                cx.push(SearchCommand::SetFilter(FaceQuery { folder, ..cx.state.search.filter.clone() }));
            }
            DialogKind::ListFolder => {
                let folder = Some(paths.swap_remove(0));
                let mut listing = cx.state.list.listing.clone();
                listing.query.folder = folder;
                cx.push(EnrollCommand::List(listing));
            }
        },
        Err(reason) => {
            let text = match kind {
                DialogKind::SaveSweep(..) => say!("intake-dialog-failed-sweep", reason = reason),
                DialogKind::DataFolder => say!("intake-dialog-failed-data", reason = reason),
                DialogKind::FilterFolder | DialogKind::ListFolder => {
                    say!("intake-dialog-failed-folder", reason = reason)
                }
                _ => say!("intake-dialog-failed", reason = reason),
            };
            cx.notify(NoticeLevel::Error, text);
        }
    }
}

/// Dialogs do not add the ending by themselves everywhere.
fn with_extension(mut path: PathBuf, extension: &str) -> PathBuf {
    if path.extension().is_none() {
        path.set_extension(extension);
    }
    path
}
