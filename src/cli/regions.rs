//! Names that other programs know of faces, taken over and told.

mod lines;

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::Context;
use super::line::FilePath;
use super::output::told_together;
use crate::exchange::{FaceRow, Form, Remark, Whom, write_csv};
use crate::files::write_export;
use crate::jobs::{
    ExportRegions, ImportRegions, JobError, Mode, RegionsExported, RegionsImported, RegionsTold, export_sidecars,
    import_regions, import_table, named_faces,
};
use crate::types::Tell;
use crate::{say, tell};
pub(super) use lines::{NamedFaceLine, RegionNameLine, RegionRemarkLine};

/// What stands for every photo of the gallery.
const ALL: &str = "all";

#[derive(Debug, Subcommand)]
pub enum RegionsAction {
    /// Name faces after the face regions in and beside their photos, or after a table
    ///
    /// Read are XMP regions of the Metadata Working Group, Microsoft Photo and ACDSee, in photos and in sidecars, and
    /// Picasa's .picasa.ini. A name is given only to a face without one; all other cases are listed. All names are one
    /// change, which `undo` takes back.
    Import(RegionsImportArgs),
    /// List faces with their names, write them as CSV, or tell them in sidecars
    ///
    /// Photos are never written. A sidecar that exists keeps everything else; a new one is photo.jpg.xmp.
    Export(RegionsExportArgs),
}

