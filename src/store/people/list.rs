//! The list of people: those that have a name, and the groups of those that have none, a page at a time.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};

use super::suggestions::{self, HOLDING, Suggestion};
use super::{Page, alarms};
use crate::store::columns::{list_from_json, u64_from_column};
use crate::store::{Gallery, StoreError};
use crate::types::{FaceId, GroupId, SubjectId, name_key, tidy_name};

/// Which people are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PeopleFilter {
    #[default]
    Named,
    /// Groups of at least two faces that nobody named or ignored.
    Groups,
    /// People for whom there are suggestions.
    ToReview,
    /// People about whom something is odd.
    Flagged,
}

/// Of groups all but the first order by size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PeopleOrder {
    /// By name; of groups in the order in which they were founded.
    #[default]
    Name,
    /// Most faces first.
    Faces,
    /// Most suggestions first.
    Suggestions,
    /// Whose latest photo is the latest first; without a day last.
    LastSeen,
    /// Who came last first.
    Newest,
}

/// What is to be listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PeopleQuery {
    pub filter: PeopleFilter,
    pub order: PeopleOrder,
    /// Of people only those in whose name, external id or tags this stands; empty for all. Names that begin with it come first.
    pub search: String,
}

/// Somebody who has a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    pub id: SubjectId,
    pub name: String,
    pub external_id: Option<String>,
    pub note: Option<String>,
    pub tags: Vec<String>,
    /// The face chosen, else the best one; `None` for somebody without faces.
    pub cover: Option<FaceId>,
    /// Whether a person chose the cover.
    pub cover_is_chosen: bool,
    pub faces: u64,
    /// Faces among them that a person said so of each alone.
    pub confirmed: u64,
    /// Faces without a name that resemble it.
    pub suggestions: u64,
    pub alarms: u64,
    /// Day and time of the latest photo that tells it, as on [`crate::store::PhotoRecord`].
    pub last_seen: Option<String>,
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum Row {
    Person(Person),
    Group {
        group: GroupId,
        /// The best face.
        cover: FaceId,
        faces: u64,
        /// The best one for any of its faces.
        suggestion: Option<Suggestion>,
    },
}

/// How long each list is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PeopleCounts {
    pub named: u64,
    pub groups: u64,
    /// Faces for which there is a suggestion.
    pub suggestions: u64,
    pub alarms: u64,
    /// Faces that are ignored, what is no face among them.
    pub ignored: u64,
    /// Faces that nobody named or ignored.
    pub unknown: u64,
}

impl Gallery {
    /// A page of the list, and how many lines it has as a whole.
    pub fn people(&self, query: &PeopleQuery, page: Page) -> Result<(Vec<Row>, u64), StoreError> {
        self.read(|conn| {
            let snapshot = conn.unchecked_transaction()?;
            let (limit, offset) = page.limit_and_offset();
            if query.filter == PeopleFilter::Groups {
                return groups(&snapshot, query.order, limit, offset);
            }
            let Selection { from, condition, order, mut values } = selection(query);
            let total = format!("SELECT count(*) FROM {from} WHERE {condition}");
            let mut statement = snapshot.prepare_cached(&total)?;
            let total = statement.query_row(params_from_iter(&values), |row| u64_from_column(row, 0))?;
            let sql = format!("SELECT p.id FROM {from} WHERE {condition} ORDER BY {order} LIMIT ? OFFSET ?");
            values.extend([Value::Integer(limit), Value::Integer(offset)]);
            let mut statement = snapshot.prepare_cached(&sql)?;
            let ids = statement.query_map(params_from_iter(&values), |row| row.get(0))?;
            let ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                rows.extend(person(&snapshot, id)?.map(Row::Person));
            }
            Ok((rows, total))
        })
    }

    /// # Errors
    /// [`StoreError::NoSuchSubjectId`].
    pub fn person(&self, subject: SubjectId) -> Result<Person, StoreError> {
        self.read(|conn| person(conn, subject.0)?.ok_or(StoreError::NoSuchSubjectId(subject)))
    }

    pub fn people_counts(&self) -> Result<PeopleCounts, StoreError> {
        self.read(|conn| {
            let count = |sql: &str| conn.prepare_cached(sql)?.query_row([], |row| u64_from_column(row, 0));
            Ok(PeopleCounts {
                named: count("SELECT count(*) FROM subjects")?,
                groups: count("SELECT count(*) FROM group_sizes WHERE n >= 2")?,
                suggestions: count(&format!("SELECT count(*) FROM {HOLDING}"))?,
                alarms: count(&format!("SELECT count(*) FROM {}", alarms::HOLDING))?,
                ignored: count(
                    "SELECT count(*) FROM all_faces f JOIN photos p ON p.id = f.photo_id
                     WHERE f.ignored IS NOT NULL AND (f.gone_at IS NULL OR f.ignored = 'not_a_face')",
                )?,
                unknown: count(
                    "SELECT count(*) FROM all_faces WHERE subject_id IS NULL AND gone_at IS NULL AND ignored IS NULL",
                )?,
            })
        })
    }
}

