# What the engine and its measurements tell.

engine-backing-up = Copying the gallery before its format changes: { $done } of { $total } MB
engine-change-unfinished = { $title } is in use, but the last steps of the change failed: { $reason }
engine-converted = The gallery has been brought from format { $from } to format { $to }. As it was before, it is kept until you delete it: { $path }
engine-converting = Bringing the gallery from format { $from } to format { $to }{ $written ->
    [0] { "" }
   *[other] : { $written } MB written
}
engine-index-behind = The change is kept, but the search index could not follow ({ $reason }). The next start puts that right.
engine-index-built = There was no search index for { $title }. It has been built from the gallery with { $faces ->
    [one] { $faces } face
   *[other] { $faces } faces
}.
engine-index-levelled = { $faces ->
    [one] { $faces } face enrolled since the last start was added to the index.
   *[other] { $faces } faces enrolled since the last start were added to the index.
}
engine-index-lost = The search index was damaged ({ $reason }), and no earlier one is sound. Until it has been built again searches compare with { $faces ->
    [one] the one face
   *[other] all { $faces } faces
}.
engine-index-not-built = An index like the one in use ({ $spec }) could not be built for { $title }: { $reason }. Searches compare with every face until another is chosen on the Tune screen.
engine-index-owed = The index { $spec }, which was chosen, is to be built again: an open window does so, and so do the next enrollment and `likeness index upkeep`.
engine-index-rebuilt = The search index was damaged ({ $reason }). It has been rebuilt from the gallery with { $faces ->
    [one] { $faces } face
   *[other] { $faces } faces
}.
engine-index-stand-in = The search index was damaged ({ $reason }). Generation { $generation } serves in its place, with every face that came since.
engine-missing = { $missing } of { $faces ->
    [one] { $faces } face
   *[other] { $faces } faces
} { $missing ->
    [one] has no embedding by { $title } and is not found with it. `likeness models use { $name }`, or the Models screen, embeds it.
   *[other] have no embedding by { $title } and are not found with it. `likeness models use { $name }`, or the Models screen, embeds them.
}
engine-model-built-in = the model { $model } comes with the program and cannot be removed
engine-model-busy = work on the model { $model } is under way; wait for its end or cancel it first
engine-model-in-use = the model { $model } is in use; choose another one first
engine-only-reads = this command only reads
engine-open-to-others = Other users of this computer can look into the data folder. To keep it to yourself: chmod -R go= '{ $path }'
engine-other-model = { $reason }; using { $name }
eval-fold-one-sided = fold { $fold } has no mated or no nonmated pairs
eval-fold-twice = fold { $fold } cannot be reported and chosen on: its figures would flatter
eval-no-covered-face = there is no covered face to show: give --masks as well
eval-no-face = no face was found on the photos of { $folder }
eval-no-fold = there is no fold { $fold }: the pairs file has { $known }, from 1
eval-no-fold-left = no fold is left to report: all are chosen on
eval-nobody-twice = nobody has two photos, so nobody can be searched for in { $folder }
jobs-no-chart = the chart could not be drawn: { $reason }
jobs-request-unwritten = the request cannot be written: { $reason }
tuning-goal-missed = None of { $n ->
    [one] { $n } measured point
   *[other] { $n } measured points
} meets the goal. { $spec } comes nearest: recall { $recall } (95 % certain of { $low }), { $millis } ms, { $mb } MB.
tuning-circumstances = Shares that are gone or in the tail lie from 0 to below 1, that of a filter above 0.
tuning-memory-too-small = No index could be built within the memory allowed.
tuning-no-faces = There are no faces to measure on yet; enroll some first.
tuning-no-past-searches = Nothing has been searched in this gallery yet. Search some faces, or choose other probes.
tuning-no-probes = There are no probes in this set.
tuning-no-spec = No spec is chosen.
tuning-no-sweep = this is no saved sweep ({ $reason }): { $path }
tuning-people-goal-missed = None of { $n ->
    [one] { $n } measured point
   *[other] { $n } measured points
} meets the goal. { $spec } comes nearest: it misses { $missed } % of the people (at most { $high } %, with 95 % confidence), { $millis } ms, { $mb } MB.
tuning-people-missed-exactly = Exact search itself misses { $missed } % of the people at threshold { $threshold } ({ $low } to { $high } %, { $n ->
    [one] { $n } search
   *[other] { $n } searches
}), and no index misses fewer: allow more, or lower the threshold.
tuning-nobody-twice = No subject has two photos, so nobody can be left out. Name some faces first.
device = { $device }, { $cores ->
    [one] { $cores } core
   *[other] { $cores } cores
}, { $set }, { $threads ->
    [one] { $threads } thread per operator
   *[other] { $threads } threads per operator
}
phrase-on-labeled-faces-in-the-wild-it-tells-99-23-of-3-000-pairs-right-the-one-in-use-98-67-and-finds-another-photo-of-the-same-person-first-in-98-5-of-4-194-searches-95-0 = On Labeled Faces in the Wild it tells 99.23 % of 3,000 pairs right (the one in use 98.67 %) and finds another photo of the same person first in 98.5 % of 4,194 searches (95.0 %)
