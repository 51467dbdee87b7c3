# Errors of measurements.

eval-pairs-empty = 配对文件为空
eval-pairs-empty-name = 第 { $line } 行：姓名为空
eval-pairs-header = 第 1 行：应为 `folds<tab>pairs` 或 `pairs`，均为从 1 起的整数，实际为 `{ $found }`
eval-pairs-mated-fields = 第 { $line } 行：应为一个姓名和两个照片编号，以制表符分隔，实际为 `{ $found }`
eval-pairs-nonmated-fields = 第 { $line } 行：应为两个姓名，各带一个照片编号，以制表符分隔，实际为 `{ $found }`
eval-pairs-number = 第 { $line } 行：`{ $found }` 不是从 1 起的照片编号
eval-pairs-same-person = 第 { $line } 行：不同人的配对两次指向同一人
eval-pairs-same-photo = 第 { $line } 行：该对两次指向同一张照片
eval-pairs-too-few = 文件在第 { $line } 行结束，而首行声明有 { $expected } 对；只找到 { $found } 对
eval-pairs-too-many = 第 { $line } 行：配对多于首行声明的 { $expected } 对
synth-dimensions = 无法生成长度为 { $d } 的向量：长度必须为 2 到 { $max }
synth-distribution = 谱的衰减必须为 0 到 1，其幂与离散度为 0 到 4，中心的模与 q 为 0 到 100
synth-faces-per-person = 每人至少一张人脸，且最多不少于最少：不能是 { $least } 到 { $most }
synth-rank = 秩必须为 1 到 { $d }（向量长度），而不是 { $rank }
