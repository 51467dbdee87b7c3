use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{SendTimeoutError, Sender};
use image::RgbImage;

use super::answers::worker;
use super::edits::{Edit, Edits};
use super::search_log::SearchLog;
use super::views::{photo_view_from_analysis, photo_view_from_loaded, record, status};
use crate::app::event::{Event, Found, Probe};
use crate::app::state::{NoticeLevel, Trial};
use crate::jobs::{
    AnalyzedFace, Engine, JobError, JobSink, LatestWorker, Message, SearchQuery, SearchResult, main_face,
};
use crate::store::{PastSearch, Removal};
use crate::types::{DetectorParams, Embedding, FaceId, Settings};

/// Where every thread sends its events: a bounded channel that wakes the window.
#[derive(Clone)]
pub(super) struct EventSink {
    sender: Sender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
    closed: Arc<AtomicBool>,
    /// What is sent is about the model of this number.
    model: Option<u64>,
}

impl EventSink {
    pub(super) fn new(sender: Sender<Event>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { sender, wake, closed: Arc::default(), model: None }
    }

    /// For what is measured on one model and means nothing for another.
    pub(super) fn of_model(&self, model: u64) -> Self {
        Self { model: Some(model), ..self.clone() }
    }

    /// Waits while the window is behind; returns at once when it is gone.
    pub(super) fn send(&self, event: Event) {
        let mut event = match (self.model, event) {
            // What was said to the person, and what is true whatever the model, is passed on as it is.
            (Some(model), event) if event.is_of_model() => Event::OfModel { model, event: Box::new(event) },
            (_, event) => event,
        };
        while !self.closed.load(Ordering::SeqCst) {
            match self.sender.send_timeout(event, Duration::from_millis(50)) {
                Ok(()) => break,
                Err(SendTimeoutError::Timeout(back)) => event = back,
                Err(SendTimeoutError::Disconnected(_)) => return,
            }
            (self.wake)();
        }
        (self.wake)();
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }

    pub(super) fn for_jobs(&self) -> JobSink {
        let sink = self.clone();
        Arc::new(move |id, event| sink.send(Event::Job(id, event)))
    }
}

/// What is to be searched.
pub(super) enum ProbeSource {
    File(PathBuf),
    Image(Arc<RgbImage>),
    Face(FaceId),
}

/// One thread for each kind of request, so that none waits for another kind.
pub(super) struct Workers {
    probe: LatestWorker<(u64, ProbeSource, DetectorParams)>,
    query: LatestWorker<(u64, ProbeEmbedding, SearchQuery)>,
    detail: LatestWorker<FaceId>,
    trial: LatestWorker<(FaceId, DetectorParams)>,
    compare: LatestWorker<(u64, FaceId)>,
    status: LatestWorker<()>,
    subjects: LatestWorker<()>,
    record: LatestWorker<()>,
    removal: LatestWorker<Removal>,
    settings: LatestWorker<Settings>,
    edits: Edits,
    embeddings: Embeddings,
    /// After `query`, which sends to it and must be gone first.
    _past_searches: SearchLog,
}

/// A face of the probe as a model sees it.
#[derive(Clone)]
pub(super) struct ProbeEmbedding {
    /// Of a face of the gallery.
    face: Option<FaceId>,
    pub(super) embedding: Embedding,
    /// The model it is by.
    model: String,
}

/// The faces of the probe with this request number, in the order of the photo.
type Embeddings = Arc<Mutex<(u64, Vec<ProbeEmbedding>)>>;

