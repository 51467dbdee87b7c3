use crate::tell;
use crate::types::{Tell, Telling};
use std::path::PathBuf;
use std::time::Instant;

use super::command::EnrollCommand;
use super::event::EnrollEvent;
use super::reducer;
use super::state::{DetailView, Trial};
use crate::app::desk::{Desk, Room, alters_counts, touches, worker};
use crate::app::jobs::JobKind;
use crate::app::messages::Event;
use crate::app::parts::{Load, photo_view_from_loaded};
use crate::app::program::ProgramEvent;
use crate::app::state::AppState;
use crate::app::window::NoticeLevel;
use crate::jobs::{EnrollRequest, JobError, LatestWorker, enroll, retries, unfinished_enrollments};
use crate::types::{DetectorParams, FaceId, FaceListing};

pub(in crate::app) struct EnrollRoom {
    detail: LatestWorker<FaceId>,
    trial: LatestWorker<(FaceId, DetectorParams)>,
    list: LatestWorker<(u64, FaceListing)>,
    /// Faces, names or photos have changed, and with them what is listed.
    is_list_stale: bool,
    /// The photo on view was enrolled again, or changed its place.
    is_stale: bool,
    /// Enrollments may have been left unfinished.
    resumes: bool,
}

impl Room for EnrollRoom {
    type Command = EnrollCommand;
    type Event = EnrollEvent;

    fn command(state: &mut AppState, command: &EnrollCommand) {
        reducer::command(state, command);
    }

    fn reduce(state: &mut AppState, event: EnrollEvent) {
        reducer::reduce(state, event);
    }

    fn is_waiting(state: &AppState) -> bool {
        let loads =
            |detail: &DetailView| matches!(detail.photo, Load::Loading) || matches!(detail.trial, Load::Loading);
        state.detail.as_ref().is_some_and(loads)
    }

    fn open(desk: &Desk) -> std::io::Result<Self> {
        Ok(Self {
            detail: worker(
                "detail",
                desk.engine,
                desk.sink,
                |face: &FaceId| *face,
                |engine, face| engine.load_photo(face).map(photo_view_from_loaded),
                |face, photo| Some(EnrollEvent::DetailLoaded { face, photo }),
            )?,
            trial: worker(
                "trial",
                desk.engine,
                desk.sink,
                |(face, _): &(FaceId, DetectorParams)| *face,
                |engine, (face, params)| {
                    let begun = Instant::now();
                    let trace = engine.try_detector(face, &params)?;
                    Ok(Trial { params, trace, millis: begun.elapsed().as_secs_f32() * 1e3 })
                },
                |face, trial| Some(EnrollEvent::TrialRun { face, trial }),
            )?,
            list: worker(
                "list",
                desk.engine,
                desk.sink,
                |(request, _): &(u64, FaceListing)| *request,
                |engine, (_, listing)| engine.face_list(&listing),
                |request, faces| Some(EnrollEvent::Listed { request, faces }),
            )?,
            is_list_stale: false,
            is_stale: false,
            resumes: false,
        })
    }

    fn execute(&mut self, desk: &mut Desk, command: EnrollCommand) {
        match command {
            EnrollCommand::Start { sources, subjects_from_folders } => {
                if !sources.is_empty() {
                    let detector = desk.state.settings.detector;
                    start(desk, false, EnrollRequest { sources, subjects_from_folders, detector, is_retry: false });
                }
            }
            EnrollCommand::RetryIssues(paths) => {
                // What was asked when the issues came up; for photos of which that is not known, this.
                let detector = desk.state.settings.detector;
                let otherwise =
                    EnrollRequest { sources: Vec::new(), subjects_from_folders: false, detector, is_retry: true };
                start_all(desk, false, retries(desk.engine, &paths, &otherwise));
            }
            // With what the reducer made of it.
            EnrollCommand::List(_) => self.is_list_stale = true,
            EnrollCommand::SelectFace(Some(face)) => _ = self.detail.put(face),
            EnrollCommand::TryDetector(params) => {
                if let Some(detail) = &desk.state.detail {
                    self.trial.put((detail.face, params));
                }
            }
            EnrollCommand::SelectFace(None) | EnrollCommand::SetDetectorParams(_) => {}
        }
    }

    fn hear(&mut self, desk: &mut Desk, event: &Event) {
        let detail = desk.state.detail.as_ref();
        let on_view = |detail: &DetailView| detail.photo.ready().and_then(|photo| photo.id);
        self.is_stale |= detail.is_some_and(|detail| touches(event, detail.face, on_view(detail)));
        self.is_list_stale |= alters_counts(event);
        self.resumes |= matches!(event, Event::Program(ProgramEvent::Started(_) | ProgramEvent::BecameWritable(_)));
    }

    fn settle(&mut self, desk: &mut Desk) {
        if std::mem::take(&mut self.is_stale)
            && let Some(detail) = &desk.state.detail
        {
            self.detail.put(detail.face);
        }
        if std::mem::take(&mut self.is_list_stale) && !desk.state.list.listing.is_usual() {
            self.list.put((desk.state.requests.list, desk.state.list.listing.clone()));
        }
        if std::mem::take(&mut self.resumes) && desk.can_write() {
            start_all(desk, true, unfinished_enrollments(desk.engine));
        }
    }
}

fn start_all(desk: &mut Desk, resumed: bool, requests: Result<Vec<EnrollRequest>, JobError>) {
    match requests {
        Ok(requests) => requests.into_iter().for_each(|request| start(desk, resumed, request)),
        Err(error) => desk.notice(NoticeLevel::Warning, error.telling()),
    }
}

fn start(desk: &mut Desk, resumed: bool, request: EnrollRequest) {
    let title = title(&request.sources, resumed);
    desk.start_job(JobKind::Enroll, title, move |engine, context, _| enroll(engine, &request, context).map(|_| ()));
}

fn title(sources: &[PathBuf], resumed: bool) -> Telling {
    let first = sources.first().map(|path| path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned());
    let (name, more) = (first.unwrap_or_default(), sources.len().saturating_sub(1));
    if resumed {
        tell!("enroll-resume-job", name = name, more = more)
    } else {
        tell!("enroll-job", name = name, more = more)
    }
}
