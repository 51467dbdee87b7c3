-- The gallery, format 4: what persons say about faces beside names, and the groups of those that nobody named.
--
-- Changed by the ledger alone: ignored, cover_face, tags, groups, grouped, rejections, apart, settled. Worked out anew at
-- any time, and so no part of it: suggestions, alarms, alarmed.

-- Why a face is left alone: stranger, statue, poster; not_a_face, which is out of the gallery, too. It has no subject.
ALTER TABLE all_faces ADD COLUMN ignored TEXT;
CREATE INDEX faces_ignored ON all_faces (ignored) WHERE ignored IS NOT NULL;
-- Of a view that takes all columns those of now.
DROP VIEW faces;
CREATE VIEW faces AS SELECT * FROM all_faces WHERE gone_at IS NULL;

ALTER TABLE subjects ADD COLUMN cover_face INTEGER;              -- chosen by a person; no foreign key: it may be purged
ALTER TABLE subjects ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'; -- JSON: a list of texts

-- Faces that show one person whom nobody named. A face without a row stands alone; one that is named or ignored keeps its
-- row, unseen, and so comes back to its group when that is undone.
CREATE TABLE groups (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    founded_at INTEGER NOT NULL
) STRICT;
CREATE TABLE grouped (
    face_id  INTEGER PRIMARY KEY,
    group_id INTEGER NOT NULL
) STRICT;
CREATE INDEX grouped_by_group ON grouped (group_id);

-- How many faces of each group are neither named nor ignored nor gone, kept by triggers.
CREATE TABLE group_sizes (
    group_id INTEGER PRIMARY KEY,
    n        INTEGER NOT NULL
) STRICT;
CREATE INDEX groups_by_size ON group_sizes (n, group_id);
CREATE TRIGGER grouped_added AFTER INSERT ON grouped
    BEGIN
        INSERT INTO group_sizes (group_id, n)
            SELECT new.group_id, 0 WHERE NOT EXISTS (SELECT 1 FROM group_sizes WHERE group_id = new.group_id);
        UPDATE group_sizes SET n = n + (SELECT count(*) FROM all_faces
            WHERE id = new.face_id AND subject_id IS NULL AND ignored IS NULL AND gone_at IS NULL)
        WHERE group_id = new.group_id;
    END;
CREATE TRIGGER grouped_deleted AFTER DELETE ON grouped
    BEGIN
        UPDATE group_sizes SET n = n - (SELECT count(*) FROM all_faces
            WHERE id = old.face_id AND subject_id IS NULL AND ignored IS NULL AND gone_at IS NULL)
        WHERE group_id = old.group_id;
    END;
CREATE TRIGGER grouped_moved AFTER UPDATE OF group_id ON grouped WHEN old.group_id <> new.group_id
    BEGIN
        INSERT INTO group_sizes (group_id, n)
            SELECT new.group_id, 0 WHERE NOT EXISTS (SELECT 1 FROM group_sizes WHERE group_id = new.group_id);
        UPDATE group_sizes SET n = n + iif(group_id = new.group_id, 1, -1) * (SELECT count(*) FROM all_faces
            WHERE id = new.face_id AND subject_id IS NULL AND ignored IS NULL AND gone_at IS NULL)
        WHERE group_id IN (old.group_id, new.group_id);
    END;
CREATE TRIGGER faces_told AFTER UPDATE OF subject_id, ignored, gone_at ON all_faces
    WHEN (old.subject_id IS NULL AND old.ignored IS NULL AND old.gone_at IS NULL)
        <> (new.subject_id IS NULL AND new.ignored IS NULL AND new.gone_at IS NULL)
    BEGIN
        UPDATE group_sizes
        SET n = n + iif(new.subject_id IS NULL AND new.ignored IS NULL AND new.gone_at IS NULL, 1, -1)
        WHERE group_id = (SELECT group_id FROM grouped WHERE face_id = new.id);
    END;
CREATE TRIGGER groups_deleted AFTER DELETE ON groups
    BEGIN DELETE FROM group_sizes WHERE group_id = old.id; END;

-- This face is not this subject, a person said.
CREATE TABLE rejections (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    face_id    INTEGER NOT NULL,
    subject_id INTEGER NOT NULL
) STRICT;
CREATE INDEX rejections_by_face ON rejections (face_id, subject_id);
CREATE INDEX rejections_by_subject ON rejections (subject_id);

-- These two faces are not one person, a person said. face_id is the lesser.
CREATE TABLE apart (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    face_id    INTEGER NOT NULL,
    other_face INTEGER NOT NULL
) STRICT;
CREATE INDEX apart_by_face ON apart (face_id, other_face);
CREATE INDEX apart_by_other ON apart (other_face);

-- An alarm that a person looked at and found to be none.
CREATE TABLE settled (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    subject_id INTEGER NOT NULL,
    kind       TEXT    NOT NULL,             -- modes, twice
    faces      TEXT    NOT NULL              -- JSON: a list of ids
) STRICT;
CREATE INDEX settled_by_subject ON settled (subject_id);

-- Whom a face without a name resembles, a few people each: whoever the nearest face is by now, or that it is left alone. The
-- best that nobody has rejected holds.
CREATE TABLE suggestions (
    face_id      INTEGER NOT NULL,
    nearest_face INTEGER NOT NULL,           -- one that has a name, or is ignored
    score        REAL    NOT NULL,           -- cosine between the two
    model_id     INTEGER NOT NULL,
    PRIMARY KEY (face_id, nearest_face)
) STRICT, WITHOUT ROWID;
CREATE INDEX suggestions_by_nearest ON suggestions (nearest_face);
CREATE INDEX suggestions_by_score ON suggestions (score);

-- What is odd about a subject.
CREATE TABLE alarms (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    subject_id INTEGER NOT NULL,
    kind       TEXT    NOT NULL,             -- modes, twice
    score      REAL    NOT NULL,             -- mean cosine between the faces and the subject's others
    photo_id   INTEGER,                      -- on which it stands twice
    faces      TEXT    NOT NULL              -- JSON: the faces to be split off
) STRICT;
CREATE INDEX alarms_by_subject ON alarms (subject_id);

-- Of which faces of a subject its alarms were worked out.
CREATE TABLE alarmed (
    subject_id INTEGER PRIMARY KEY,
    digest     TEXT NOT NULL
) STRICT;
