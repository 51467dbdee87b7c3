use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::{FilterArgs, SearchArgs};
use super::identity::subject_from_text;
use super::photos::{analyze_file, face_json};
use super::{Context, lossy};
use crate::jobs::{Engine, JobError, MAX_IN_RANGE, Mode, SearchQuery, SearchResult};
use crate::types::{Embedding, FaceQuery};

/// Probes that are searched at once, at most.
const BATCH: usize = 1024;
/// Candidates of one batch, at most: they are all in memory until they are printed.
const CANDIDATES: usize = 1_000_000;

/// A face to search.
struct Probe {
    photo: PathBuf,
    /// Its place among the faces of its photo, from 0.
    at: usize,
    face: Value,
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
                    eprintln!("no face was found on {}", path.display());
                }
                probes.extend(analysis.faces.into_iter().enumerate().map(|(at, face)| Probe {
                    photo: path.clone(),
                    at,
                    face: face_json(&face),
                    embedding: face.embedding,
                }));
            }
            Err(JobError::Photo { reason, path }) if args.photos.len() > 1 => {
                let issue = json!({ "probe": lossy(&path), "issue": reason.to_string() });
                context.output.result(&issue, issue_text);
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
        let mut object = json!({
            "probe": lossy(&probe.photo),
            "probe_face": probe.at,
            "model": manifest.name,
            "threshold": threshold,
            "ntotal": ntotal,
            "filter": filter,
            "faces_passing": found.passing,
            "search_millis": found.search_millis,
            "cut_at": found.cut_at,
            "candidates": candidates_json(found, threshold, &probe.photo),
        });
        if let (Value::Object(object), Value::Object(face)) = (&mut object, &probe.face) {
            object.extend(face.clone());
        }
        context.output.result(&object, face_text);
    }
    let past: Vec<_> = queries.iter().zip(&results).map(|(query, result)| result.past_search(query)).collect();
    engine.record_searches(&past);
    Ok(())
}

fn candidates_json(found: &SearchResult, threshold: f32, probe: &Path) -> Vec<Value> {
    let probe = probe.canonicalize().unwrap_or_else(|_| probe.to_path_buf());
    let candidate = |candidate: &crate::jobs::Candidate| {
        json!({
            "rank": candidate.rank,
            "face": candidate.face,
            "subject": candidate.subject,
            "score": candidate.score,
            "above_threshold": candidate.score >= threshold,
            "photo": lossy(&candidate.photo),
            "taken_at": candidate.taken_at,
            "missing": candidate.missing,
            "is_probe_photo": candidate.photo == probe,
        })
    };
    found.candidates.iter().map(candidate).collect()
}

fn issue_text(object: &Value) -> String {
    let text = |key: &str| object[key].as_str().unwrap_or_default();
    format!("{}: issue: {}", text("probe"), text("issue"))
}

fn face_text(object: &Value) -> String {
    let edge = |at: usize| object["bbox"][at].as_f64().unwrap_or_default();
    let among = match object["faces_passing"].as_u64() {
        Some(passing) => format!("{passing} of {} faces", object["ntotal"]),
        None => format!("{} faces", object["ntotal"]),
    };
    let mut text = format!(
        "Face {} at {:.0},{:.0} of {}, searched among {among} in {:.2} ms; threshold {:.3}",
        object["probe_face"].as_u64().unwrap_or_default() + 1,
        edge(0),
        edge(1),
        object["probe"].as_str().unwrap_or_default(),
        object["search_millis"].as_f64().unwrap_or_default(),
        object["threshold"].as_f64().unwrap_or_default(),
    );
    let candidates = object["candidates"].as_array().map(Vec::as_slice).unwrap_or_default();
    if object["faces_passing"] == 0 {
        text.push_str("\n  no face passes the filter");
    } else if candidates.is_empty() {
        text.push_str("\n  no candidates");
    }
    for candidate in candidates {
        let mark = if candidate["above_threshold"] == true { ' ' } else { '-' };
        text.push_str(&format!(
            "\n{mark} {:>3}  {:.3}  {:<24} {}{}",
            candidate["rank"],
            candidate["score"].as_f64().unwrap_or_default(),
            candidate["subject"]["name"].as_str().unwrap_or("(no name)"),
            candidate["photo"].as_str().unwrap_or_default(),
            if candidate["is_probe_photo"] == true { "  (the probe itself)" } else { "" },
        ));
    }
    if let Some(shown) = object["cut_at"].as_u64() {
        text.push_str(&format!("\n  more than {shown} faces reach the threshold; these are the best of them"));
    }
    text
}
