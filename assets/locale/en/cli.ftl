# What the commands say.

cli-among-passing = { $passing } of { $faces }
cli-check = { $photos }, { $faces }: { $found }
cli-check-well = all is well
cli-comma = { ", " }
cli-count = { $what }: { $done } of { $total }
cli-counted = { $unit ->
    [crop] { $n ->
        [one] { $n } crop
       *[other] { $n } crops
    }
    [face] { $n ->
        [one] { $n } face
       *[other] { $n } faces
    }
    [measurement] { $n ->
        [one] { $n } measurement
       *[other] { $n } measurements
    }
    [megabyte] { $n ->
        [one] { $n } megabyte
       *[other] { $n } megabytes
    }
    [model] { $n ->
        [one] { $n } model
       *[other] { $n } models
    }
    [photo] { $n ->
        [one] { $n } photo
       *[other] { $n } photos
    }
    [point] { $n ->
        [one] { $n } point
       *[other] { $n } points
    }
    [row] { $n ->
        [one] { $n } row
       *[other] { $n } rows
    }
    [search] { $n ->
        [one] { $n } search
       *[other] { $n } searches
    }
   *[other] { $n } { $units }
}
cli-damaged = damaged: { $problem }
cli-done-of = { $done } of { $total }
cli-done-so-far = { $done } of ? { $units }
cli-effort = write fast or thorough
cli-embedding = embedding { $values }
cli-enroll-folders = { $n ->
    [one] { $n } folder of thumbnails, earlier versions or trash left out
   *[other] { $n } folders of thumbnails, earlier versions or trash left out
}
cli-enroll-in-folders = { $n ->
    [one] { $n } photo of the gallery lies in such a folder: `likeness remove folder FOLDER` takes them out
   *[other] { $n } photos of the gallery lie in such folders: `likeness remove folder FOLDER` takes them out
}
cli-enroll-issues = { $n } with issues
cli-enroll-missing = { $n ->
    [one] { $n } photo is missing: its file is gone
   *[other] { $n } photos are missing: their files are gone
}
cli-enroll-moved = { $n } of them moved
cli-enroll-not-photos = { $n ->
    [one] { $n } file that is no photo
   *[other] { $n } files that are no photos
}
cli-enroll-raw = { $n ->
    [one] { $n } raw file left out: its photo lies beside it
   *[other] { $n } raw files left out: their photos lie beside them
}
cli-enroll-removed = { $n } of them taken out before
cli-enroll-skipped = { $n } skipped as unchanged
cli-enrolled = { $photos } enrolled with { $faces } in { $time } ({ $rate } photos/s)
cli-error = likeness: { $error }
cli-face-box = box { $start } to { $corner }  confidence { $confidence }  quality { $quality }
cli-fp32-or-bf16 = fp32 or bf16
cli-generation = generation { $n }
cli-in-order = in order
cli-index = { $spec } over { $faces } of d { $d }, { $generation }; { $memory } MB of memory, { $disk } MB on disk
cli-index-imbalance = imbalance of the lists { $imbalance } (1 is even)
cli-index-quantisation = quantisation error { $trained } when trained, { $now } for what came since
cli-index-tail = { $tail } in the tail, { $gone } gone; grown by { $grown } % since training
cli-issue = issue: { $reason }: { $path }
cli-issues = { $n ->
    [one] { $n } issue
   *[other] { $n } issues
}
cli-left = { $time } left
cli-made-up-vectors = { $n ->
    [one] { $n } made-up vector
   *[other] { $n } made-up vectors
}
cli-mated-probes = { $n ->
    [one] { $n } mated probe
   *[other] { $n } mated probes
}
cli-model-all-embedded = every face had its embedding
cli-model-embedded = { $faces } embedded in { $time } ({ $rate } faces/s)
cli-model-failed = { $n } could not be embedded
cli-model-from-stored = { $n } of them from stored pictures
cli-model-in-use = { $model } is in use; { $how }
cli-model-licence = licence: { $licence }
cli-model-on = { $name } on { $device }
cli-model-removed = { $model } is removed, and with it { $embeddings }
cli-model-speed = { $threads }: { $single } faces/s one by one ({ $single_millis } ms each), { $batched } faces/s in batches of { $batch } ({ $batched_millis } ms each)
cli-model-stays = { $model } stays without { $embeddings }
cli-model-threshold = threshold { $threshold }
cli-model-unusable = cannot be used: { $problem }
cli-no-face = no face was found on { $path }
cli-no-word = the job ended without a word
cli-nonmated-probes = { $n ->
    [one] { $n } nonmated probe
   *[other] { $n } nonmated probes
}
cli-not-published = not yet published
cli-pace = { $what }: { $done } of { $total }, { $rate }/s, { $left } left
cli-people = { $n ->
    [one] { $n } person
   *[other] { $n } people
}
cli-predicted = predicted: { $memory } MB of memory, { $disk } MB on disk, { $time } to build, { $millis } ms a search
cli-preset-not-useful = not useful for { $what }
cli-preset-useful = useful for { $what }
cli-progress = { $stage }: { $parts }
cli-questions = { $n ->
    [one] { $n } question
   *[other] { $n } questions
}
cli-rate = { $rate } { $units }/s
cli-read-in-part = { $path } was read in part: { $notice }
cli-score = a score lies between -1 and 1
cli-search-cut = { $n ->
    [one] more than { $n } face reaches the threshold; this is the best of them
   *[other] more than { $n } faces reach the threshold; these are the best of them
}
cli-search-face = Face { $n } at { $at } of { $photo }, searched among { $among } in { $millis } ms; threshold { $threshold }
cli-search-itself = (the probe itself)
cli-search-main = Main face { $n } at { $at } of { $photo }, searched among { $among } in { $millis } ms; threshold { $threshold }
cli-search-no-name = (no name)
cli-search-may-miss = the index does not compare every face, so faces above the threshold may be missing here; `likeness index build Flat` makes it exact
cli-search-none = no candidates
cli-search-none-passes = no face passes the filter
cli-semicolon = { "; " }
cli-share = a share lies between 0 and 1
cli-size = write it as WIDTHxHEIGHT, each 320 to 8192
cli-status-better = a better one is available: { $name }. { $figures }; `likeness models use { $name }` changes to it
cli-status-data = Data
cli-status-device = Device
cli-status-gallery = Gallery
cli-status-gone = { $n } taken out
cli-status-index = { $faces }, generation { $generation }; { $index }
cli-status-index-title = Index
cli-status-missing = { $n } missing
cli-status-model = Model
cli-status-unpublished = none published
cli-stopping = stopping after what is in flight (once more to stop at once)
cli-things-off = { $n ->
    [one] { $n } thing off
   *[other] { $n } things off
}
cli-things-off-listed = { $n ->
    [one] { $n } thing off
   *[other] { $n } things off
}, of which { $listed ->
    [one] { $listed } is listed
   *[other] { $listed } are listed
}
cli-things-put-right = { $n ->
    [one] { $n } thing put right
   *[other] { $n } things put right
}
cli-three = write three numbers with commas between them
cli-units = { $unit ->
    [crop] crops
    [face] faces
    [measurement] measurements
    [megabyte] megabytes
    [model] models
    [photo] photos
    [point] points
    [row] rows
    [search] searches
   *[other] { $units }
}
