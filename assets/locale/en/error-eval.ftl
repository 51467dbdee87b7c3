# Errors of measurements.

eval-pairs-empty = the pairs file is empty
eval-pairs-empty-name = line { $line }: the name is empty
eval-pairs-header = line 1: expected `folds<tab>pairs` or `pairs`, both whole numbers from 1, found `{ $found }`
eval-pairs-mated-fields = line { $line }: expected a name and two photo numbers, separated by tabs, found `{ $found }`
eval-pairs-nonmated-fields = line { $line }: expected two names, each with a photo number, separated by tabs, found `{ $found }`
eval-pairs-number = line { $line }: `{ $found }` is not a photo number from 1
eval-pairs-same-person = line { $line }: a nonmated pair names the same person twice
eval-pairs-same-photo = line { $line }: the pair names one photo twice
eval-pairs-too-few = the file ends after line { $line }, but its first line promises { $expected } pairs; { $found } were found
eval-pairs-too-many = line { $line }: more pairs than the { $expected } that the first line promises
synth-dimensions = vectors of length { $d } cannot be made: the length must be 2 to { $max }
synth-distribution = falls of spectra must be 0 to 1, their powers and the spreads 0 to 4, the centre's norm and q 0 to 100
synth-faces-per-person = a person has at least one face, and no fewer at most than at least: not { $least } to { $most }
synth-rank = the rank must be 1 to { $d }, the length of the vectors, not { $rank }
