-- The gallery, format 3: identities that are stable, said by somebody, and can be taken back.
--
-- Run with foreign_keys = OFF: tables are built anew under their children. What is gone stays as a tombstone until it
-- is purged; the views under the old names hide it, so that whoever does not ask for tombstones does not meet them.

-- Photos: a path is one photo's only as long as its file is there.
ALTER TABLE photos RENAME TO all_photos;      -- the references of faces follow
CREATE TABLE photos_v3 (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    path          BLOB    NOT NULL,          -- the bytes of the operating system; where it was last seen
    path_text     TEXT    NOT NULL,          -- for people; lossy where the bytes are no UTF-8
    content_hash  BLOB    NOT NULL CHECK (length(content_hash) = 32),
    bytes         INTEGER NOT NULL,
    mtime_millis  INTEGER NOT NULL,
    ctime_millis  INTEGER,                   -- these three: NULL where the photo was enrolled before format 3
    device        INTEGER,
    inode         INTEGER,
    width         INTEGER NOT NULL,
    height        INTEGER NOT NULL,
    taken_at      TEXT,
    params_digest TEXT    NOT NULL,
    model         TEXT    NOT NULL,
    enrolled_at   INTEGER NOT NULL,
    missing_at    INTEGER,                   -- when its file was found to be gone
    gone_at       INTEGER                    -- when a person took it out
) STRICT;
INSERT INTO photos_v3 (id, path, path_text, content_hash, bytes, mtime_millis, width, height, taken_at, params_digest,
        model, enrolled_at)
    SELECT id, path, path_text, content_hash, bytes, mtime_millis, width, height, taken_at, params_digest, model,
        enrolled_at
    FROM all_photos ORDER BY id;
DROP TABLE all_photos;
ALTER TABLE photos_v3 RENAME TO all_photos;
CREATE UNIQUE INDEX photos_by_path ON all_photos (path) WHERE missing_at IS NULL AND gone_at IS NULL;
CREATE INDEX photos_by_any_path ON all_photos (path, gone_at);
CREATE INDEX photos_by_hash ON all_photos (content_hash);
CREATE INDEX photos_by_day ON all_photos (taken_at) WHERE taken_at IS NOT NULL;
CREATE INDEX photos_missing ON all_photos (missing_at) WHERE missing_at IS NOT NULL;
CREATE INDEX photos_gone ON all_photos (gone_at) WHERE gone_at IS NOT NULL;
CREATE VIEW photos AS SELECT * FROM all_photos WHERE gone_at IS NULL;

-- Subjects: the id is the identity; two people may have one name.
CREATE TABLE subjects_v3 (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL CHECK (length(name) > 0),
    name_key    TEXT    NOT NULL,            -- folded; of a folder's name that is no UTF-8 its bytes
    external_id TEXT,
    note        TEXT,
    created_at  INTEGER NOT NULL
) STRICT;
INSERT INTO subjects_v3 (id, name, name_key, created_at) SELECT id, name, name_key, created_at FROM subjects ORDER BY id;
DROP TABLE subjects;
ALTER TABLE subjects_v3 RENAME TO subjects;
CREATE INDEX subjects_by_key ON subjects (name_key);
CREATE INDEX subjects_by_external_id ON subjects (external_id) WHERE external_id IS NOT NULL;

-- Faces: who said who it is, and tombstones.
DROP TRIGGER faces_added;
DROP TRIGGER faces_gone;
ALTER TABLE faces RENAME TO all_faces;        -- the references of crops and embeddings follow
ALTER TABLE all_faces ADD COLUMN named_by TEXT;   -- person, folder, rule; with no subject: a person said nobody
ALTER TABLE all_faces ADD COLUMN gone_at INTEGER;
ALTER TABLE all_faces ADD COLUMN gone_by TEXT;    -- person, enrollment
ALTER TABLE all_faces ADD COLUMN seen_hash BLOB;  -- content of the photo on which it was found last
UPDATE all_faces SET seen_hash = (SELECT content_hash FROM all_photos WHERE all_photos.id = photo_id);
DROP INDEX faces_by_photo;
DROP INDEX faces_by_subject;
DROP INDEX faces_unnamed;
-- Who said the names there are is not on record: a person's word is what must not be lost, so it is taken for one.
UPDATE all_faces SET named_by = 'person' WHERE subject_id IS NOT NULL;
UPDATE all_faces SET named_by = 'person'
    WHERE subject_id IS NULL AND id IN (SELECT face_id FROM events WHERE kind = 'face_named');