/// A statement's parts; people are `p`.
struct Selection {
    from: String,
    condition: String,
    order: &'static str,
    values: Vec<Value>,
}

fn selection(query: &PeopleQuery) -> Selection {
    let mut from = "subjects p".to_owned();
    let mut conditions = Vec::new();
    let mut values = Vec::new();
    if query.filter == PeopleFilter::ToReview || query.order == PeopleOrder::Suggestions {
        let kind = if query.filter == PeopleFilter::ToReview { "JOIN" } else { "LEFT JOIN" };
        from.push_str(&format!(
            " {kind} (SELECT n.subject_id, count(*) AS n FROM {HOLDING} WHERE n.subject_id IS NOT NULL
              GROUP BY n.subject_id) w ON w.subject_id = p.id"
        ));
    }
    if query.filter == PeopleFilter::Flagged {
        conditions.push(format!("p.id IN (SELECT a.subject_id FROM {})", alarms::HOLDING));
    }
    match query.order {
        PeopleOrder::Faces => from.push_str(
            " LEFT JOIN (SELECT subject_id, count(*) AS n FROM all_faces INDEXED BY faces_by_subject
              WHERE subject_id IS NOT NULL AND gone_at IS NULL GROUP BY subject_id) c ON c.subject_id = p.id",
        ),
        PeopleOrder::LastSeen => from.push_str(
            " LEFT JOIN (SELECT f.subject_id, max(t.taken_at) AS day FROM all_faces f JOIN all_photos t ON t.id = f.photo_id
              WHERE f.subject_id IS NOT NULL AND f.gone_at IS NULL GROUP BY f.subject_id) d ON d.subject_id = p.id",
        ),
        _ => {}
    }
    let searched = name_key(&tidy_name(&query.search));
    let has_search = !searched.is_empty();
    if has_search {
        conditions.push(
            "(instr(p.name_key, ?1) OR instr(lower(coalesce(p.external_id, '')), ?1) OR instr(lower(p.tags), ?1))"
                .into(),
        );
        values.push(Value::Text(searched));
    }
    let order = match query.order {
        PeopleOrder::Name if has_search => "instr(p.name_key, ?1) <> 1, p.name_key, p.id",
        PeopleOrder::Name => "p.name_key, p.id",
        PeopleOrder::Faces => "coalesce(c.n, 0) DESC, p.name_key, p.id",
        PeopleOrder::Suggestions => "coalesce(w.n, 0) DESC, p.name_key, p.id",
        PeopleOrder::LastSeen => "d.day DESC NULLS LAST, p.name_key, p.id",
        PeopleOrder::Newest => "p.id DESC",
    };
    let condition = if conditions.is_empty() { "TRUE".to_owned() } else { conditions.join(" AND ") };
    Selection { from, condition, order, values }
}

