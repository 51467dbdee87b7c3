# Errors of training.

train-corrupt = the file is damaged or of another run ({ $reason }): { $path }
train-diverged = the loss is no longer a finite number at step { $step }; a lower --learning-rate or a longer --warm-up helps
train-io = { $subject } ({ $reason }): { $path }
train-pairs = the pairs file { $path }: { $reason }
train-refused = { $reason }
train-stopped = stopped
