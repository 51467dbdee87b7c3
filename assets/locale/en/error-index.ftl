# Errors of the index.

index-busy = another process is publishing an index here: { $path }
index-corrupt = the published index is damaged ({ $detail }); it will be built again from the gallery: { $path }
index-disk-full = the disk is full, so the index was not published; searching goes on. Free some space: { $path }
index-exclude-mismatch = faces to leave out were given for { $lists } of { $probes } probes
index-duplicate-id = face { $face } is in the index already, or twice among those to be added
index-faiss = Faiss reports: { $reason }
index-interrupted = the work on the index was stopped
index-invalid-dimension = an index needs a d between 1 and { $max }, not { $d }
index-io = could not { $action }: { $source }: { $path }
index-length-mismatch = { $ids } ids were given for { $embeddings } embeddings
index-negative-id = { $face } is no face id: they are not negative
index-newer-format = the published index was written by a newer Likeness (format { $found }); it will be built again: { $path }
index-no-generation = there is no generation { $generation } of the index; see `likeness index list`
index-path-not-utf8 = Faiss takes no path that is not UTF-8; choose another data folder: { $path }
index-read-only = the index is open for reading only: { $path }
index-too-few-to-train = an index of { $spec } learns from at least { $needed } faces, and there are { $found }
index-wrong-dimension = the index holds embeddings of d { $expected }, this one has d { $got }
index-wrong-generation-dimension = the published index holds embeddings of d { $found }, not { $expected }; it will be built again: { $path }
index-wrong-model = the published index is of model { $found }, not { $expected }; it will be built again: { $path }
