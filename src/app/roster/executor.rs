use super::command::RosterCommand;
use super::event::RosterEvent;
use super::queue::AT_ONCE;
use super::reducer;
use super::state::{ListedRows, Listing, Page, Part, Rows, Who};
use crate::app::desk::{Desk, Room, alters_counts, progress, worker};
use crate::app::jobs::JobKind;
use crate::app::messages::Event;
use crate::app::parts::Load;
use crate::app::people::PeopleEvent;
use crate::app::program::ProgramEvent;
use crate::app::state::AppState;
use crate::app::window::{NoticeLevel, Screen, WindowEvent};
use crate::jobs::{Engine, JobError, JobEvent, LatestWorker, group_people, regroup_person};
use crate::store::{Page as Piece, PeopleQuery, ReviewItem, ReviewKey};
use crate::tell;
use crate::types::{GroupId, SubjectId};

/// What is asked of the queue: items after a place, and how many.
struct Ask {
    after: Option<ReviewKey>,
    limit: usize,
    decided: u64,
}

pub(in crate::app) struct RosterRoom {
    counts: LatestWorker<()>,
    rows: LatestWorker<(u64, Listing, Piece)>,
    page: LatestWorker<Who>,
    queue: LatestWorker<Ask>,
    members: LatestWorker<GroupId>,
    /// What is in view of the list.
    view: (usize, usize),
    /// Names, faces or groups have changed, and with them whatever is on view.
    is_stale: bool,
    /// The screen was asked for the last time with this number.
    screen: u64,
    /// Decisions that have been written, or have failed.
    written: u64,
    /// Readings of the queue that have no answer yet.
    asked: usize,
    /// The members of this group are being read.
    reading: Option<GroupId>,
}

impl Room for RosterRoom {
    type Command = RosterCommand;
    type Event = RosterEvent;

    fn command(state: &mut AppState, command: &RosterCommand) {
        reducer::command(state, command);
    }

    fn reduce(state: &mut AppState, event: RosterEvent) {
        reducer::reduce(state, event);
    }

    fn is_waiting(state: &AppState) -> bool {
        let roster = &state.roster;
        let loads = match &roster.opened {
            Some((_, page)) => matches!(page, Load::Loading),
            None => matches!(roster.rows, Load::Nothing | Load::Loading),
        };
        state.screen == Screen::People && state.start_failed.is_none() && loads
    }

    fn open(desk: &Desk) -> std::io::Result<Self> {
        let (engine, sink) = (desk.engine, desk.sink);
        Ok(Self {
            counts: worker(
                "people counts",
                engine,
                sink,
                |()| (),
                |engine, ()| Ok(engine.gallery().people_counts()?),
                // What cannot be read is told with the list.
                |(), counts| counts.ok().map(RosterEvent::Counted),
            )?,
            rows: worker(
                "people list",
                engine,
                sink,
                |(request, ..): &(u64, Listing, Piece)| *request,
                |engine, (_, listing, piece)| rows(engine, listing, piece),
                |request, rows| Some(RosterEvent::Listed { request, rows }),
            )?,
            page: worker(
                "person",
                engine,
                sink,
                |who: &Who| *who,
                page,
                |who, page| Some(RosterEvent::Opened { who, page }),
            )?,
            queue: worker(
                "review",
                engine,
                sink,
                |ask: &Ask| (ask.after, ask.limit, ask.decided),
                |engine, ask| Ok(engine.gallery().review(ask.after, ask.limit)?),
                |(after, limit, decided), items: Result<Vec<ReviewItem>, _>| {
                    let is_all = items.as_ref().is_ok_and(|items| items.len() < limit);
                    Some(RosterEvent::Queued { after, items, is_all, decided })
                },
            )?,
            members: worker(
                "group",
                engine,
                sink,
                |group: &GroupId| *group,
                |engine, group| Ok(engine.gallery().faces_of_group(group)?),
                |group, faces| Some(RosterEvent::Members { group, faces: faces.unwrap_or_default() }),
            )?,
            view: (0, 0),
            is_stale: false,
            screen: 0,
            written: 0,
            asked: 0,
            reading: None,
        })
    }

    fn execute(&mut self, desk: &mut Desk, command: RosterCommand) {
        match command {
            RosterCommand::List(_) => {
                self.view = (0, 0);
                self.list(desk);
            }
            RosterCommand::View { first, last } => {
                self.view = (first, last);
                if desk.state.roster.rows.ready().is_some_and(|rows| !rows.holds(first, last)) {
                    self.list(desk);
                }
            }
            RosterCommand::Open(Some(who)) => _ = self.page.put(who),
            // What changed meanwhile is not on view.
            RosterCommand::Open(None) => self.is_stale = true,
            RosterCommand::Review(true) => {
                (self.written, self.reading) = (0, None);
                self.ask(None, AT_ONCE);
            }
            RosterCommand::Review(false) => self.is_stale = true,
            RosterCommand::Group => group(desk),
            RosterCommand::Regroup(subject) => regroup(desk, subject),
            RosterCommand::Turn(_) | RosterCommand::Decided => {}
        }
    }

