# Enrolled photos whose files are gone.

missing = Missing photos
missing-latest = The latest { $n } of { $all }:
missing-none = No photo is missing
missing-none-about = Photos whose files are found to be gone when their folder is enrolled again are listed here. Their faces stay and are found, until they are taken out or the files come back.
missing-row = { $name }, { $since }
missing-since = missed { $moment }
missing-take-all-out = Take them out…
missing-take-out = Take out…
missing-take-out-name = Take out { $name }
missing-with-faces = with { $faces }
