# What the commands that measure, make vectors and train say.

cli-hold-out = write it as PAIRS.txt:FOLD or PAIRS.txt:FOLD,FOLD, folds counted from 1
cli-language = it is one of { $known }
cli-measure-at-threshold = at threshold { $threshold } misses { $missed } % of known people ({ $missed_low } to { $missed_high }), and { $alarms } % of strangers raise an alarm ({ $alarms_low } to { $alarms_high })
cli-measure-batches = in batches of { $batch } on { $threads }
cli-measure-built = the index has been built and is in use
cli-measure-by-generation = { $index }, generation { $generation }
cli-measure-data = { $people }, { $photos }, { $missed } without a face or unreadable
cli-measure-exact = exact search
cli-measure-faiss = { $point }; Faiss alone { $millis } ms
cli-measure-flag-missing = { $flag } is missing
cli-measure-fnir = misses { $missed } % of known people ({ $low } to { $high })
cli-measure-found = found: { $point }
cli-measure-grouped = grouped in { $secs } s at a mean score of { $score } among { $k } neighbours, which took { $neighbours } s to find; every face alone: BCubed F { $baseline }
cli-measure-groups = { $groups } by { $model }: { $faces } on the photos of { $people }, { $judged } judged, { $missed } without a face
cli-measure-groups-head = method                         threshold  BCubed P      R      F   pairs P      R      F  groups
cli-measure-groups-of = { $n ->
    [one] { $n } group
   *[other] { $n } groups
}
cli-measure-half = threshold of half the people
cli-measure-latency = p50 { $p50 } p95 { $p95 } p99 { $p99 } ms
cli-measure-latency-of-batches = p50 of a batch { $p50 } p95 { $p95 } p99 { $p99 } ms
cli-measure-learnt = { $name } learnt from { $faces } in { $time } ({ $rate } pictures a second while training), loss { $loss }
    kept the weights of step { $kept } of { $steps }, threshold { $threshold }
cli-measure-learnt-from = { $faces } of { $people }
cli-measure-leave-one-out = { $probes } of { $subjects } with two photos or more, each among { $faces } by { $index }:
    another photo of the same subject at rank 1 for { $first } % (95 % interval over people { $low } to { $high } %), within rank 10 for { $tenth } %
    search { $p50 } ms at the median, { $p99 } ms at the 99th percentile
cli-measure-lost = { $n ->
    [one] { $lost } of { $n } covered face not found again
   *[other] { $lost } of { $n } covered faces not found again
}
cli-measure-made-up = on { $vectors } of d { $d } (rank { $rank }, seed { $seed }), { $mated } and { $nonmated }; { $machine }
cli-measure-mated = mated { $share }
cli-measure-mated-searches = { $n ->
    [one] { $n } mated search
   *[other] { $n } mated searches
}
cli-measure-missed = { $name }: { $found }
cli-measure-missed-searches = { $mated } and { $nonmated } of { $people }, { $k } candidates each, { $millis } ms at the median; intervals over people
cli-measure-network = the network
cli-measure-never = misses more than 1 in { $n } known people at every threshold
cli-measure-no-network = there is no such network; there are { $names }
cli-measure-nonmated = nonmated { $share }
cli-measure-nonmated-searches = { $n ->
    [one] { $n } nonmated search
   *[other] { $n } nonmated searches
}
cli-measure-not-saved = the run will not be saved in the gallery's folder: { $reason }
cli-measure-other-half = on the other half
cli-measure-point = { $search }: { $recalls } { $one_recalls }; { $latency }, { $rate } probes/s, { $bytes } bytes of memory a face, built in { $time }
cli-measure-recall = recall@{ $k } { $recall } ({ $low } to { $high })
cli-measure-searching = Searching
cli-measure-secs = { $secs } s
cli-measure-step = step { $step } of { $total }, epoch { $epoch }, loss { $loss }, { $rate } pictures/s: { $values }
cli-measure-synth = { $vectors } of { $values } (rank { $rank }, seed { $seed }), faces of { $people }, in { $time } ({ $rate } a second):
cli-measure-this-program = this program
cli-measure-under-enrolling = while enrolling
cli-measure-under-filter = filter { $share }
cli-measure-under-tail = tail { $share }
cli-measure-under-tombstones = gone { $share }
cli-measure-use-it = use it with `likeness models import`
cli-measure-value-count = { $n ->
    [one] { $n } value
   *[other] { $n } values
}
cli-measure-vectors = { $n ->
    [one] { $n } vector
   *[other] { $n } vectors
}
cli-measure-without-frequent = without the most frequent
cli-measure-writing = Writing vectors
table-accuracy = accuracy
table-all-pairs = all pairs
table-at-fmr = { $tar } % at FMR { $fmr } %
table-bare = bare
table-bare-threshold = { $fmr }, bare threshold
table-failures = failures
table-fnir = FNIR @ FPIR { $fpir }
table-masked = masked
table-masked-again = masked, found again
table-mated = mated
table-model = model
table-nonmated = nonmated
table-of = { $n } of { $all }
table-photos = photos
table-rank = rank { $n }
table-tar = TAR @ FMR { $fmr }
