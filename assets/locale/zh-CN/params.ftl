# Parameters of searches, in short.

params-comma = ，
params-ef-search = efSearch { $value }
params-lsh-candidates = { $value } 个 LSH 候选
params-lsh-radius = LSH 半径 { $value }
params-nothing = 无可调参数
params-nprobe = nprobe { $value }
params-refine = 精排 ×{ $value }
params-templates = { $value } 个模板
