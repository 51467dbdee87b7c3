use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{SendTimeoutError, Sender};
use image::RgbImage;

use super::search_log::SearchLog;
use super::views::{photo_view_from_analysis, photo_view_from_loaded, status};
use crate::app::event::{Event, Found, Probe};
use crate::app::state::{NoticeLevel, Trial};
use crate::jobs::{
    Engine, JobError, JobSink, LatestWorker, Message, SearchQuery, SearchResult, main_face, panic_message,
};
use crate::store::{Change, Naming};
use crate::types::{DetectorParams, Embedding, FaceId, Settings};

/// Where every thread sends its events: a bounded channel that wakes the window.
#[derive(Clone)]
pub(super) struct EventSink {
    sender: Sender<Event>,
    wake: Arc<dyn Fn() + Send + Sync>,
    closed: Arc<AtomicBool>,
}

impl EventSink {
    pub(super) fn new(sender: Sender<Event>, wake: Arc<dyn Fn() + Send + Sync>) -> Self {
        Self { sender, wake, closed: Arc::default() }
    }

    /// Waits while the window is behind; returns at once when it is gone.
    pub(super) fn send(&self, mut event: Event) {
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
    query: LatestWorker<(u64, SearchQuery)>,
    detail: LatestWorker<FaceId>,
    trial: LatestWorker<(FaceId, DetectorParams)>,
    compare: LatestWorker<(u64, FaceId)>,
    status: LatestWorker<()>,
    subjects: LatestWorker<()>,
    settings: LatestWorker<Settings>,
    edits: Sender<Edit>,
    embeddings: Embeddings,
    /// After `query`, which sends to it and must be gone first.
    _past_searches: SearchLog,
}

/// Changes that must all happen, in order.
enum Edit {
    Name { face: FaceId, subject: Option<String> },
    ShowInFolder(PathBuf),
}

/// The embeddings of the probe with this request number.
type Embeddings = Arc<Mutex<(u64, Vec<Embedding>)>>;

impl Workers {
    pub(super) fn spawn(engine: &Arc<Engine>, sink: &EventSink) -> std::io::Result<Self> {
        let embeddings = Embeddings::default();
        let known = Arc::clone(&embeddings);
        let past_searches = SearchLog::spawn(engine)?;
        let past = past_searches.sender();
        Ok(Self {
            probe: worker("probe", engine, sink, move |engine, (request, source, params)| {
                let probe = load_probe(engine, source, &params).map(|(probe, embeddings)| {
                    *known.lock().unwrap_or_else(PoisonError::into_inner) = (request, embeddings);
                    probe
                });
                Event::ProbeLoaded { request, probe: words(probe) }
            })?,
            query: worker("query", engine, sink, move |engine, (request, query): (u64, SearchQuery)| {
                let found = engine.search(&query).map(|result| {
                    if let Some(past) = &past {
                        // Where the log is full, one probe less is kept.
                        let _ = past.try_send(engine.past_search(&query, &result));
                    }
                    let SearchResult { candidates, search_millis: millis, cut_at, passing } = result;
                    Found { candidates, millis, cut_at, passing }
                });
                Event::Searched { request, found: words(found) }
            })?,
            detail: worker("detail", engine, sink, |engine, face| {
                let photo = engine.load_photo(face).map(photo_view_from_loaded);
                Event::DetailLoaded { face, photo: words(photo) }
            })?,
            trial: worker("trial", engine, sink, |engine, (face, params): (FaceId, DetectorParams)| {
                let begun = Instant::now();
                let trace = engine.try_detector(face, &params);
                let millis = begun.elapsed().as_secs_f32() * 1e3;
                Event::TrialRun { face, trial: words(trace.map(|trace| Trial { params, trace, millis })) }
            })?,
            compare: worker("compare", engine, sink, |engine, (request, face)| {
                let photo = engine.load_photo(face).map(photo_view_from_loaded);
                Event::CompareLoaded { request, photo: words(photo) }
            })?,
            status: worker("status", engine, sink, |engine, ()| match status(engine) {
                Ok(status) => Event::StatusRead(status),
                Err(error) => Event::Notice(NoticeLevel::Error, error.to_string()),
            })?,
            subjects: worker("subjects", engine, sink, |engine, ()| match engine.gallery().subjects() {
                Ok(subjects) => Event::SubjectsRead(subjects),
                Err(error) => Event::Notice(NoticeLevel::Error, error.to_string()),
            })?,
            settings: settings_worker(engine, sink)?,
            edits: edit_worker(engine, sink)?,
            embeddings,
            _past_searches: past_searches,
        })
    }