impl Workers {
    pub(super) fn spawn(engine: &Arc<Engine>, sink: &EventSink) -> std::io::Result<Self> {
        let embeddings = Embeddings::default();
        let known = Arc::clone(&embeddings);
        let past_searches = SearchLog::spawn(engine)?;
        let past = past_searches.sender();
        Ok(Self {
            probe: worker(
                "probe",
                engine,
                sink,
                |(request, ..): &(u64, ProbeSource, DetectorParams)| *request,
                move |engine, (request, source, params)| {
                    let (probe, embeddings) = load_probe(engine, source, &params)?;
                    *known.lock().unwrap_or_else(PoisonError::into_inner) = (request, embeddings);
                    Ok(probe)
                },
                |request, probe| Event::ProbeLoaded { request, probe },
            )?,
            query: worker(
                "query",
                engine,
                sink,
                |(request, ..): &(u64, ProbeEmbedding, SearchQuery)| *request,
                move |engine, (_, probe, query)| search(engine, &probe, &query, past.as_ref()),
                |request, found| Event::Searched { request, found },
            )?,
            detail: worker(
                "detail",
                engine,
                sink,
                |face: &FaceId| *face,
                |engine, face| engine.load_photo(face).map(photo_view_from_loaded),
                |face, photo| Event::DetailLoaded { face, photo },
            )?,
            trial: worker(
                "trial",
                engine,
                sink,
                |(face, _): &(FaceId, DetectorParams)| *face,
                |engine, (face, params)| {
                    let begun = Instant::now();
                    let trace = engine.try_detector(face, &params)?;
                    Ok(Trial { params, trace, millis: begun.elapsed().as_secs_f32() * 1e3 })
                },
                |face, trial| Event::TrialRun { face, trial },
            )?,
            compare: worker(
                "compare",
                engine,
                sink,
                |(request, _): &(u64, FaceId)| *request,
                |engine, (_, face)| engine.load_photo(face).map(photo_view_from_loaded),
                |request, photo| Event::CompareLoaded { request, photo },
            )?,
            status: worker(
                "status",
                engine,
                sink,
                |()| (),
                |engine, ()| status(engine),
                |(), status| status.map_or_else(error_notice, Event::StatusRead),
            )?,
            subjects: worker(
                "subjects",
                engine,
                sink,
                |()| (),
                |engine, ()| Ok(engine.gallery().subjects()?),
                |(), subjects| subjects.map_or_else(error_notice, Event::SubjectsRead),
            )?,
            record: worker(
                "record",
                engine,
                sink,
                |()| (),
                |engine, ()| record(engine),
                |(), record| match record {
                    Ok(record) => Event::RecordRead(Box::new(record)),
                    Err(reason) => Event::RecordUnread(reason),
                },
            )?,
            removal: worker(
                "removal",
                engine,
                sink,
                Removal::clone,
                |engine, removal| Ok(engine.gallery().removal_counts(&removal)?),
                |removal, counts| Event::RemovalCounted { removal, counts },
            )?,
            settings: worker(
                "settings",
                engine,
                sink,
                |_: &Settings| (),
                |engine, settings| engine.save_settings(&settings),
                |(), saved| {
                    let text = |reason| format!("The settings could not be saved ({reason})");
                    saved.err().map(|reason| Event::Notice(NoticeLevel::Warning, text(reason)))
                },
            )?,
            edits: Edits::spawn(engine, sink)?,
            embeddings,
            _past_searches: past_searches,
        })
    }

    pub(super) fn load_probe(&self, request: u64, source: ProbeSource, params: DetectorParams) {
        self.probe.put((request, source, params));
    }

    /// The probe's face at `chosen`, by its id where it is one of the gallery; `None` unless that probe is loaded.
    pub(super) fn probe_embedding(&self, request: u64, chosen: usize, face: Option<FaceId>) -> Option<ProbeEmbedding> {
        let known = self.embeddings.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != request {
            return None;
        }
        // Faces may have left the view since the probe was read.
        match face {
            Some(face) => known.1.iter().find(|embedding| embedding.face == Some(face)).cloned(),
            None => known.1.get(chosen).cloned(),
        }
    }

    pub(super) fn search(&self, request: u64, probe: ProbeEmbedding, query: SearchQuery) {
        self.query.put((request, probe, query));
    }

    pub(super) fn load_detail(&self, face: FaceId) {
        self.detail.put(face);
    }

    pub(super) fn try_detector(&self, face: FaceId, params: DetectorParams) {
        self.trial.put((face, params));
    }

