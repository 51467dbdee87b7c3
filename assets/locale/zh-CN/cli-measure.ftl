# What the commands that measure, make vectors and train say.

cli-measure-at-threshold = 阈值 { $threshold } 时漏检 { $missed } % 的已知人物（{ $missed_low } 至 { $missed_high }），{ $alarms } % 的陌生人引起误报（{ $alarms_low } 至 { $alarms_high }）
cli-measure-batches = 每批 { $batch }，{ $threads }
cli-measure-built = 索引已构建并启用
cli-measure-by-generation = { $index }（第 { $generation } 代）
cli-measure-data = { $people }，{ $photos }，{ $missed } 张没有人脸或无法读取
cli-measure-exact = 精确检索
cli-measure-faiss = { $point }；仅 Faiss { $millis } ms
cli-measure-flag-missing = 缺少 { $flag }
cli-measure-found = 已找到：{ $point }
cli-measure-grouped = 分组用时 { $secs } 秒，平均分数阈值 { $score }，近邻数 { $k }，查找近邻用时 { $neighbours } 秒；每张人脸单独成组时 BCubed F { $baseline }
cli-measure-groups = { $model } 得到 { $groups }：{ $people }照片上的 { $faces }，评判 { $judged } 张，{ $missed }没有人脸
cli-measure-groups-head = 方法                                阈值  BCubed P      R      F   成对 P       R      F    组数
cli-measure-groups-of = { $n } 组
cli-measure-half = 在半数人物上选定的阈值
cli-measure-learnt = { $name } 已从 { $faces }学习，用时 { $time }（训练时每秒 { $rate } 张图片），损失 { $loss }
    保留第 { $kept } / { $steps } 步的权重，阈值 { $threshold }
cli-measure-learnt-from = { $people }的 { $faces }
cli-measure-leave-one-out = { $probes }，来自 { $subjects }（各有两张以上照片），每张在 { $faces }中用 { $index } 检索：
    同一人物的另一张照片排名第 1 的占 { $first } %（按人物计算的 95 % 区间 { $low } 至 { $high } %），排名前 10 的占 { $tenth } %
    检索时间中位数 { $p50 } ms，第 99 百分位 { $p99 } ms
cli-measure-lost = { $n } 张被遮挡的人脸中有 { $lost } 张未能再次找到
cli-measure-made-up = { $vectors }，d { $d }（秩 { $rank }，种子 { $seed }），{ $mated }，{ $nonmated }；{ $machine }
cli-measure-mated = 同一人 { $share }
cli-measure-mated-searches = { $n } 次有同一人的检索
cli-measure-missed = { $name }：{ $found }
cli-measure-missed-searches = { $people }的 { $mated }，{ $nonmated }，每次 { $k } 个候选，中位数 { $millis } ms；区间按人物计算
cli-measure-network = 网络结构
cli-measure-never = 在任何阈值下漏检的已知人物都多于 1/{ $n }
cli-measure-no-network = 没有这样的网络结构；可用的有 { $names }
cli-measure-nonmated = 不同人 { $share }
cli-measure-nonmated-searches = { $n } 次没有同一人的检索
cli-measure-not-saved = 此次测量不会保存到图库文件夹：{ $reason }
cli-measure-other-half = 在另一半上
cli-measure-fnir = 漏检 { $missed } % 的已知人物（{ $low } 至 { $high }）
cli-measure-point = { $search }：{ $recalls } { $one_recalls }；p50 { $p50 } p95 { $p95 } p99 { $p99 } ms，每秒 { $rate } 张待查人脸，每张人脸占内存 { $bytes } 字节，构建用时 { $time }
cli-measure-point-of-batches = { $search }：{ $recalls } { $one_recalls }；每批 p50 { $p50 } p95 { $p95 } p99 { $p99 } ms，每秒 { $rate } 张待查人脸，每张人脸占内存 { $bytes } 字节，构建用时 { $time }
cli-measure-recall = recall@{ $k } { $recall }（{ $low } 至 { $high }）
cli-measure-searching = 正在检索
cli-measure-secs = { $secs } 秒
cli-measure-step = 第 { $step } / { $total } 步，轮次 { $epoch }，损失 { $loss }，{ $rate } 张图片/秒：{ $values }
cli-measure-synth = { $vectors }，每个 { $values }（秩 { $rank }，种子 { $seed }），{ $people }的人脸，用时 { $time }（每秒 { $rate } 个）：
cli-measure-this-program = 本程序
cli-measure-use-it = 可用 `likeness models import` 导入使用
cli-measure-under-enrolling = 入库进行中
cli-measure-under-filter = 筛选 { $share }
cli-measure-under-tail = 尾部 { $share }
cli-measure-under-tombstones = 已删除 { $share }
cli-measure-value-count = { $n } 个数值
cli-measure-vectors = { $n } 个向量
cli-measure-without-frequent = 排除最常见者
cli-measure-writing = 正在写入向量
cli-hold-out = 写成 PAIRS.txt:折 或 PAIRS.txt:折,折，折从 1 起
cli-language = 应为 { $known } 之一
