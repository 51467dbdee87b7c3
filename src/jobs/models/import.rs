use crate::tell;
use std::path::Path;

use super::bytes_below;
use crate::jobs::engine::Engine;
use crate::jobs::work::JobError;
use crate::types::{ImportAnswers, ImportProposal};
use crate::vision::VisionError;
use crate::vision::manifest::{
    Architecture, ChannelOrder, ImportRequest, ModelEntry, ModelManifest, ModelRegistry, input_is_stated,
};

/// Loads a weights file and runs it once to see what it is. Nothing is stored. A file that is a program is only looked
/// at unless `may_run` says that the person has consented: the proposal asks for that then.
///
/// # Errors
/// The file is no model that can be run, in words for a person.
pub fn inspect_weights(file: &Path, may_run: bool) -> Result<ImportProposal, JobError> {
    let request = ImportRequest { may_run_code: may_run, ..ImportRequest::from_file(file) };
    let (manifest, asks_to_run) = match request.proposal(file) {
        Err(VisionError::RunsCode { .. }) => (request.unproven(file)?, true),
        proposal => (proposal?, false),
    };
    let beside = manifest.data_files.iter().map(|name| bytes_below(&file.with_file_name(name)));
    Ok(ImportProposal {
        file: file.to_path_buf(),
        bytes: bytes_below(file) + beside.sum::<u64>(),
        architecture: manifest.architecture.name().to_owned(),
        d: if asks_to_run { 0 } else { manifest.d },
        asks_to_run,
        size: manifest.input.template.size,
        input_is_stated: input_is_stated(file, &manifest),
        answers: answers(&manifest),
    })
}

fn answers(manifest: &ModelManifest) -> ImportAnswers {
    ImportAnswers {
        name: manifest.name.clone(),
        title: manifest.title.clone(),
        licence: manifest.licence.clone(),
        source: manifest.source.clone(),
        threshold: manifest.threshold,
        bgr: manifest.input.channel_order == ChannelOrder::Bgr,
        mean: manifest.input.mean,
        std: manifest.input.std,
    }
}

/// Tests a weights file and takes it over as a model of this gallery.
///
/// # Errors
/// See [`ModelRegistry::import`]; the gallery is open for reading only. Nothing stays behind then.
pub fn import_weights(
    engine: &Engine,
    file: &Path,
    architecture: &str,
    answers: &ImportAnswers,
    may_run: bool,
) -> Result<ModelEntry, JobError> {
    engine.ensure_writable()?;
    let vectors = engine.gallery().embedded_models()?;
    if vectors.iter().any(|model| model.name == answers.name && model.faces > 0)
        && engine.with_models(|models| models.find(&answers.name).is_err())
    {
        return Err(JobError::Failed(tell!("engine-name-taken", name = &answers.name)));
    }
    let known = ImportRequest::from_file(file);
    let request = ImportRequest {
        name: answers.name.clone(),
        title: Some(answers.title.clone()),
        architecture: Architecture::from_name(architecture).or(known.architecture),
        channel_order: Some(if answers.bgr { ChannelOrder::Bgr } else { ChannelOrder::Rgb }),
        mean: Some(answers.mean),
        std: Some(answers.std),
        template: known.template,
        minify: known.minify,
        precision: known.precision,
        licence: Some(answers.licence.clone()),
        source: Some(answers.source.clone()),
        notes: known.notes,
        threshold: Some(answers.threshold),
        may_run_code: may_run,
    };
    // On a list of its own, so that nobody waits for the trial run.
    let mut registry = ModelRegistry::open(&engine.models_dir())?;
    let entry = registry.import(file, &request)?.clone();
    engine.reload_models()?;
    Ok(entry)
}