    pub(super) fn load_probe(&self, request: u64, source: ProbeSource, params: DetectorParams) {
        self.probe.put((request, source, params));
    }

    /// The embedding of the probe's face at `chosen`, once that probe is loaded.
    pub(super) fn probe_embedding(&self, request: u64, chosen: usize) -> Option<Embedding> {
        let known = self.embeddings.lock().unwrap_or_else(PoisonError::into_inner);
        (known.0 == request).then(|| known.1.get(chosen).cloned()).flatten()
    }

    pub(super) fn search(&self, request: u64, query: SearchQuery) {
        self.query.put((request, query));
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

    pub(super) fn save_settings(&self, settings: Settings) {
        self.settings.put(settings);
    }

    pub(super) fn name_face(&self, face: FaceId, subject: Option<String>) {
        self.edit(Edit::Name { face, subject });
    }

    pub(super) fn show_in_folder(&self, path: PathBuf) {
        self.edit(Edit::ShowInFolder(path));
    }

    fn edit(&self, edit: Edit) {
        if self.edits.try_send(edit).is_err() {
            log::error!("too many changes are waiting; one was not taken");
        }
    }
}

/// A latest-wins worker whose answer is an event. A panic in it becomes a notice, and the worker goes on.
fn worker<T: Send + 'static>(
    name: &str,
    engine: &Arc<Engine>,
    sink: &EventSink,
    answer: impl Fn(&Engine, T) -> Event + Send + 'static,
) -> std::io::Result<LatestWorker<T>> {
    let (engine, sink) = (Arc::clone(engine), sink.clone());
    LatestWorker::spawn(name, move |request| {
        let event = catch_unwind(AssertUnwindSafe(|| answer(&engine, request)));
        sink.send(event.unwrap_or_else(|panic| fault(panic.as_ref())));
        tell_messages(&engine, &sink);
    })
}

fn settings_worker(engine: &Arc<Engine>, sink: &EventSink) -> std::io::Result<LatestWorker<Settings>> {
    let (engine, sink) = (Arc::clone(engine), sink.clone());
    LatestWorker::spawn("settings", move |settings| {
        if let Err(error) = engine.save_settings(&settings) {
            let text = format!("The settings could not be saved ({error})");
            sink.send(Event::Notice(NoticeLevel::Warning, text));
        }
    })
}

fn edit_worker(engine: &Arc<Engine>, sink: &EventSink) -> std::io::Result<Sender<Edit>> {
    let (sender, edits) = crossbeam_channel::bounded::<Edit>(256);
    let (engine, sink) = (Arc::clone(engine), sink.clone());
    std::thread::Builder::new().name("edits".to_owned()).spawn(move || {
        for edit in edits {
            let event = catch_unwind(AssertUnwindSafe(|| make_edit(&engine, edit)));
            if let Some(event) = event.unwrap_or_else(|panic| Some(fault(panic.as_ref()))) {
                sink.send(event);
            }
            tell_messages(&engine, &sink);
        }
    })?;
    Ok(sender)
}

fn make_edit(engine: &Engine, edit: Edit) -> Option<Event> {
    let failed = |error: JobError| Some(Event::Notice(NoticeLevel::Error, error.to_string()));
    match edit {
        Edit::Name { face, subject } => {
            let who = subject.map_or(Naming::Nobody, Naming::Name);
            match engine.change(&Change::Name { faces: vec![face], who }) {
                Ok(changed) => Some(Event::Changed(changed)),
                Err(error) => failed(error),
            }
        }
        Edit::ShowInFolder(path) => show_in_folder(&path).map(|text| Event::Notice(NoticeLevel::Warning, text)),
    }
}

/// Passes on what the engine has to tell.
pub(super) fn tell_messages(engine: &Engine, sink: &EventSink) {
    for message in engine.take_messages() {
        sink.send(match message {
            Message::Info(text) => Event::Notice(NoticeLevel::Info, text),
            Message::Warning(text) => Event::Notice(NoticeLevel::Warning, text),
        });
    }
}

fn fault(panic: &(dyn std::any::Any + Send)) -> Event {
    Event::Notice(NoticeLevel::Error, format!("A fault of the program: {}", panic_message(panic)))
}

fn words<T>(result: Result<T, JobError>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

fn load_probe(
    engine: &Engine,
    source: ProbeSource,
    params: &DetectorParams,
) -> Result<(Probe, Vec<Embedding>), JobError> {
    let begun = Instant::now();
    let (photo, path) = match source {
        ProbeSource::File(path) => (engine.decode_probe(&path, params)?, Some(path)),
        ProbeSource::Image(image) => (engine.probe_from_pixels(&image, params)?, None),
        ProbeSource::Face(face) => return load_enrolled_probe(engine, face),
    };
    let analysis = engine.analyze(photo, params)?;
    let chosen = main_face(&analysis.faces, analysis.photo.size, |face| face.detection.bbox).map_or(0, |(at, _)| at);
    let embeddings = analysis.faces.iter().map(|face| face.embedding.clone()).collect();
    let millis = begun.elapsed().as_secs_f32() * 1e3;
    Ok((Probe { photo: photo_view_from_analysis(analysis, path), chosen, millis }, embeddings))
}

/// A face of the gallery as the probe: its photo with every enrolled face, and their stored embeddings.
fn load_enrolled_probe(engine: &Engine, face: FaceId) -> Result<(Probe, Vec<Embedding>), JobError> {
    let begun = Instant::now();
    let photo = photo_view_from_loaded(engine.load_photo(face)?);
    let ids: Vec<FaceId> = photo.faces.iter().filter_map(|view| view.id).collect();
    let embeddings = ids.iter().map(|id| engine.embedding_of(*id)).collect::<Result<_, _>>()?;
    let chosen = ids.iter().position(|id| *id == face).unwrap_or(0);
    Ok((Probe { photo, chosen, millis: begun.elapsed().as_secs_f32() * 1e3 }, embeddings))
}

/// Opens the photo's folder in the desktop's file manager. Returns what went wrong, in words.
fn show_in_folder(path: &Path) -> Option<String> {
    let folder = path.parent().unwrap_or(path);
    let quiet = |program: &str| {
        let mut command = std::process::Command::new(program);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let uri = format!("array:string:file://{}", uri_path(path));
    let selected = quiet("dbus-send")
        .args(["--session", "--print-reply", "--reply-timeout=2000", "--dest=org.freedesktop.FileManager1"])
        .args(["/org/freedesktop/FileManager1", "org.freedesktop.FileManager1.ShowItems", &uri, "string:"])
        .status();
    if selected.is_ok_and(|status| status.success()) {
        return None;
    }
    match quiet("xdg-open").arg(folder).status() {
        Ok(status) if status.success() => None,
        _ => Some(format!("No file manager could be opened on the folder {}", folder.display())),
    }
}

/// The path with every byte that is not plain in a URI escaped.
fn uri_path(path: &Path) -> String {
    use std::fmt::Write;
    use std::os::unix::ffi::OsStrExt;
    let mut out = String::new();
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_escaped_for_uris() {
        assert_eq!(uri_path(Path::new("/a b/ü,é.jpg")), "/a%20b/%C3%BC%2C%C3%A9.jpg");
    }
}