CREATE INDEX faces_by_photo ON all_faces (photo_id, gone_at);
CREATE INDEX faces_by_subject ON all_faces (subject_id, gone_at) WHERE subject_id IS NOT NULL;
CREATE INDEX faces_unnamed ON all_faces (subject_id, gone_at, photo_id) WHERE subject_id IS NULL;
CREATE INDEX faces_gone ON all_faces (gone_at) WHERE gone_at IS NOT NULL;
CREATE VIEW faces AS SELECT * FROM all_faces WHERE gone_at IS NULL;

-- The ledger. A batch is what one action of a person, or one run of a job, changed.
ALTER TABLE events RENAME TO events_v2;       -- what was written before; not undoable
CREATE TABLE batches (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    at     INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    source TEXT    NOT NULL,                 -- person, folder, rule, enrollment
    kind   TEXT    NOT NULL,
    args   TEXT    NOT NULL,                 -- JSON: what the words of the history need
    state  TEXT    NOT NULL,                 -- done, undone, dead (undone, and then something else was done), purged
    of     INTEGER                           -- undo and redo: the batch they turned
) STRICT;
CREATE INDEX batches_undone ON batches (id) WHERE state = 'undone';
CREATE INDEX batches_turned ON batches (of) WHERE of IS NOT NULL;
CREATE TABLE events (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    batch     INTEGER NOT NULL REFERENCES batches (id),
    entity    TEXT    NOT NULL,              -- face, photo, subject, question
    entity_id INTEGER NOT NULL,              -- no foreign key: history outlives what it tells of
    before    TEXT,                          -- JSON: the whole identity of the row; NULL where there was none
    after     TEXT
) STRICT;
CREATE INDEX events_by_batch ON events (batch);
CREATE INDEX events_by_entity ON events (entity, entity_id);

-- "Is this still …?": a new face on the place of one that had a name, where it is not certain.
CREATE TABLE questions (
    face_id    INTEGER PRIMARY KEY,
    old_face   INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    answered   INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX questions_by_old_face ON questions (old_face);
CREATE INDEX questions_by_subject ON questions (subject_id);

-- Names that subjects had, so that a folder of that name still means them.
CREATE TABLE aliases (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name_key   TEXT    NOT NULL,
    subject_id INTEGER NOT NULL
) STRICT;
CREATE INDEX aliases_by_key ON aliases (name_key);
CREATE INDEX aliases_by_subject ON aliases (subject_id);

-- Faces that kept their id and got another vector: an index generation from before has the old one.
CREATE TABLE renewals (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    model_id INTEGER NOT NULL,
    face_id  INTEGER NOT NULL
) STRICT;
CREATE INDEX renewals_by_model ON renewals (model_id, seq);

-- Up to which renewal an index generation holds the vectors; one that is not listed may hold old ones of all.
CREATE TABLE index_marks (
    checksum TEXT PRIMARY KEY,               -- of the generation's manifest
    seq      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE issues ADD COLUMN request TEXT;   -- JSON: what the enrollment asked for that met it

CREATE TRIGGER photos_added AFTER INSERT ON all_photos WHEN new.gone_at IS NULL
    BEGIN UPDATE tallies SET n = n + 1 WHERE name = 'photos'; END;
CREATE TRIGGER photos_deleted AFTER DELETE ON all_photos WHEN old.gone_at IS NULL
    BEGIN UPDATE tallies SET n = n - 1 WHERE name = 'photos'; END;
CREATE TRIGGER photos_turned AFTER UPDATE OF gone_at ON all_photos WHEN (old.gone_at IS NULL) <> (new.gone_at IS NULL)
    BEGIN UPDATE tallies SET n = n + iif(new.gone_at IS NULL, 1, -1) WHERE name = 'photos'; END;
CREATE TRIGGER faces_added AFTER INSERT ON all_faces WHEN new.gone_at IS NULL
    BEGIN UPDATE tallies SET n = n + 1 WHERE name = 'faces'; END;
CREATE TRIGGER faces_deleted AFTER DELETE ON all_faces WHEN old.gone_at IS NULL
    BEGIN UPDATE tallies SET n = n - 1 WHERE name = 'faces'; END;
CREATE TRIGGER faces_turned AFTER UPDATE OF gone_at ON all_faces WHEN (old.gone_at IS NULL) <> (new.gone_at IS NULL)
    BEGIN UPDATE tallies SET n = n + iif(new.gone_at IS NULL, 1, -1) WHERE name = 'faces'; END;
CREATE TRIGGER subjects_added AFTER INSERT ON subjects
    BEGIN UPDATE tallies SET n = n + 1 WHERE name = 'subjects'; END;
CREATE TRIGGER subjects_deleted AFTER DELETE ON subjects
    BEGIN UPDATE tallies SET n = n - 1 WHERE name = 'subjects'; END;
