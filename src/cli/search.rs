use super::shared::{DetectorArgs, parse_score};
use crate::words::english;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Serialize;

use super::Context;
use super::identity::subject_from_text;
use super::line::{FolderPath, PhotoPath, ProbePath};
use super::output::{note, padded};
use super::photos::{FoundFace, analyze_file};
use crate::jobs::{Engine, JobError, MAX_IN_RANGE, Mode, SearchQuery, SearchResult, main_face};
use crate::say;
use crate::types::{Embedding, FaceId, FaceQuery, SubjectId, SubjectName};

#[derive(Debug, clap::Args)]
pub struct SearchArgs {
    /// Several photos are searched together, which is quicker than one after the other
    #[arg(value_name = "PHOTO", required = true)]
    pub photos: Vec<PathBuf>,
    /// Candidates for each face, at most
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub k: u32,
    /// Leave out candidates that score below this (inclusive, −1…1); without it the k best are shown, and those
    /// below the model's own threshold are marked
    #[arg(long, allow_negative_numbers = true, value_parser = parse_score)]
    pub threshold: Option<f32>,
    /// All faces at or above the threshold instead of the k best, at most 10,000 for each face searched; without
    /// --threshold the model's own holds
    #[arg(long, conflicts_with = "k")]
    pub range: bool,
    #[command(flatten)]
    pub filter: FilterArgs,
    #[command(flatten)]
    pub detector: DetectorArgs,
}

/// Which faces may be candidates.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Filter")]
pub struct FilterArgs {
    /// Only faces of this person; may be given several times
    #[arg(long, value_name = "NAME")]
    pub subject: Vec<String>,
    /// Only faces that have a name
    #[arg(long)]
    pub named: bool,
    /// Only faces that have no name; with --subject those as well
    #[arg(long)]
    pub unnamed: bool,
    /// Only photos taken on this day or later, as in 2019-07-03; photos that do not tell their day are left out
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Only photos taken on this day or earlier
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Only photos in this folder or below it
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}

/// Probes that are searched at once, at most.
const BATCH: usize = 1024;
/// Candidates of one batch, at most: they are all in memory until they are printed.
const CANDIDATES: usize = 1_000_000;

/// A face of a probe and its candidates.
#[derive(Debug, JsonSchema, Serialize)]
pub(super) struct SearchLine {
    #[serde(flatten)]
    probe: ProbePath,
    /// The face's place among the faces of its photo, from 0.
    probe_face: usize,
    /// The face that the photo is about: large and central. One face of each photo is.
    main: bool,
    /// What of the probe's file was not read, or not as it should be.
    partly_read: Option<String>,
    model: String,
    /// From which on a candidate counts as the same person, inclusive.
    threshold: f32,
    /// Faces that were searched among.
    ntotal: usize,
    /// Which faces could be candidates, where that was limited.
    filter: Option<FilterLine>,
    /// Faces that pass the filter, where there is one.
    faces_passing: Option<usize>,
    search_millis: f32,
    /// More faces reach the threshold than these best ones.
    cut_at: Option<usize>,
    /// A range search by an index that does not compare every face: some above the threshold may be missing.
    may_be_incomplete: bool,
    /// Best first.
    candidates: Vec<CandidateLine>,
    #[serde(flatten)]
    face: FoundFace,
}

/// What the filter flags said.
#[derive(Debug, JsonSchema, Serialize)]
struct FilterLine {
    /// Numbers of people.
    subjects: Vec<SubjectId>,
    named: bool,
    unnamed: bool,
    /// YYYY-MM-DD, inclusive.
    taken_from: Option<String>,
    taken_to: Option<String>,
    #[serde(flatten)]
    folder: Option<FolderPath>,
}

