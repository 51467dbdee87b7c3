# What the engine and its measurements tell.

engine-backing-up = 格式更改前正在复制图库：{ $done } / { $total } MB
engine-change-unfinished = { $title } 已在使用，但更换的最后步骤失败：{ $reason }
engine-converted = 图库已从格式 { $from } 升级到格式 { $to }。升级前的图库会保留，直到您将其删除：{ $path }
engine-converting = 正在将图库从格式 { $from } 升级到格式 { $to }{ $written ->
    [0] { "" }
   *[other] ：已写入 { $written } MB
}
engine-index-behind = 更改已保存，但检索索引未能跟上（{ $reason }）。下次启动时会修正。
engine-index-built = { $title } 没有检索索引。已从图库用 { $faces } 张人脸构建。
engine-index-levelled = 已将上次启动后入库的 { $faces } 张人脸加入索引。
engine-index-lost = 检索索引已损坏（{ $reason }），也没有完好的旧索引。在重新构建之前，检索会与全部 { $faces } 张人脸逐一比较。
engine-index-not-built = 无法为 { $title } 构建与当前相同的索引（{ $spec }）：{ $reason }。在“调优”页面选择其他索引之前，检索会与每张人脸逐一比较。
engine-index-owed = 所选的索引 { $spec } 需要重新构建：打开的窗口会自动进行，下次入库或 `likeness index upkeep` 也会。
engine-index-rebuilt = 检索索引已损坏（{ $reason }）。已从图库用 { $faces } 张人脸重建。
engine-index-stand-in = 检索索引已损坏（{ $reason }）。现由第 { $generation } 版代替，并已补上其后的所有人脸。
engine-missing = { $faces } 张人脸中有 { $missing } 张没有 { $title } 的特征向量，因而检索不到。可用 `likeness models use { $name }` 或在“模型”页面补算。
engine-model-built-in = 模型 { $model } 随程序提供，不能移除
engine-model-busy = 模型 { $model } 正在处理中；请等待结束或先取消
engine-model-in-use = 模型 { $model } 正在使用；请先选择其他模型
engine-only-reads = 此命令只读
engine-open-to-others = 本机其他用户可以查看数据文件夹。若要仅供自己使用：chmod -R go= '{ $path }'
engine-other-model = { $reason }；改用 { $name }
eval-fold-one-sided = 第 { $fold } 折没有同一人或没有不同人的配对
eval-fold-twice = 第 { $fold } 折不能既用于选择又用于报告：结果会偏高
eval-no-covered-face = 没有可显示的遮挡人脸：请同时给出 --masks
eval-no-face = 在 { $folder } 的照片上未找到人脸
eval-no-fold = 没有第 { $fold } 折：配对文件有 { $known } 折，从 1 起
eval-no-fold-left = 没有可报告的折：全部都用于选择
eval-nobody-twice = 没有人有两张照片，因此无法在 { $folder } 中检索任何人
jobs-no-chart = 图表无法绘制：{ $reason }
jobs-request-unwritten = 请求无法写入：{ $reason }
tuning-goal-missed = { $n } 个测量点均未达到目标。最接近的是 { $spec }：召回率 { $recall }（95 % 把握不低于 { $low }），{ $millis } ms，{ $mb } MB。
tuning-circumstances = 尾部和已删除的比例须从 0 到小于 1，筛选的比例须大于 0。
tuning-memory-too-small = 在允许的内存内无法构建任何索引。
tuning-no-faces = 还没有可供测量的人脸；请先入库。
tuning-no-past-searches = 此图库尚未检索过。请检索一些人脸，或选择其他待查人脸。
tuning-no-probes = 此集合中没有待查人脸。
tuning-no-spec = 未选择规格。
tuning-no-sweep = 这不是已保存的扫描测试（{ $reason }）：{ $path }
tuning-people-goal-missed = { $n } 个测量点均未达到目标。最接近的是 { $spec }：漏检 { $missed } % 的人物（95 % 把握不超过 { $high } %），{ $millis } ms，{ $mb } MB。
tuning-people-missed-exactly = 在阈值 { $threshold } 下，精确检索本身就漏检 { $missed } % 的人物（{ $low } 至 { $high } %，{ $n } 次检索），任何索引都不会更少：请放宽目标或降低阈值。
tuning-nobody-twice = 没有人物有两张照片，因此无法留出任何人。请先为一些人脸命名。
device = { $device }，{ $cores } 核，{ $set }，每个算子 { $threads } 个线程
phrase-on-labeled-faces-in-the-wild-it-tells-99-23-of-3-000-pairs-right-the-one-in-use-98-67-and-finds-another-photo-of-the-same-person-first-in-98-5-of-4-194-searches-95-0 = 在 Labeled Faces in the Wild 上，它在 3,000 个配对中判断正确 99.23 %（当前模型为 98.67 %），在 4,194 次检索中有 98.5 % 首先找到同一人的另一张照片（95.0 %）
