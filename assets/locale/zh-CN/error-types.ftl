# What is wrong with values that a person gave, and with files and folders.

io-is-a-folder = 它是文件夹
io-not-a-folder = 它不是文件夹
io-not-found = 没有这个文件或文件夹
io-other = { $reason }
io-permission-denied = 权限不允许
io-read-only = 介质只读
io-storage-full = 磁盘已满
types-bad-date = “{ $text }”不是日期：请按年、月、日书写，例如 2019-07-03
types-dates-reversed = 起始日期 { $from } 晚于结束日期 { $to }
types-max-image-side = max_image_side 为 { $value }；必须为 0（不限）或在 64 到 20000 像素之间
types-min-face-size = min_face_size 为 { $value }；必须在 12 到 10000 像素之间
types-scale-factor = scale_factor 为 { $value }；必须大于 0.1 且小于 0.95
types-spec-range = { $what } 必须在 { $range } 之间，而不是 { $got }
types-spec-unknown = “{ $part }”不是索引规格的组成部分；示例见 `likeness index presets`
types-threshold = 第 { $index } 个阈值为 { $value }；必须在 0 到 1 之间
types-vector-empty = 向量为空
types-vector-not-finite = 向量含有 NaN 或无穷大的值
types-vector-zero = 向量长度为零，因此没有方向
