-- The gallery, format 1.
--
-- Ids are never reused (AUTOINCREMENT): an index generation or an event may still speak of a face that is gone.
-- Times are milliseconds since 1970-01-01 UTC. Boxes and landmarks are in pixels of the upright photo at full size.

CREATE TABLE models (
    id   INTEGER PRIMARY KEY,
    name TEXT    NOT NULL UNIQUE,
    d    INTEGER NOT NULL CHECK (d > 0)
) STRICT;

CREATE TABLE photos (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    path          BLOB    NOT NULL UNIQUE,   -- the bytes of the operating system, whatever their encoding
    path_text     TEXT    NOT NULL,          -- for people; lossy where the bytes are no UTF-8
    content_hash  BLOB    NOT NULL CHECK (length(content_hash) = 32),
    bytes         INTEGER NOT NULL,
    mtime_millis  INTEGER NOT NULL,
    width         INTEGER NOT NULL,
    height        INTEGER NOT NULL,
    taken_at      TEXT,                      -- local time of the exposure, as the file says
    params_digest TEXT    NOT NULL,
    model         TEXT    NOT NULL,          -- by name: a photo without faces has a model, too, but no d
    enrolled_at   INTEGER NOT NULL
) STRICT;
CREATE INDEX photos_by_hash ON photos (content_hash);

CREATE TABLE subjects (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL CHECK (length(name) > 0),
    name_key   TEXT    NOT NULL UNIQUE,      -- folded: names that differ by case alone are one subject
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE faces (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    photo_id   INTEGER NOT NULL REFERENCES photos (id) ON DELETE CASCADE,
    x1 REAL NOT NULL, y1 REAL NOT NULL, x2 REAL NOT NULL, y2 REAL NOT NULL,
    confidence REAL    NOT NULL,
    landmarks  BLOB    NOT NULL CHECK (length(landmarks) = 40),   -- x, y of five points, little-endian f32
    quality    REAL    NOT NULL,
    quality_size REAL NOT NULL, quality_sharpness REAL NOT NULL, quality_pose REAL NOT NULL,
    quality_exposure REAL NOT NULL, quality_confidence REAL NOT NULL,
    subject_id INTEGER REFERENCES subjects (id)
) STRICT;
CREATE INDEX faces_by_photo ON faces (photo_id);
CREATE INDEX faces_by_subject ON faces (subject_id) WHERE subject_id IS NOT NULL;

-- Apart from the faces, so that walking over faces does not drag pictures along.
CREATE TABLE crops (
    face_id INTEGER PRIMARY KEY REFERENCES faces (id) ON DELETE CASCADE,
    jpeg    BLOB NOT NULL
) STRICT;

-- The id puts all vectors of a model side by side in the order of their faces.
CREATE TABLE embeddings (
    id       INTEGER PRIMARY KEY CHECK (id = (model_id << 40) | face_id),
    face_id  INTEGER NOT NULL REFERENCES faces (id) ON DELETE CASCADE CHECK (face_id < (1 << 40)),
    model_id INTEGER NOT NULL REFERENCES models (id),
    vector   BLOB    NOT NULL                -- d little-endian f32, unit norm
) STRICT;
CREATE UNIQUE INDEX embeddings_by_face ON embeddings (face_id, model_id);

-- Every change of identity, in the transaction that made it. No foreign keys: history outlives what it tells of.
CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    face_id    INTEGER,
    subject_id INTEGER,
    before     TEXT,                         -- JSON; NULL where there was nothing
    after      TEXT
) STRICT;

CREATE TABLE issues (
    path      BLOB PRIMARY KEY,
    path_text TEXT    NOT NULL,
    kind      TEXT    NOT NULL,
    reason    TEXT    NOT NULL,
    at        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX issues_by_time ON issues (at);

CREATE TABLE jobs (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind     TEXT    NOT NULL,
    request  TEXT    NOT NULL,               -- JSON
    begun_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome  TEXT
) STRICT;
CREATE INDEX jobs_unfinished ON jobs (id) WHERE ended_at IS NULL;

-- Counting a million rows takes longer than a frame; these are kept by the triggers below.
CREATE TABLE tallies (
    name TEXT PRIMARY KEY,
    n    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO tallies VALUES ('photos', 0), ('faces', 0), ('subjects', 0), ('issues', 0);

CREATE TRIGGER photos_added AFTER INSERT ON photos BEGIN UPDATE tallies SET n = n + 1 WHERE name = 'photos'; END;
CREATE TRIGGER photos_gone AFTER DELETE ON photos BEGIN UPDATE tallies SET n = n - 1 WHERE name = 'photos'; END;
CREATE TRIGGER faces_added AFTER INSERT ON faces BEGIN UPDATE tallies SET n = n + 1 WHERE name = 'faces'; END;
CREATE TRIGGER faces_gone AFTER DELETE ON faces BEGIN UPDATE tallies SET n = n - 1 WHERE name = 'faces'; END;
CREATE TRIGGER subjects_added AFTER INSERT ON subjects BEGIN UPDATE tallies SET n = n + 1 WHERE name = 'subjects'; END;
CREATE TRIGGER subjects_gone AFTER DELETE ON subjects BEGIN UPDATE tallies SET n = n - 1 WHERE name = 'subjects'; END;
CREATE TRIGGER issues_added AFTER INSERT ON issues BEGIN UPDATE tallies SET n = n + 1 WHERE name = 'issues'; END;
CREATE TRIGGER issues_gone AFTER DELETE ON issues BEGIN UPDATE tallies SET n = n - 1 WHERE name = 'issues'; END;