fn person(conn: &Connection, id: i64) -> Result<Option<Person>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT p.name, p.external_id, p.note, p.tags, p.cover_face, (SELECT count(*) FROM faces WHERE subject_id = p.id),
             (SELECT count(*) FROM faces WHERE subject_id = p.id AND named_by = 'person'),
             (SELECT max(t.taken_at) FROM faces f JOIN all_photos t ON t.id = f.photo_id WHERE f.subject_id = p.id)
         FROM subjects p WHERE p.id = ?1",
    )?;
    let found = statement.query_row([id], |row| {
        Ok(Person {
            id: SubjectId(id),
            name: row.get(0)?,
            external_id: row.get(1)?,
            note: row.get(2)?,
            tags: list_from_json(row.get_ref(3)?.as_str()?),
            cover: row.get::<_, Option<i64>>(4)?.map(FaceId),
            cover_is_chosen: false,
            faces: u64_from_column(row, 5)?,
            confirmed: u64_from_column(row, 6)?,
            suggestions: 0,
            alarms: 0,
            last_seen: row.get(7)?,
        })
    });
    let Some(mut person) = found.optional()? else { return Ok(None) };
    let count = |sql: &str| conn.prepare_cached(sql)?.query_row([id], |row| u64_from_column(row, 0));
    person.suggestions = count(&format!("SELECT count(*) FROM {HOLDING} WHERE n.subject_id = ?1"))?;
    person.alarms = count(&format!("SELECT count(*) FROM {} AND a.subject_id = ?1", alarms::HOLDING))?;
    if let Some(cover) = person.cover {
        // One that is another's by now stands for nobody, and does again when that is undone.
        let sql = "SELECT 1 FROM faces WHERE id = ?1 AND subject_id = ?2";
        person.cover_is_chosen = conn.prepare_cached(sql)?.exists([cover.0, id])?;
    }
    if !person.cover_is_chosen {
        let sql = "SELECT id FROM faces WHERE subject_id = ?1 ORDER BY quality DESC, id LIMIT 1";
        person.cover = conn.prepare_cached(sql)?.query_row([id], |row| row.get(0).map(FaceId)).optional()?;
    }
    Ok(Some(person))
}

fn groups(conn: &Connection, order: PeopleOrder, limit: i64, offset: i64) -> Result<(Vec<Row>, u64), StoreError> {
    let total = conn
        .prepare_cached("SELECT count(*) FROM group_sizes WHERE n >= 2")?
        .query_row([], |row| u64_from_column(row, 0))?;
    let order = match order {
        PeopleOrder::Name => "group_id",
        PeopleOrder::Newest => "group_id DESC",
        PeopleOrder::Faces | PeopleOrder::Suggestions | PeopleOrder::LastSeen => "n DESC, group_id",
    };
    let sql = format!("SELECT group_id, n FROM group_sizes WHERE n >= 2 ORDER BY {order} LIMIT ?1 OFFSET ?2");
    let mut statement = conn.prepare_cached(&sql)?;
    let found = statement.query_map([limit, offset], |row| Ok((row.get(0)?, u64_from_column(row, 1)?)))?;
    let mut rows = Vec::new();
    for group in found.collect::<Result<Vec<(i64, u64)>, _>>()? {
        rows.extend(group_row(conn, group.0, group.1)?);
    }
    Ok((rows, total))
}

/// A group with its size; `None` where none of its faces is left.
pub(super) fn group_row(conn: &Connection, group: i64, faces: u64) -> Result<Option<Row>, StoreError> {
    let mut statement = conn.prepare_cached(
        "SELECT f.id FROM grouped g JOIN faces f ON f.id = g.face_id
         WHERE g.group_id = ?1 AND f.subject_id IS NULL AND f.ignored IS NULL ORDER BY f.quality DESC, f.id LIMIT 1",
    )?;
    let cover = statement.query_row([group], |row| row.get(0).map(FaceId)).optional()?;
    let Some(cover) = cover else { return Ok(None) };
    let suggestion = suggestions::of_group(conn, group)?;
    Ok(Some(Row::Group { group: GroupId(group), cover, faces, suggestion }))
}
