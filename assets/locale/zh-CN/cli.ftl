# What the commands say.

cli-among-passing = { $faces }中的 { $passing } 张
cli-check = { $photos }，{ $faces }：{ $found }
cli-check-well = 一切正常
cli-comma = ，
cli-count = { $what }：{ $done } / { $total }
cli-counted = { $unit ->
    [crop] { $n } 张人脸裁剪图
    [face] { $n } 张人脸
    [measurement] { $n } 次测量
    [megabyte] { $n } MB
    [model] { $n } 个模型
    [photo] { $n } 张照片
    [point] { $n } 个点
    [row] { $n } 行
    [search] { $n } 次检索
   *[other] { $n } { $units }
}
cli-damaged = 已损坏：{ $problem }
cli-done-of = { $done } / { $total }
cli-done-so-far = { $done } / ? { $units }
cli-effort = 写 fast 或 thorough
cli-embedding = 特征向量 { $values }
cli-enroll-folders = 略过 { $n } 个缩略图、旧版本或回收站文件夹
cli-enroll-in-folders = 图库中有 { $n } 张照片位于此类文件夹：`likeness remove folder FOLDER` 可移除
cli-enroll-issues = { $n } 张有问题
cli-enroll-missing = { $n } 张照片缺失：文件已不存在
cli-enroll-moved = 其中 { $n } 张已移动位置
cli-enroll-not-photos = { $n } 个文件不是照片
cli-enroll-raw = 略过 { $n } 个 RAW 文件：对应的照片就在旁边
cli-enroll-removed = 其中 { $n } 张此前已移除
cli-enroll-skipped = { $n } 张未改变，已跳过
cli-enrolled = 已入库 { $photos }，含 { $faces }，用时 { $time }（{ $rate } 张照片/秒）
cli-error = likeness：{ $error }
cli-face-box = 框 { $start } 至 { $corner }  置信度 { $confidence }  质量 { $quality }
cli-fp32-or-bf16 = fp32 或 bf16
cli-generation = 版本 { $n }
cli-in-order = 正常
cli-index = { $spec }，{ $faces }，d { $d }，{ $generation }；内存 { $memory } MB，磁盘 { $disk } MB
cli-index-imbalance = 列表不均衡度 { $imbalance }（1 为均匀）
cli-index-quantisation = 量化误差：训练时 { $trained }，此后新增 { $now }
cli-index-tail = 尾部 { $tail }，已移除 { $gone } 张；训练后增长 { $grown } %
cli-issue = 问题：{ $reason }：{ $path }
cli-issues = { $n } 个问题
cli-left = 剩余 { $time }
cli-made-up-vectors = { $n } 个模拟向量
cli-mated-probes = { $n } 张有同一人的待查人脸
cli-model-all-embedded = 每张人脸都已有特征向量
cli-model-embedded = 已计算 { $faces }的特征，用时 { $time }（{ $rate } 张人脸/秒）
cli-model-failed = { $n } 张无法计算特征
cli-model-from-stored = 其中 { $n } 张来自已存储的图片
cli-model-in-use = { $model } 已启用；{ $how }
cli-model-licence = 许可证：{ $licence }
cli-model-on = { $name }，{ $device }
cli-model-removed = { $model } 已移除，同时删除 { $embeddings }
cli-model-speed = { $threads }：逐张 { $single } 张人脸/秒（每张 { $single_millis } ms），每批 { $batch } 张时 { $batched } 张人脸/秒（每张 { $batched_millis } ms）
cli-model-stays = { $model } 保留，已删除 { $embeddings }
cli-model-threshold = 阈值 { $threshold }
cli-model-unusable = 无法使用：{ $problem }
cli-no-face = { $path } 上没有找到人脸
cli-no-word = 任务没有给出结果就结束了
cli-nonmated-probes = { $n } 张没有同一人的待查人脸
cli-not-published = 尚未发布
cli-pace = { $what }：{ $done } / { $total }，{ $rate }/秒，剩余 { $left }
cli-people = { $n } 个人物
cli-predicted = 预计：内存 { $memory } MB，磁盘 { $disk } MB，构建用时 { $time }，每次检索 { $millis } ms
cli-preset-not-useful = 不适合：{ $what }
cli-preset-useful = 适合：{ $what }
cli-progress = { $stage }：{ $parts }
cli-questions = { $n } 个疑问
cli-rate = { $rate } { $units }/秒
cli-read-in-part = { $path } 只读取了一部分：{ $notice }
cli-score = 分数介于 -1 和 1 之间
cli-search-cut = 超过 { $n } 张人脸达到阈值；以上是其中最好的
cli-search-face = { $photo } 中位于 { $at } 的人脸 { $n }，在 { $among }中检索，用时 { $millis } ms；阈值 { $threshold }
cli-search-itself = （待查照片本身）
cli-search-main = { $photo } 中位于 { $at } 的主要人脸 { $n }，在 { $among }中检索，用时 { $millis } ms；阈值 { $threshold }
cli-search-may-miss = 该索引不会逐一比对所有人脸，因此可能漏掉部分达到阈值的人脸；`likeness index build Flat` 可改为精确检索
cli-search-no-name = （无姓名）
cli-search-none = 没有候选
cli-search-none-passes = 没有人脸通过筛选
cli-semicolon = ；
cli-share = 比例介于 0 和 1 之间
cli-size = 写成 宽x高，各为 320 至 8192
cli-status-better = 有更好的模型可用：{ $name }。{ $figures }；使用 `likeness models use { $name }` 更换
cli-status-data = 数据
cli-status-device = 设备
cli-status-gallery = 图库
cli-status-gone = { $n } 个已移除
cli-status-index = { $faces }，版本 { $generation }；{ $index }
cli-status-index-title = 索引
cli-status-missing = { $n } 个缺失
cli-status-model = 模型
cli-status-unpublished = 未发布
cli-stopping = 完成正在进行的部分后停止（再按一次立即停止）
cli-things-off = { $n } 处异常
cli-things-off-listed = { $n } 处异常，其中列出 { $listed } 处
cli-things-put-right = 已修复 { $n } 处
cli-three = 写三个数，用逗号分隔
cli-units = { $unit ->
    [crop] 张人脸裁剪图
    [face] 张人脸
    [measurement] 次测量
    [megabyte] MB
    [model] 个模型
    [photo] 张照片
    [point] 个点
    [row] 行
    [search] 次检索
   *[other] { $units }
}
