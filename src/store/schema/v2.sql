-- The gallery, format 2: faces by day and by folder, faces without a name, and past searches.

-- The days of photos that tell theirs; folders are found by photos.path, which is unique and so has an index.
CREATE INDEX photos_by_day ON photos (taken_at) WHERE taken_at IS NOT NULL;
CREATE INDEX faces_unnamed ON faces (subject_id, photo_id) WHERE subject_id IS NULL;

-- The latest searches: probes that people really ask for, to tune an index by. No names, no photos.
CREATE TABLE searches (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    at            INTEGER NOT NULL,
    model         TEXT    NOT NULL,          -- by name: a search may come before the model's first embedding
    vector        BLOB    NOT NULL,          -- d little-endian f32, unit norm
    k             INTEGER NOT NULL,
    threshold     REAL    NOT NULL,
    candidates    INTEGER NOT NULL,          -- how many were found
    search_millis REAL    NOT NULL
) STRICT;
CREATE INDEX searches_by_model ON searches (model);