    pub(super) fn load_compare(&self, request: u64, face: FaceId) {
        self.compare.put((request, face));
    }

    pub(super) fn read_status(&self) {
        self.status.put(());
    }

    pub(super) fn read_subjects(&self) {
        self.subjects.put(());
    }

    pub(super) fn read_record(&self) {
        self.record.put(());
    }

    pub(super) fn count_removal(&self, removal: Removal) {
        self.removal.put(removal);
    }

    pub(super) fn save_settings(&self, settings: Settings) {
        self.settings.put(settings);
    }

    /// # Errors
    /// Why it was not taken, in words.
    pub(super) fn edit(&self, edit: Edit) -> Result<(), String> {
        self.edits.put(edit)
    }
}

fn error_notice(reason: String) -> Event {
    Event::Notice(NoticeLevel::Error, reason)
}

/// Searches, and keeps the search where the model that answered is the one that made the probe.
fn search(
    engine: &Engine,
    probe: &ProbeEmbedding,
    query: &SearchQuery,
    past: Option<&Sender<PastSearch>>,
) -> Result<Found, JobError> {
    let result = engine.search(query)?;
    if result.model != probe.model {
        return Err(JobError::Failed("the model was changed meanwhile; search this photo again".to_owned()));
    }
    if let Some(past) = past {
        // Where the log is full, one probe less is kept.
        let _ = past.try_send(result.past_search(query));
    }
    let SearchResult { candidates, search_millis: millis, cut_at, passing, .. } = result;
    Ok(Found { candidates, millis, cut_at, passing })
}

/// Passes on what the engine has to tell.
pub(super) fn tell_messages(engine: &Engine, sink: &EventSink) {
    for message in engine.take_messages() {
        sink.send(notice_of(message));
    }
}

pub(super) fn notice_of(message: Message) -> Event {
    match message {
        Message::Info(text) => Event::Notice(NoticeLevel::Info, text),
        Message::Warning(text) => Event::Notice(NoticeLevel::Warning, text),
    }
}

fn load_probe(
    engine: &Engine,
    source: ProbeSource,
    params: &DetectorParams,
) -> Result<(Probe, Vec<ProbeEmbedding>), JobError> {
    let begun = Instant::now();
    let (photo, path) = match source {
        ProbeSource::File(path) => (engine.decode_probe(&path, params)?, Some(path)),
        ProbeSource::Image(image) => (engine.probe_from_pixels(&image, params)?, None),
        ProbeSource::Face(face) => return load_enrolled_probe(engine, face),
    };
    let analysis = engine.analyze(photo, params)?;
    let chosen = main_face(&analysis.faces, analysis.photo.size, |face| face.detection.bbox).map_or(0, |(at, _)| at);
    let made = |face: &AnalyzedFace| ProbeEmbedding {
        face: None,
        embedding: face.embedding.clone(),
        model: analysis.model.clone(),
    };
    let embeddings = analysis.faces.iter().map(made).collect();
    let millis = begun.elapsed().as_secs_f32() * 1e3;
    Ok((Probe { photo: photo_view_from_analysis(analysis, path), chosen, millis }, embeddings))
}

/// A face of the gallery as the probe: its photo with every enrolled face, and their stored embeddings.
fn load_enrolled_probe(engine: &Engine, face: FaceId) -> Result<(Probe, Vec<ProbeEmbedding>), JobError> {
    let begun = Instant::now();
    let photo = photo_view_from_loaded(engine.load_photo(face)?);
    let ids: Vec<FaceId> = photo.faces.iter().filter_map(|view| view.id).collect();
    let stored = |id: &FaceId| {
        let (embedding, model) = engine.embedding_and_model_of(*id)?;
        Ok(ProbeEmbedding { face: Some(*id), embedding, model })
    };
    let embeddings = ids.iter().map(stored).collect::<Result<_, JobError>>()?;
    let chosen = ids.iter().position(|id| *id == face).unwrap_or(0);
    Ok((Probe { photo, chosen, millis: begun.elapsed().as_secs_f32() * 1e3 }, embeddings))
}
