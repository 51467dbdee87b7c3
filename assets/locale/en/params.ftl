# Parameters of searches, in short.

params-comma = { ", " }
params-ef-search = efSearch { $value }
params-lsh-candidates = { $value } LSH candidates
params-lsh-radius = LSH radius { $value }
params-nothing = nothing to tune
params-nprobe = nprobe { $value }
params-refine = refine ×{ $value }
params-templates = { $value } templates