    fn hear(&mut self, desk: &mut Desk, event: &Event) {
        self.is_stale |= alters_counts(event);
        let decided = desk.state.roster.queue.as_ref().map_or(0, |queue| queue.decided);
        let is_failure = matches!(event, Event::Window(WindowEvent::Notice(NoticeLevel::Error, _)));
        // A decision that failed is to be made again.
        let has_failed = is_failure && self.written < decided;
        if has_failed || matches!(event, Event::People(PeopleEvent::Changed(_))) {
            self.is_stale = true;
            self.written = (self.written + 1).min(decided);
        }
        match event {
            Event::Roster(RosterEvent::Queued { .. }) => self.asked = self.asked.saturating_sub(1),
            Event::Roster(RosterEvent::Members { .. }) => self.reading = None,
            Event::Program(ProgramEvent::Started(_)) => self.is_stale = true,
            _ => {}
        }
    }

    fn settle(&mut self, desk: &mut Desk) {
        let state = desk.state;
        if state.screen != Screen::People || state.start_failed.is_some() || state.closing.is_some() {
            return;
        }
        let was_asked_for = std::mem::replace(&mut self.screen, state.requests.screen) != state.requests.screen;
        if std::mem::take(&mut self.is_stale) || was_asked_for {
            self.counts.put(());
            match (&state.roster.queue, &state.roster.opened) {
                (Some(queue), _) => {
                    let limit = queue.items.len().max(AT_ONCE);
                    self.ask(None, limit);
                }
                (None, Some((who, _))) => _ = self.page.put(*who),
                (None, None) => self.list(desk),
            }
        }
        if let Some(queue) = &state.roster.queue {
            if let Some(after) = queue.wants_more()
                && self.asked == 0
                && queue.problem.is_none()
            {
                self.ask(after, AT_ONCE);
            }
            if let Some(group) = queue.wants_members()
                && self.reading != Some(group)
            {
                self.reading = Some(group);
                self.members.put(group);
            }
        }
    }
}

impl RosterRoom {
    fn list(&self, desk: &Desk) {
        let (first, last) = self.view;
        let (offset, limit) = Rows::around(first, last);
        let listing = desk.state.roster.listing.clone();
        self.rows.put((desk.state.requests.roster, listing, Piece { offset, limit }));
    }

    fn ask(&mut self, after: Option<ReviewKey>, limit: usize) {
        // What it replaces has no answer.
        if self.queue.put(Ask { after, limit, decided: self.written }).is_none() {
            self.asked += 1;
        }
    }
}

fn rows(engine: &Engine, listing: Listing, piece: Piece) -> Result<Rows, JobError> {
    let gallery = engine.gallery();
    let filter = match listing.part {
        Part::People(filter) => filter,
        Part::Ignored => {
            let found = gallery.ignored(Piece::first(usize::MAX))?;
            let (faces, why): (Vec<_>, Vec<_>) = found.iter().map(|ignored| (ignored.face, ignored.why)).unzip();
            return Ok(Rows { from: 0, total: faces.len(), rows: ListedRows::Ignored { faces, why } });
        }
    };
    let query = PeopleQuery { filter, order: listing.order, search: listing.search };
    let (rows, total) = gallery.people(&query, piece)?;
    let total = usize::try_from(total).unwrap_or(usize::MAX);
    Ok(Rows { from: piece.offset, rows: ListedRows::People(rows), total })
}

fn page(engine: &Engine, who: Who) -> Result<Page, JobError> {
    let gallery = engine.gallery();
    match who {
        Who::Subject(subject) => Ok(Page::Person {
            person: Box::new(gallery.person(subject)?),
            faces: gallery.faces_by_oddness(subject, &engine.manifest().name)?,
            suggestions: gallery.suggestions(Some(subject), Piece::first(Page::MOST))?,
            alarms: gallery.alarms(Some(subject), Piece::first(100))?,
        }),
        Who::Group(group) => {
            let faces = gallery.faces_of_group(group)?;
            let suggestion = gallery.suggestion_for_group(group)?;
            Ok(Page::Group { group, faces, suggestion })
        }
    }
}

fn group(desk: &mut Desk) {
    if desk.state.running_job(JobKind::Group).is_none() {
        desk.start_job(JobKind::Group, tell!("people-group-job"), |engine, context, _| {
            let (_, changed) = group_people(engine, &context.control, &progress(context))?;
            context.send(JobEvent::Changed(changed));
            Ok(())
        });
    }
}

fn regroup(desk: &mut Desk, subject: SubjectId) {
    desk.start_job(JobKind::Group, tell!("people-regroup-job"), move |engine, context, _| {
        let regrouped = regroup_person(engine, subject, &context.control)?;
        context.send(JobEvent::Changed(regrouped.changed));
        Ok(())
    });
}
