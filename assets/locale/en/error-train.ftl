# Errors of training.

train-corrupt = the file is damaged or of another run ({ $reason }): { $path }
train-diverged = the loss is no longer a finite number at step { $step }; a lower --learning-rate or a longer --warm-up helps
train-io = { $subject } ({ $reason }): { $path }
train-pairs = the pairs file { $path }: { $reason }
train-stopped = stopped
train-device-unknown = --device { $name }: expected cpu, cuda or cuda:NUMBER
train-few-pairs = of the { $n } held-out pairs, the photos’ folder has { $mated } of one person and { $nonmated } of two with a face on both photos; is it the folder that the pairs file was made for?
train-few-people = of the { $n } people in { $path }, { $kept } have { $least } photos or more; a loss on labels needs at least two
train-learning = learning from { $n ->
    [one] { $n } face
   *[other] { $n } faces
}; { $held ->
    [one] { $held } face held out
   *[other] { $held } faces held out
}
train-learning-people = learning from { $n ->
    [one] { $n } face
   *[other] { $n } faces
} of { $people ->
    [one] { $people } person
   *[other] { $people } people
}; { $held ->
    [one] { $held } face held out
   *[other] { $held } faces held out
}
train-mixed-on-cpu = mixed precision needs a CUDA device, and this run is on the CPU; leave --precision out
train-no-batches = there is nothing to learn from
train-no-faces = { $n ->
    [one] no face with its landmarks was found on its one photo
   *[other] no face with its landmarks was found on any of its { $n } photos
}
train-no-fold = there is no fold { $fold } among the { $there } of { $path }
train-no-photos = it holds no photos
train-no-such-device = --device { $name }: { $n ->
    [one] this machine has { $n } CUDA device in reach
   *[other] this machine has { $n } CUDA devices in reach
}
train-no-such-part = { $architecture } has no part “{ $part }” that could learn
train-no-thread = no thread could be started: { $reason }
train-nobody = there is nobody to tell apart in { $path }: it has no folder with a person's photos (DIR/person/photo.jpg)
train-nothing = there is nothing to learn from in { $path }: { $found }
train-one-person = there is only one person in { $path } ({ $name }); a loss on labels needs at least two
train-other-form = the weights to begin with are of another form ({ $found }) than when the run began ({ $form }): { $path }
train-teacher-longer = { $name } gives { $its } numbers and the student { $d }: its cosines are taught, and the two models' embeddings cannot be compared with each other
train-tensor-kind = { $name } holds { $kind }
train-thread-ended = a thread that makes batches stopped by a fault of the program
train-too-few-faces = there are too few faces to learn from in { $path }: { $n }, after { $held } of people who are held out and { $twins } that are near-duplicates of theirs
train-twins = { $n ->
    [one] { $n } photo to learn from is a near-duplicate of a held-out one
   *[other] { $n } photos to learn from are near-duplicates of held-out ones
} ({ $how }), { $same }, and { $fate }: { $examples }; { $file } has all of them
train-twins-alike = { $learnt } and { $held } ({ $cosine })
train-twins-by = the same file, or a cosine above { $cosine } by { $judge }
train-twins-by-files = the same file; no model is there that could compare what they show
train-twins-kept = learnt all the same, so that what is measured is too high
train-twins-left-out = left out unless --keep-duplicates is given
train-twins-none = no photo to learn from is a near-duplicate of a held-out one ({ $how })
train-twins-not-compared = its file was not compared with those held out: { $reason }
train-twins-not-looked-for = near-duplicates of held-out photos are not looked for: the run began without that
train-twins-report-missing = { $file } in the run's folder is missing or of other photos: without it nobody knows which photos were left out when the run began
train-twins-same-file = { $learnt } and { $held } (same file)
train-twins-same-files = { $n ->
    [0] none the same file
   *[other] { $n } the same file
}
train-weights-no-numbers = the weights to begin with give embeddings that are no numbers
phrase-a-crop-has-another-size-than-its-file-says = a crop has another size than its file says
phrase-it-holds-the-crops-of-other-photos = it holds the crops of other photos
phrase-its-digest-is-another = its digest is another
train-share = { $name } is { $share }; how often a change is made lies between 0 and 1
train-optimiser-lacks = the optimiser's { $name } is missing
train-optimiser-steps = the optimiser's steps are below 0
train-optimiser-shape = the optimiser's { $name } has the shape { $shape }
train-checkpoint-lacks = it says nothing about { $name }
train-checkpoint-fact = its { $name } is “{ $text }”
train-tensor-missing = the tensor { $name } is missing
train-tensor-shape = the tensor { $name } has the shape { $found }, expected { $wanted }
train-photos-changed = the photos have changed since the run began; start a new one
train-run-there = { $path } holds a run already; --resume goes on with it
train-other-d = --d is { $wanted }, and the weights to begin with give { $found } numbers
train-teacher-no-crops = the teacher has no crops
phrase-epochs-lies-between-1-and-10000 = --epochs lies between 1 and 10000
phrase-batch-lies-between-2-and-4096 = --batch lies between 2 and 4096
phrase-accumulate-lies-between-1-and-1024 = --accumulate lies between 1 and 1024
phrase-learning-rate-lies-above-0-at-most-at-10 = --learning-rate lies above 0, at most at 10
phrase-warm-up-is-a-share-of-the-steps-0-to-0-9 = --warm-up is a share of the steps, 0 to 0.9
phrase-the-longest-gradient-must-be-above-0 = the longest gradient must be above 0
phrase-d-lies-between-1-and-4096 = --d lies between 1 and 4096
phrase-weights-of-losses-lie-between-0-and-1000000 = weights of losses lie between 0 and 1000000
phrase-all-weights-of-losses-are-0-so-there-is-nothing-to-learn = all weights of losses are 0, so there is nothing to learn
phrase-the-form-in-run-toml-is-none-of-its-architecture = the form in run.toml is none of its architecture
phrase-duplicates-above-lies-between-0-and-1 = --duplicates-above lies between 0 and 1
phrase-distillation-needs-a-teacher = distillation needs a --teacher
