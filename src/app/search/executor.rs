use super::command::SearchCommand;
use super::event::SearchEvent;
use super::log::SearchLog;
use super::probe::{Embeddings, ProbeEmbedding, ProbeSource, load_probe, search};
use super::reducer;
use super::state::SearchView;
use crate::app::desk::{Desk, Room, touches, worker};
use crate::app::messages::Event;
use crate::app::parts::{Load, PhotoView, photo_view_from_loaded};
use crate::app::state::AppState;
use crate::jobs::{LatestWorker, SearchQuery};
use crate::tell;
use crate::types::{DetectorParams, FaceId};

pub(in crate::app) struct SearchRoom {
    probe: LatestWorker<(u64, ProbeSource, DetectorParams)>,
    query: LatestWorker<(u64, ProbeEmbedding, SearchQuery)>,
    compare: LatestWorker<(u64, FaceId)>,
    embeddings: Embeddings,
    /// The number of the latest query that was handed in.
    asked: u64,
    /// The compared photo was enrolled again, or changed its place.
    is_stale: bool,
    /// After `query`, which sends to it and must be gone first.
    _past_searches: SearchLog,
}

impl Room for SearchRoom {
    type Command = SearchCommand;
    type Event = SearchEvent;

    fn command(state: &mut AppState, command: &SearchCommand) {
        reducer::command(state, command);
    }

    fn reduce(state: &mut AppState, event: SearchEvent) {
        reducer::reduce(state, event);
    }

    fn is_waiting(state: &AppState) -> bool {
        let view = &state.search;
        matches!(view.probe, Load::Loading)
            || matches!(view.candidates, Load::Loading)
            || matches!(view.compare, Some((_, Load::Loading)))
    }

    fn open(desk: &Desk) -> std::io::Result<Self> {
        let embeddings = Embeddings::default();
        let known = embeddings.clone();
        let past_searches = SearchLog::spawn(desk.engine)?;
        let past = past_searches.sender();
        Ok(Self {
            probe: worker(
                "probe",
                desk.engine,
                desk.sink,
                |(request, ..): &(u64, ProbeSource, DetectorParams)| *request,
                move |engine, (request, source, params)| {
                    let (probe, embeddings) = load_probe(engine, source, &params)?;
                    known.put(request, embeddings);
                    Ok(probe)
                },
                |request, probe| Some(SearchEvent::ProbeLoaded { request, probe }),
            )?,
            query: worker(
                "query",
                desk.engine,
                desk.sink,
                |(request, ..): &(u64, ProbeEmbedding, SearchQuery)| *request,
                move |engine, (_, probe, query)| search(engine, &probe, &query, past.as_ref()),
                |request, found| Some(SearchEvent::Searched { request, found }),
            )?,
            compare: worker(
                "compare",
                desk.engine,
                desk.sink,
                |(request, _): &(u64, FaceId)| *request,
                |engine, (_, face)| engine.load_photo(face).map(photo_view_from_loaded),
                |request, photo| Some(SearchEvent::CompareLoaded { request, photo }),
            )?,
            embeddings,
            asked: desk.state.requests.query,
            is_stale: false,
            _past_searches: past_searches,
        })
    }

    fn execute(&mut self, desk: &mut Desk, command: SearchCommand) {
        match command {
            SearchCommand::File(path) => self.load_probe(desk, ProbeSource::File(path)),
            SearchCommand::Image(image) => self.load_probe(desk, ProbeSource::Image(image)),
            SearchCommand::Face(face) => self.load_probe(desk, ProbeSource::Face(face)),
            SearchCommand::Compare(Some(at)) => {
                let candidates = desk.state.search.candidates.ready();
                if let Some(candidate) = candidates.and_then(|candidates| candidates.get(at)) {
                    self.compare.put((desk.state.requests.compare, candidate.face));
                }
            }
            // Where they ask for another search, it is handed in when the command is done.
            SearchCommand::ChooseFace(_)
            | SearchCommand::Clear
            | SearchCommand::SetThreshold(_)
            | SearchCommand::SetK(_)
            | SearchCommand::SetFilter(_)
            | SearchCommand::SetRange(_)
            | SearchCommand::Sort { .. }
            | SearchCommand::Compare(None) => {}
        }
    }

    fn hear(&mut self, desk: &mut Desk, event: &Event) {
        let Some((face, photo)) = compared(&desk.state.search) else { return };
        self.is_stale |= touches(event, face, photo.ready().and_then(|photo| photo.id));
    }

    fn settle(&mut self, desk: &mut Desk) {
        if std::mem::replace(&mut self.asked, desk.state.requests.query) != self.asked {
            self.send_query(desk);
        }
        if std::mem::take(&mut self.is_stale)
            && let Some((face, _)) = compared(&desk.state.search)
        {
            self.compare.put((desk.state.requests.compare, face));
        }
    }
}

/// The candidate that is compared, with its photo.
fn compared(view: &SearchView) -> Option<(FaceId, &Load<PhotoView>)> {
    let (at, photo) = view.compare.as_ref()?;
    Some((view.candidates.ready()?.get(*at)?.face, photo))
}

impl SearchRoom {
    fn load_probe(&self, desk: &Desk, source: ProbeSource) {
        self.probe.put((desk.state.requests.probe, source, desk.state.settings.detector));
    }

    /// Searches the chosen face with the k and threshold of now, where there is a probe.
    fn send_query(&self, desk: &mut Desk) {
        let view = &desk.state.search;
        let Some(probe) = view.probe.ready() else { return };
        let exclude = probe.faces.get(view.chosen).and_then(|face| face.id);
        let request = desk.state.requests.query;
        match self.embeddings.find(desk.state.requests.probe, view.chosen, exclude) {
            Some(probe) => {
                let filter = (!view.filter.is_empty()).then(|| view.filter.clone());
                let (k, threshold, range) = (view.k, view.threshold, view.range);
                let embedding = probe.embedding.clone();
                self.query.put((request, probe, SearchQuery { embedding, exclude, k, threshold, filter, range }));
            }
            // Nobody else would answer.
            None => {
                let found = Err(tell!("search-not-at-hand"));
                desk.tell(SearchEvent::Searched { request, found });
            }
        }
    }
}