#[derive(Debug, JsonSchema, Serialize)]
struct CandidateLine {
    /// From 1.
    rank: usize,
    face: FaceId,
    subject: Option<SubjectName>,
    /// Cosine, −1…1.
    score: f32,
    above_threshold: bool,
    #[serde(flatten)]
    photo: PhotoPath,
    /// In the camera's local time, where the photo tells it.
    taken_at: Option<String>,
    /// The photo's file was found to be gone.
    missing: bool,
    /// The candidate is on the photo that is searched for.
    is_probe_photo: bool,
}

impl From<&FaceQuery> for FilterLine {
    fn from(query: &FaceQuery) -> Self {
        Self {
            subjects: query.subjects.clone(),
            named: query.named,
            unnamed: query.unnamed,
            taken_from: query.taken_from.clone(),
            taken_to: query.taken_to.clone(),
            folder: query.folder.as_deref().map(FolderPath::from),
        }
    }
}

/// A face to search.
struct Probe {
    photo: PathBuf,
    /// Its place among the faces of its photo, from 0.
    at: usize,
    is_main: bool,
    partly_read: Option<String>,
    face: FoundFace,
    embedding: Embedding,
}

/// One object for each face on the probes, best candidates first. A photo that cannot be read is listed with the
/// reason; where none can, the run fails.
pub(super) fn run(context: &Context<'_>, args: &SearchArgs) -> Result<(), JobError> {
    let engine = context.open(Mode::Read)?;
    let params = context.detector(&engine, &args.detector)?;
    let filter = filter_from_args(&engine, &args.filter)?;
    if let Some(filter) = &filter {
        engine.check_filter(filter)?;
    }
    let wanted = if args.range { MAX_IN_RANGE } else { args.k as usize };
    let batch = (CANDIDATES / wanted).clamp(1, BATCH);
    let (mut probes, mut read, mut failure) = (Vec::new(), 0, None);
    for path in &args.photos {
        context.control.checkpoint()?;
        match analyze_file(&engine, path, &params) {
            Ok(analysis) => {
                read += 1;
                if analysis.faces.is_empty() {
                    note(&say!("cli-no-face", path = path.display().to_string()));
                }
                let main =
                    main_face(&analysis.faces, analysis.photo.size, |face| face.detection.bbox).map(|(at, _)| at);
                probes.extend(analysis.faces.into_iter().enumerate().map(|(at, face)| Probe {
                    photo: path.clone(),
                    at,
                    is_main: main == Some(at),
                    partly_read: analysis.photo.notice.as_ref().map(english),
                    face: FoundFace::from(&face),
                    embedding: face.embedding,
                }));
            }
            Err(JobError::Photo { reason, path }) if args.photos.len() > 1 => {
                context.output.issue(&path, &reason);
                failure = Some(JobError::Photo { reason, path });
            }
            Err(error) => return Err(error),
        }
        while probes.len() >= batch {
            let rest = probes.split_off(batch);
            search(context, &engine, args, filter.as_ref(), &std::mem::replace(&mut probes, rest))?;
        }
    }
    search(context, &engine, args, filter.as_ref(), &probes)?;
    match failure {
        Some(error) if read == 0 => Err(error),
        _ => Ok(()),
    }
}

/// `None` where no flag limits anything.
fn filter_from_args(engine: &Engine, args: &FilterArgs) -> Result<Option<FaceQuery>, JobError> {
    let query = FaceQuery {
        subjects: args.subject.iter().map(|text| subject_from_text(engine, text)).collect::<Result<_, _>>()?,
        named: args.named,
        unnamed: args.unnamed,
        taken_from: args.from.clone(),
        taken_to: args.to.clone(),
        folder: args.folder.clone(),
        ..FaceQuery::default()
    };
    Ok((!query.is_empty()).then_some(query))
}