#[derive(Debug, clap::Args)]
pub struct RegionsImportArgs {
    /// Folder of enrolled photos, or `all` of them
    #[arg(value_name = "DIR|all", required_unless_present = "names", conflicts_with = "names")]
    pub photos: Option<PathBuf>,
    /// Name faces by a table that `regions export` wrote, CSV or JSON lines, instead of regions
    #[arg(long, value_name = "FILE")]
    pub names: Option<PathBuf>,
    /// Picasa's contacts.xml, for names that are not in its folders
    #[arg(long, value_name = "FILE", conflicts_with = "names")]
    pub contacts: Option<PathBuf>,
    /// List what would be named, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Debug, clap::Args)]
pub struct RegionsExportArgs {
    /// Folder of enrolled photos, or `all` of them
    #[arg(value_name = "DIR|all")]
    pub photos: PathBuf,
    /// Write the names as XMP regions into the sidecar of each photo
    #[arg(long)]
    pub sidecars: bool,
    /// With --sidecars: count what would be written, and write nothing
    #[arg(long, requires = "sidecars")]
    pub dry_run: bool,
    /// Write the faces to this CSV file instead of listing them
    #[arg(long, value_name = "FILE", conflicts_with = "sidecars")]
    pub csv: Option<PathBuf>,
}

impl RegionsAction {
    pub(super) fn only_reads(&self) -> bool {
        match self {
            Self::Import(args) => args.dry_run,
            Self::Export(args) => args.dry_run || (!args.sidecars && args.csv.is_none()),
        }
    }
}

pub(super) fn run(context: &Context<'_>, action: &RegionsAction) -> Result<(), JobError> {
    match action {
        RegionsAction::Import(args) => import(context, args),
        RegionsAction::Export(args) if args.sidecars => sidecars(context, args),
        RegionsAction::Export(args) => table(context, args),
    }
}

/// The folder that is meant; `None` for all.
fn folder(photos: &Path) -> Option<PathBuf> {
    (photos != Path::new(ALL)).then(|| photos.to_path_buf())
}

fn import(context: &Context<'_>, args: &RegionsImportArgs) -> Result<(), JobError> {
    let engine = context.open(if args.dry_run { Mode::Read } else { Mode::Write })?;
    let mut hear = |told| hear(context, args.dry_run, told);
    let summary = match &args.names {
        Some(names) => import_table(&engine, names, args.dry_run, &context.control, &mut hear)?,
        None => {
            let request = ImportRegions {
                folder: args.photos.as_deref().and_then(folder),
                contacts: args.contacts.clone(),
                dry_run: args.dry_run,
            };
            import_regions(&engine, &request, &context.control, &mut hear)?
        }
    };
    context.output.end_live();
    context.output.result(&summary, || imported(&summary, args.names.is_some()));
    Ok(())
}

fn hear(context: &Context<'_>, dry_run: bool, told: RegionsTold) {
    match told {
        RegionsTold::Progress(progress) => context.output.progress(&progress),
        RegionsTold::Issue { path, reason } => context.output.issue(&path, &reason),
        RegionsTold::Named { path, face, whom, name } if dry_run => {
            context.output.end_live();
            let subject = if let Whom::Known(subject) = whom { Some(subject) } else { None };
            let line = RegionNameLine { face, photo: path.as_path().into(), name, subject };
            context.output.result(&line, || {
                say!(
                    "regions-would-name",
                    face = face.to_string(),
                    name = &line.name,
                    path = path.display().to_string()
                )
            });
        }
        RegionsTold::Named { .. } => {}
        RegionsTold::Remark { path, remark } => {
            context.output.end_live();
            let line = RegionRemarkLine::new(&path, &remark);
            context.output.result(&line, || {
                say!("regions-remark", what = remark_text(&remark), path = path.display().to_string())
            });
        }
    }
}

fn remark_text(remark: &Remark) -> String {
    match remark {
        Remark::Conflict { face, name, has: Some(has) } => {
            say!("regions-conflict", face = face.to_string(), name = name, has = has)
        }
        Remark::Conflict { face, name, has: None } => say!("regions-nobody", face = face.to_string(), name = name),
        Remark::Rejected { face, name } => say!("regions-rejected", face = face.to_string(), name = name),
        Remark::Contested { face, names } => {
            say!("regions-contested", face = face.to_string(), names = names.join(&say!("cli-comma")))
        }
        Remark::Ambiguous { face, name } => say!("regions-ambiguous", face = face.to_string(), name = name),
        Remark::NoFace { name, .. } => say!("regions-no-face", name = name),
        Remark::OtherPicture { form, applied: [width, height] } => {
            let (width, height) = (width.to_string(), height.to_string());
            say!("regions-other-picture", form = form_text(*form), width = width, height = height)
        }
        Remark::Unclear { form } => say!("regions-unclear", form = form_text(*form)),
        Remark::Unusable { form, regions } => say!("regions-unusable", form = form_text(*form), n = *regions),
    }
}

fn form_text(form: Form) -> String {
    match form {
        Form::Mwg => say!("regions-form-mwg"),
        Form::Microsoft => say!("regions-form-microsoft"),
        Form::Acdsee => say!("regions-form-acdsee"),
        Form::Picasa => say!("regions-form-picasa"),
    }
}

/// Words for a number.
type Counted = fn(u64) -> String;

fn listed(first: String, more: &[(u64, Counted)]) -> String {
    let more = more.iter().filter(|(n, _)| *n > 0).map(|(n, told)| told(*n));
    told_together(&std::iter::once(first).chain(more).collect::<Vec<_>>())
}

fn imported(summary: &RegionsImported, of_table: bool) -> String {
    let faces = say!("faces", n = summary.named);
    let named = match (summary.dry_run, summary.batch) {
        (true, _) => say!("regions-imported-dry", faces = faces),
        (false, Some(batch)) => say!("regions-imported", faces = faces, batch = batch.to_string()),
        (false, None) => say!("regions-imported-nothing"),
    };
    let looked_at: Counted =
        if of_table { |n| say!("regions-of-rows", n = n) } else { |n| say!("regions-of-photos", n = n) };
    listed(
        named,
        &[
            (summary.new_people, |n| say!("regions-new-people", n = n)),
            (summary.already_named, |n| say!("regions-already", n = n)),
            (summary.conflicts, |n| say!("regions-conflicts", n = n)),
            (summary.ambiguous, |n| say!("regions-ambiguous-many", n = n)),
            (summary.without_face, |n| say!("regions-without-face", n = n)),
            (summary.unplaced, |n| say!("regions-unplaced", n = n)),
            (summary.unusable, |n| say!("regions-unusable-many", n = n)),
            (summary.issues, |n| say!("regions-issues", n = n)),
            (summary.with_regions, looked_at),
        ],
    )
}

fn sidecars(context: &Context<'_>, args: &RegionsExportArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let request = ExportRegions { folder: folder(&args.photos), dry_run: args.dry_run };
    let summary = export_sidecars(&engine, &request, &context.control, &mut |told| hear(context, false, told))?;
    context.output.end_live();
    context.output.result(&summary, || exported(&summary));
    Ok(())
}

fn exported(summary: &RegionsExported) -> String {
    let (photos, n) = (say!("photos", n = summary.photos), summary.written);
    let written = match summary.dry_run {
        true => say!("regions-exported-dry", n = n, photos = photos),
        false => say!("regions-exported", n = n, photos = photos),
    };
    listed(
        written,
        &[
            (summary.new_files, |n| say!("regions-new-files", n = n)),
            (summary.added, |n| say!("regions-added", n = n)),
            (summary.renamed, |n| say!("regions-renamed", n = n)),
            (summary.kept, |n| say!("regions-kept", n = n)),
            (summary.issues, |n| say!("regions-issues", n = n)),
        ],
    )
}

/// The faces as lines, or as a CSV file.
fn table(context: &Context<'_>, args: &RegionsExportArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let mut rows: Vec<FaceRow> = Vec::new();
    named_faces(&engine, folder(&args.photos).as_deref(), &context.control, &mut |mut faces| {
        if args.csv.is_some() {
            rows.append(&mut faces.rows);
            return Ok(());
        }
        for row in &faces.rows {
            let line = NamedFaceLine::new(row, faces.photo, &faces.path);
            context.output.result(&line, || {
                let face = row.face.map(|face| face.to_string()).unwrap_or_default();
                let name = row.name.clone().unwrap_or_else(|| say!("cli-identity-not-named"));
                format!("{face:>8}  {name}  {}", faces.path.display())
            });
        }
        Ok(())
    })?;
    let Some(path) = &args.csv else { return Ok(()) };
    let csv = write_csv(&rows).map_err(|error| JobError::Failed(error.telling()))?;
    write_export(path, &csv)
        .map_err(|reason| JobError::Failed(tell!("jobs-about-path", reason = &reason, path = path)))?;
    context.output.result(&FilePath::from(path.as_path()), || {
        say!("regions-table-written", faces = say!("faces", n = rows.len()), path = path.display().to_string())
    });
    Ok(())
}