fn search(
    context: &Context<'_>,
    engine: &Engine,
    args: &SearchArgs,
    filter: Option<&FaceQuery>,
    probes: &[Probe],
) -> Result<(), JobError> {
    let manifest = engine.manifest();
    // Without a word about it, a range ends where the model takes two faces for one person; the k best do not.
    let lowest = args.threshold.unwrap_or(if args.range { manifest.threshold } else { -1.0 });
    let threshold = args.threshold.unwrap_or(manifest.threshold);
    let query = |probe: &Probe| SearchQuery {
        embedding: probe.embedding.clone(),
        exclude: None,
        k: args.k as usize,
        threshold: lowest,
        filter: filter.cloned(),
        range: args.range,
    };
    let queries: Vec<SearchQuery> = probes.iter().map(query).collect();
    let results = engine.search_batch(&queries)?;
    let ntotal = engine.ntotal();
    for (probe, found) in probes.iter().zip(&results) {
        let line = SearchLine {
            probe: probe.photo.as_path().into(),
            probe_face: probe.at,
            main: probe.is_main,
            partly_read: probe.partly_read.clone(),
            model: found.model.clone(),
            threshold,
            ntotal,
            filter: filter.map(FilterLine::from),
            faces_passing: found.passing,
            search_millis: found.search_millis,
            cut_at: found.cut_at,
            may_be_incomplete: found.may_be_incomplete,
            candidates: candidate_lines(found, threshold, &probe.photo),
            face: probe.face.clone(),
        };
        context.output.result(&line, || face_text(&line));
    }
    let past: Vec<_> = queries.iter().zip(&results).map(|(query, result)| result.past_search(query)).collect();
    engine.record_searches(&past);
    Ok(())
}

fn candidate_lines(found: &SearchResult, threshold: f32, probe: &Path) -> Vec<CandidateLine> {
    let probe = probe.canonicalize().unwrap_or_else(|_| probe.to_path_buf());
    let candidate = |candidate: &crate::jobs::Candidate| CandidateLine {
        rank: candidate.rank,
        face: candidate.face,
        subject: candidate.subject.clone(),
        score: candidate.score,
        above_threshold: candidate.score >= threshold,
        photo: candidate.photo.as_path().into(),
        taken_at: candidate.taken_at.clone(),
        missing: candidate.missing,
        is_probe_photo: candidate.photo == probe,
    };
    found.candidates.iter().map(candidate).collect()
}

fn face_text(line: &SearchLine) -> String {
    let [left, top, ..] = line.face.bbox;
    let among = match line.faces_passing {
        Some(passing) => say!("cli-among-passing", passing = passing, faces = say!("faces", n = line.ntotal)),
        None => say!("faces", n = line.ntotal),
    };
    let (n, at, photo) = (line.probe_face + 1, format!("{left:.0},{top:.0}"), line.probe.probe.as_str());
    let (millis, threshold) = (format!("{:.2}", line.search_millis), format!("{:.3}", line.threshold));
    let mut text = if line.main {
        say!("cli-search-main", n = n, at = at, photo = photo, among = among, millis = millis, threshold = threshold)
    } else {
        say!("cli-search-face", n = n, at = at, photo = photo, among = among, millis = millis, threshold = threshold)
    };
    let mut add = |told: String| text.push_str(&format!("\n  {told}"));
    if line.faces_passing == Some(0) {
        add(say!("cli-search-none-passes"));
    } else if line.candidates.is_empty() {
        add(say!("cli-search-none"));
    }
    for candidate in &line.candidates {
        let named = candidate.subject.as_ref().map(|subject| subject.name.clone());
        let name = named.unwrap_or_else(|| say!("cli-search-no-name"));
        let itself = if candidate.is_probe_photo { format!("  {}", say!("cli-search-itself")) } else { String::new() };
        text.push_str(&format!(
            "\n{} {:>3}  {:.3}  {} {}{}",
            if candidate.above_threshold { ' ' } else { '-' },
            candidate.rank,
            candidate.score,
            padded(&name, 24),
            candidate.photo.photo,
            itself,
        ));
    }
    if let Some(shown) = line.cut_at {
        text.push_str(&format!("\n  {}", say!("cli-search-cut", n = shown)));
    }
    if line.may_be_incomplete {
        text.push_str(&format!("\n  {}", say!("cli-search-may-miss")));
    }
    text
}
