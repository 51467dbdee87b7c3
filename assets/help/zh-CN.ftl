# What `--help` says in Simplified Chinese, by the names of commands and arguments; see src/cli/help. English stands in the
# doc comments of src/cli.

clap-arguments = 参数
clap-commands = 命令
clap-default = { " " }[默认: { $values }]
clap-options = 选项
clap-some-options = [选项]
clap-usage = 用法
clap-values = { " " }[可选值: { $values }]
clap-values-list = { "" }
    { "" }
    可选值:{ $values }

heading-Detector = 检测器
heading-Filter = 筛选
heading-Measurement = 测量
heading-Search-parameters = 检索参数

## Names of what stands for a value. Those of one or two letters stay.

value-ACCUMULATE = 次数
value-ANSWER = 回答
value-AUGMENT = 强度
value-BATCH = 数量
value-BITS = 位数
value-CHANGE = 更改编号
value-COMMAND = 命令
value-DATE = 日期
value-DEVICE = 设备
value-DIR = 文件夹
value-DIR-all = 文件夹|all
value-EFFORT = 程度
value-EPOCHS = 轮数
value-FACE = 人脸编号
value-FACTOR = 系数
value-FILE = 文件
value-FILE-DIR = 文件|文件夹
value-FILE-json = 文件.json
value-LEARNING-RATE = 学习率
value-LICENCE = 许可证
value-LOSS = 损失函数
value-MARGIN = 间隔
value-MATED = 数量
value-MODEL = 模型
value-MODEL-FILE = 模型|文件
value-NAME = 名称
value-NETWORK = 网络
value-NOISE = 长度
value-NONMATED = 数量
value-NUMBER = 编号
value-OPTIMIZER = 优化器
value-PAIRS-txt-FOLD-FOLD = PAIRS.txt:折[,折]
value-PERSON = 人物
value-PHOTO = 照片
value-PIXELS = 像素
value-PNG = PNG文件
value-PRECISION = 精度
value-RECALL = 召回率
value-RUN-DIR = 运行文件夹
value-SCALE = 倍数
value-SCHEDULE = 方式
value-SCREEN = 界面
value-SEARCHES = 次数
value-SEED = 种子
value-SET = 来源
value-SHARE = 比例
value-SPEC = 规格
value-TAG = 语言
value-TEXT = 文本
value-THREADS = 线程数
value-THRESHOLD = 阈值
value-TRAIN-PART = 部分
value-UNLABELLED = 比例
value-WEIGHT = 权重
value-WEIGHT-DECAY = 衰减
value-WHAT = 内容
value-WxH = 宽x高
value-drawn-DIR = drawn|文件夹

## What some arguments may be.

choice-gallery-first = 每个人物的第一张照片
choice-gallery-others = 除待查照片以外的全部照片
choice-like-edgeface = EdgeFace-XS：192 个维度起作用
choice-like-mbf = 残差 MobileFaceNet：全部维度都起作用，靠后的作用较小
choice-loss-arcface = 加性角度间隔
choice-loss-cosface = 加性余弦间隔
choice-loss-softmax = 不带间隔的交叉熵
choice-optimizer-sgd = Nesterov 动量 0.9
choice-schedule-cosine = 沿半个余弦周期降至百分之一
choice-schedule-step = 步数过半后降至十分之一，过四分之三后降至百分之一
choice-screen-compare = 检索，并与第一个候选并排比对
choice-screen-detail = 最新的人脸及其照片
choice-train_part-neck = FPN 在主干网络之外增加的部分

## What several commands take.

arg-batch = 一次提交的待查人脸数
arg-crops = 裁剪图文件夹，使用相同照片的多次训练可以共用 [默认: 运行文件夹中的 crops]
arg-data_dir = 图库及其索引和设置所在的文件夹 [默认: 用户数据文件夹；环境变量: LIKENESS_DATA_DIR]
arg-effort = fast：大照片缩小到 --max-image-side，其中的小人脸会漏检；thorough：只缩小到最小的待查人脸仍有 24 像素为止
arg-folds = 只报告这些折，从 1 起；不指定则报告全部，每一折使用其他折的阈值
arg-help = 显示帮助
arg-images = 每人一个子文件夹的照片文件夹
arg-json = 每行输出一个 JSON 对象，供脚本使用；每个对象（包括错误）都有自己的 "type"
arg-k = 要查找的近邻数
arg-lang = 输出所用的语言，en 或 zh-CN [默认: 系统语言；窗口中为其设置的语言]
arg-lsh_candidates = LSH 预筛选放行的候选数
arg-masks = 同时用遮挡的人脸测量：`drawn`（绘制口罩），或存放透明口罩图片的文件夹
arg-max_image_side = 将更大的照片缩小到长边为此像素数；0 表示从不缩小
arg-min_face_size = 要查找的最小人脸，以照片像素计
arg-model = 使用此模型，而不是设置中的模型（见 `likeness models list`）
arg-models = 要比较的网络的名称 [默认: 当前启用的网络]
arg-name = 模型名称，见 `models list`
arg-nprobe = nprobe 的取值：查看的列表数
arg-ef_search = efSearch 的取值：在图中搜索的广度
arg-photos = 要查找人脸的照片
arg-picture = 绘制错误率曲线 (.svg, .png)
arg-redetect = 同时对遮挡的人脸重新检测，与实际使用时相同
arg-refine_factor = 精排系数的取值：以 k 的多少倍的候选作精确评分
arg-report = 写出全部测量结果，包括曲线和置信区间
arg-scale_factor = 图像金字塔相邻两层之间的缩放系数
arg-seed = 换一个种子会得到另一组向量
arg-sheet = 将六十张遮挡后的人脸裁剪图写在其原图下方 (.png, .jpg)
arg-specs = 预设名称或规格，用空格分隔
arg-templates = 对多少个人物的人脸作精确评分，用于带模板的规格
arg-threads = 一批所用的线程数
arg-thresholds = P-Net、R-Net 和 O-Net 要求的置信度
arg-version = 显示版本
arg-yes = 不经询问直接执行

## What both kinds of training take.

arg-accumulate = 每一步的前向计算次数
arg-augment = 颜色、模糊、JPEG 和小尺寸；无论如何，每两张图片中有一张作镜像
arg-d = 特征向量的维数 [默认: 与 --from 相同，否则与教师网络相同，否则为 512]
arg-device = cpu、cuda 或 cuda:编号 [默认: 有 CUDA 时使用它]
arg-duplicates_above = 与留出照片的余弦相似度高于此值的照片视为近似重复，依教师网络，否则依 --from，否则依程序自带的模型计算 [默认: 与 1 的距离为中位照片与其镜像之距离的三倍]
arg-epochs = 每张图片学习的次数
arg-from = 作为起点的权重：已安装的模型，或文件；主干网络的权重可作为其 FPN 的起点
arg-half = 以 16 位数写出模型：文件减半，每个数精确到三位
arg-hold_out = 略去 LFW 配对文件中这些折的所有人物，并在每轮之后用其中第一折测量
arg-keep_duplicates = 也从与留出照片近似重复的照片学习；无论如何都会列出它们
arg-learning_rate = 最高时的学习率
arg-mask_pictures = 存放透明口罩图片的文件夹：每两个口罩中有一个取自其中，其余为绘制
arg-masked = 在鼻子和嘴上绘制口罩的图片所占的比例
arg-mean = 从各通道减去的均值，0…255，用于 --from 是没有清单的文件时 [默认: 各 127.5]
arg-min_photos = 使用标注时，略去照片数少于此值的人物
arg-optimizer = 更新权重的方法
arg-out = 运行文件夹：检查点、log.jsonl，最后是 model.safetensors 及其 manifest.toml
arg-precision = 网络计算所用的数值；mixed 为 16 位与 32 位混合，仅限 CUDA
arg-resume = 按原来的要求继续此文件夹中的训练；除 --threads 和 --device 外，其他选项不起作用
arg-schedule = 学习率下降的方式
arg-std = 各通道随后除以的值 [默认: 各 127.5]
arg-train_part = 网络的哪一部分参与学习
arg-warm_up = 学习率上升阶段占总步数的比例
arg-weight_decay = 权重按此值衰减；偏置、归一化参数和斜率不衰减 [默认: adamw 为 0.01，sgd 为 0.0005]

## The commands.

command = 在照片档案中找出人脸，并再次找到某张人脸。所有数据都留在本机。
    .more = 不带命令时打开窗口。
    .after = 示例:
      { "  " }likeness                                           打开窗口
      { "  " }likeness enroll ~/Photos                           入库一个文件夹及其所有子文件夹
      { "  " }likeness enroll staff --subjects-from-folders      staff/Ada/1.jpg 成为人物 Ada 的照片
      { "  " }likeness search unknown.jpg --k 5                  最相似的五张人脸
      { "  " }likeness --data-dir /tmp/trial --json status       另一个图库，以 JSON 回答
      { "  " }likeness --schema                                  各种回答的格式

      退出状态: 0 表示已执行完毕（照片有问题时也是如此）；1 表示无法执行，或标准输出不再接受数据而无法给出结果；2 表示命令行有误；130 表示被 Ctrl-C 停止。
arg-schema = 只输出 --json 各行的 JSON Schema

command-help = 显示帮助，或指定命令的帮助

command-answer = 回答一个疑问
arg-answer-face = 有疑问的人脸的编号，见 `questions`
arg-answer-answer = 它是否仍是原来的那个人

command-bench = 测量速度
command-bench-search = 在模拟向量上测量各规格的召回率和延迟
arg-bench-search-also_batch = 每个点再以这么多待查人脸为一批测量一次，分别使用一个线程和全部线程
arg-bench-search-d = 向量的维数
arg-bench-search-like = 向量的分布与哪个网络的特征向量相似
arg-bench-search-mated = 已入库人物的待查人脸数
arg-bench-search-n = 已入库的人脸数
arg-bench-search-nonmated = 未入库人物的待查人脸数
arg-bench-search-unlabelled = 没有人物的人脸所占的比例
arg-bench-search-work_dir = 保存向量和已构建索引的文件夹，供下次使用

command-check = 检查图库、索引和文件并列出异常；不带 --repair 时不写入任何内容
    .more = 有任何异常时退出状态为 1；使用 --repair 时，仍有异常才为 1。
arg-check-files = 完整读取每张照片的文件，并与入库时的内容比较；否则只查看文件是否存在
arg-check-repair = 修复可由其余数据推出的内容：计数、索引，以及不属于任何人脸的图片和特征向量

command-describe = 更改人物的姓名、外部编号或备注
arg-describe-external_id = 区分同名人物的编号或代码；为空则清除
arg-describe-name = 新的姓名
arg-describe-note = 为空则清除
arg-describe-person = 姓名，或 # 加编号

command-detect = 显示照片上的人脸，不入库
command-embed = 输出照片上每张人脸的特征向量，不入库

command-enroll = 将文件和文件夹中的全部照片入库；已入库且未改变的照片会跳过
    .more = 不指定文件或文件夹时，继续此前中断的入库。无法入库的照片连同原因列出，并记为问题。最后一个 JSON 对象是汇总。
arg-enroll-sources = 照片，以及要连同所有子文件夹一起查找的文件夹
arg-enroll-subjects_from_folders = 用照片所在文件夹的名称为每张照片的主要人脸命名

command-eval = 测量准确度
command-eval-groups = 不看姓名，将人物文件夹中的人脸分组，并与实际人物比较
    .more = 用当前模型对每张照片上的每张人脸分组，只评判每张照片的主要人脸。同时用已知方法在相同的人脸上测量作为对照。
command-eval-leave-one-out = 检索图库中每张已命名的人脸，结果不含其自身的照片
command-eval-lfw = 在 LFW 格式的配对文件上作 1:1 测量：准确率，以及各误匹配率下的正确接受率
    .more = --models 中的每个网络都在未遮挡的照片上测量；使用 --masks 时，还在相同的配对上测量，其中第二张人脸从鼻子到下巴被遮挡。有一张人脸未找到的配对算作拒绝。
arg-eval-lfw-all_pairs = 同时将所报告人物的每张照片与同一折中的其他每张照片比较
arg-eval-lfw-choose = 用这些折选择阈值 [默认: 所有不报告的折]
arg-eval-lfw-pairs = 配对文件，折数不限
arg-eval-lfw-seed = 换一个种子会以另一种方式分配口罩
command-eval-missed = 检索已命名的人脸，一次不含其自身的照片，一次作为陌生人：各阈值下的 FNIR 和 FPIR
arg-eval-missed-ef_search = efSearch 的取值，用逗号分隔
arg-eval-missed-miss_one_in = 显示每 N 个已知人物至多漏检 1 个的阈值
arg-eval-missed-nprobe = nprobe 的取值，用逗号分隔
arg-eval-missed-searches = 检索次数上限
command-eval-search = 在人物文件夹上作 1:N 测量：前 1 名和前 10 名，以及各误报率下的漏检
    .more = 在已入库的照片中精确检索每张照片，结果不含它自身。有其他照片入库的人物是有同一人的检索；只有一张照片的人物也会入库，是没有同一人的检索。
arg-eval-search-distractors = 只有一张照片的人物数上限；0 表示全部
arg-eval-search-folds = 只用配对文件中这些折的人物，从 1 起
arg-eval-search-gallery = 入库哪些照片
arg-eval-search-pairs = 只用此配对文件中的人物
arg-eval-search-people = 有多张照片的人物数上限；0 表示全部
arg-eval-search-probes = 有多张照片的人物每人的待查照片数上限，按名称排序；0 表示全部
arg-eval-search-seed = 换一个种子会以另一种方式分配口罩

command-faces = 列出已入库的人脸及其照片和姓名
arg-faces-folder = 只列出此文件夹及其子文件夹中照片上的人脸
arg-faces-person = 只列出此人物的人脸：姓名，或 # 加编号
arg-faces-unnamed = 只列出没有姓名的人脸

command-history = 列出人物记录的更改，最新的在前
arg-history-before = 只列出此编号之前的更改
arg-history-limit = 列出的更改数上限

command-index = 显示、构建和更改检索索引
command-index-advise = 为此图库推荐规格
arg-index-advise-max_millis = 一次检索允许的时间，毫秒
arg-index-advise-max_ram = 索引允许占用的内存，GB
command-index-build = 按规格构建索引，此后使用它；构建期间继续使用当前索引
arg-index-build-spec = 预设名称或规格：Flat、IVF1024,Flat、PCA192,HNSW32,SQfp16,Refine(f16) …
arg-index-build-ef_search = 在图中搜索的广度
arg-index-build-lsh_radius = LSH 预筛选放行的汉明距离上限，代替候选数
arg-index-build-nprobe = 查看的列表数
arg-index-build-refine_factor = 以 k 的多少倍的候选作精确评分
command-index-list = 显示当前索引和保留的各个版本
arg-index-list-verify = 完整读取所有文件并比较校验和
command-index-presets = 列出各预设规格及其适用与不适用的场合
command-index-rollback = 重新使用较早的版本
arg-index-rollback-number = 版本号，见 `index list`
command-index-set = 设置当前索引的检索参数
arg-index-set-ef_search = 在图中搜索的广度
arg-index-set-lsh_radius = LSH 预筛选放行的汉明距离上限，代替候选数
arg-index-set-nprobe = 查看的列表数
arg-index-set-refine_factor = 以 k 的多少倍的候选作精确评分
command-index-upkeep = 将新增的人脸并入已训练的索引，变化较大时重新训练

command-merge = 将多个人物合并为一个
arg-merge-from = 姓名，或 # 加编号
arg-merge-into = 合并到的人物

command-missing = 列出文件已不存在的照片

command-models = 列出、检查、导入、选择、测量和移除模型
command-models-import = 从权重文件添加模型：ONNX (.onnx)、TorchScript (.pt)、dlib (.dat)，或 IR-ResNet-50、ResNet-50、MobileFaceNet 或 dlib 网络的张量 (.safetensors, .pth)，带或不带特征金字塔
    .more = 采用之前会先作试验：向量为有限数；同一图片单独计算与成批计算的结果相同；同一张绘制人脸的两个视角彼此接近，而与另一张较远。ONNX 文件旁的权重文件会一并导入。
arg-models-import-bgr = 网络的输入是 BGR 而不是 RGB
arg-models-import-file = 权重文件
arg-models-import-licence = 权重的许可证，按其所有者的说明填写
arg-models-import-mean = 从各通道减去的均值，0…255 [默认: 各 127.5；ONNX 依其最前面的层]
arg-models-import-name = 使用时的名称 [默认: 文件名]
arg-models-import-precision = 保存权重和计算所用的数值：fp32，或内存减半的 bf16；不适用于 ONNX 和 TorchScript [默认: fp32]
arg-models-import-run_code = 运行 TorchScript 文件中的程序：它拥有您的权限，只应用于来源可信的文件
arg-models-import-std = 各通道随后除以的值 [默认: 各 127.5；ONNX 依其最前面的层]
arg-models-import-threshold = 两张人脸视为同一人的余弦相似度下限 [默认: 0.25；可用 `eval lfw` 测量]
command-models-list = 列出各模型及其许可证和阈值
command-models-remove = 删除导入的模型及其特征向量和索引
arg-models-remove-embeddings_only = 保留模型，只删除其特征向量和索引
command-models-speed = 测量一个或每个模型在本机上每秒计算多少张人脸的特征；每个约需十秒
arg-models-speed-name = 模型名称；不指定则为全部
command-models-use = 启用模型，此后窗口中也使用它
    .more = 首先用它从照片计算每张它尚未处理的人脸的特征；全部完成之前继续使用原来的模型及其结果。中断后再次执行同一命令即从停止处继续。照片已不存在时，使用该人脸已存储的图片，并列出该照片。
command-models-verify = 检查一个或全部模型的权重：校验和、载入和试运行
arg-models-verify-name = 模型名称；不指定则为全部

command-name = 指明人脸是谁
arg-name-faces = 人脸编号，见 `faces` 和 `search` 的输出
arg-name-name = 此姓名的人物；没有时新建
arg-name-new = 新人物，即使已有人使用此姓名
arg-name-nobody = 不是任何人：去掉姓名，文件夹也不会再次为其命名
arg-name-subject = 此编号的人物

command-people = 列出人物及其编号、外部编号和人脸数
arg-people-name = 只列出此姓名的人物

command-purge = 永久删除已移除的内容，以及在其照片上已找不到的人脸

command-questions = 列出不能确定是否仍为原来那个人的人脸

command-redo = 重做最近一次撤销的更改

command-regions = 采用其他程序写下的人脸区域，并把姓名告诉它们
command-regions-export = 列出人脸及其姓名，写成 CSV，或写入附属文件
    .more = 从不写入照片本身。已有的附属文件保留其余全部内容；新的附属文件名为 photo.jpg.xmp。
arg-regions-export-csv = 把人脸写入此 CSV 文件，而不是列出
arg-regions-export-dry_run = 与 --sidecars 一起使用：只统计将写入的内容，不作写入
arg-regions-export-photos = 已入库照片所在的文件夹，或全部照片（`all`）
arg-regions-export-sidecars = 把姓名作为 XMP 区域写入每张照片的附属文件
command-regions-import = 按照片内部和旁边的人脸区域或一张表格为人脸命名
    .more = 读取 Metadata Working Group、Microsoft Photo 和 ACDSee 的 XMP 区域（照片内或附属文件中）以及 Picasa 的 .picasa.ini。只为没有姓名的人脸命名；其他情况都会列出。所有姓名是一次更改，可用 `undo` 撤销。
arg-regions-import-contacts = Picasa 的 contacts.xml，用于文件夹中没有的姓名
arg-regions-import-dry_run = 只列出将要命名的人脸，不作更改
arg-regions-import-names = 按 `regions export` 写出的表格（CSV 或 JSON 行）而不是区域为人脸命名
arg-regions-import-photos = 已入库照片所在的文件夹，或全部照片（`all`）

command-remove = 将人脸、照片、文件夹或人物移出图库；不会改动文件
    .more = 在永久删除之前，移除的内容可用 `undo` 和 `restore` 恢复；再次入库其文件夹时仍保持移除状态。
command-remove-face = 单张人脸，按编号
arg-remove-face-faces = 人脸编号
command-remove-folder = 文件夹及其子文件夹中的照片
arg-remove-folder-folder = 文件夹
command-remove-missing = 文件已不存在的照片
command-remove-person = 人物；其人脸保留，但没有姓名
arg-remove-person-person = 姓名，或 # 加编号
arg-remove-person-with_faces = 同时移除其人脸；人物保留，以便人脸可以恢复
command-remove-photo = 照片及其人脸，按路径
arg-remove-photo-photos = 照片路径

command-restore = 恢复已移除的人脸和照片；不带参数时列出它们
arg-restore-faces = 人脸编号
arg-restore-photos = 照片编号

command-screenshot = 用当前数据将一个界面绘制为 PNG；不需要显示器
arg-screenshot-dark = 以深色主题绘制
arg-screenshot-out = 图片写到哪里
arg-screenshot-probe = 在 `search` 和 `compare` 界面中检索的照片
arg-screenshot-screen = 要绘制的界面
arg-screenshot-size = 宽和高，像素

command-search = 在图库中检索照片上的人脸
    .more = 各筛选选项的条件必须全部满足；候选是通过筛选的人脸中最好的。最近 2,000 次检索保存在图库中，可用作索引调优的待查人脸。
arg-search-folder = 只检索此文件夹及其子文件夹中的照片
arg-search-from = 只检索这一天或之后拍摄的照片，例如 2019-07-03；没有拍摄日期的照片不计入
arg-search-k = 每张人脸的候选数上限
arg-search-named = 只检索有姓名的人脸
arg-search-photos = 多张照片会一起检索，比逐张检索更快
arg-search-range = 不是最好的 k 个，而是所有达到阈值的人脸，每张待查人脸至多 10,000 个；不指定 --threshold 时使用模型自带的阈值
arg-search-subject = 只检索此人物的人脸；可多次指定
arg-search-threshold = 略去分数低于此值的候选（含此值，−1…1）；不指定时显示最好的 k 个，并标出低于模型自带阈值的候选
arg-search-to = 只检索这一天或之前拍摄的照片
arg-search-unnamed = 只检索没有姓名的人脸；与 --subject 同用时也包括它们

command-status = 显示图库的内容

command-synth = 生成分布与人脸相同的向量，用于测量任意大小的索引
    .more = 除 FILE.npy 之外，还写出 FILE.persons.npy，即每个向量的人物；要求待查向量时，还写出 FILE.mated.npy 与 FILE.mated.persons.npy，以及 FILE.nonmated.npy。选项相同则向量相同。
arg-synth-d = 向量的维数
arg-synth-like = 与哪个网络的特征向量相似
arg-synth-mated = 待查向量数：文件中人物的新照片
arg-synth-n = 向量数，每个人物 10 至 30 个
arg-synth-nonmated = 待查向量数：其他人物的照片
arg-synth-out = 向量文件：.npy（float32，每个向量一行）或 .fvecs
arg-synth-rank = 向量实际张成的维数 [默认: edgeface 为 192，mbf 为 D，从不大于 D]

command-train = 用照片训练网络，或从另一个网络蒸馏
    .more = 相同的照片只解码和检测一次；训练可用 Ctrl-C 停止，并用 --resume 继续。
    .after = 示例:
      { "  " }likeness train --architecture mobilefacenet --photos people --loss arcface --out runs/first
      { "  " }likeness train distill --teacher big --student mobilefacenet-fpn --from small --train-part neck \
      { "      " }--photos people --masked 0.5 --hold-out pairs.txt:4,5 --out runs/masked
      { "  " }likeness train --resume runs/masked
      { "  " }likeness models import runs/masked/model.safetensors

      使用 --hold-out PAIRS.txt:4,5 时，不从第 4 折和第 5 折的人物学习；在第 4 折上测量，并保留在那里表现最好的权重；第 5 折留给 `likeness eval lfw`。与留出照片近似重复的照片（同一文件，或特征向量几乎相同）会列出并略去，除非指定 --keep-duplicates。
command-train-distill = 让网络学习另一个网络的特征向量；照片不需要标注
    .more = 使用 --masked 时，学生网络看到戴口罩的人脸，学习教师网络在未遮挡人脸上的特征向量，从而能在未遮挡的人脸中找到遮挡的人脸。
arg-train-architecture = 要训练的网络
arg-train-batch = 一次前向计算的图片数
arg-train-distill-batch = 一次前向计算的图片数
arg-train-loss = 对标注使用的损失函数
arg-train-name = 所得模型的名称 [默认: 运行文件夹的名称]
arg-train-distill-name = 所得模型的名称 [默认: 运行文件夹的名称]
arg-train-photos = 照片，每人一个文件夹（文件夹/人物/photo.jpg）；不使用标注时可为任意文件夹
arg-train-distill-photos = 照片，每人一个文件夹（文件夹/人物/photo.jpg）；不使用标注时可为任意文件夹
arg-train-seed = 相同的种子得到相同的训练，舍入除外
arg-train-distill-seed = 相同的种子得到相同的训练，舍入除外
arg-train-threads = 一个算子的线程数 [默认: 每个核心一个]
arg-train-distill-threads = 一个算子的线程数 [默认: 每个核心一个]
arg-train-margin = 损失函数的间隔 [默认: arcface 为 0.5 弧度，cosface 为 0.35]
arg-train-scale = 损失函数中余弦所乘的倍数
arg-train-distill-margin = ArcFace 的间隔，弧度
arg-train-distill-scale = ArcFace 中余弦所乘的倍数
arg-train-distill-arcface = 同时对标注使用的 ArcFace 的权重
arg-train-distill-relational = 一批之内学生与教师网络余弦之差的权重
arg-train-distill-student = 学习的网络
arg-train-distill-teacher = 提供特征向量的模型：已安装的模型，或可以导入的文件

command-tune = 在此图库上测量各索引的召回率和延迟，每行一个点
    .more = 每个规格都在当前索引之外构建，以各种参数组合测量后删除。测量结果会保存，可在窗口中打开。
arg-tune-apply = 构建并使用找到的点
arg-tune-export = 将各点写为表格 (.csv)、图片 (.svg, .png) 或完整结果 (.json)
arg-tune-goal_millis = 与 --goal-recall 同用：一次检索允许的毫秒数
arg-tune-goal_ram = 与 --goal-recall 同用：索引允许占用的内存，GB
arg-tune-goal_recall = 不测量网格，而是寻找达到此召回率的最快的点（见下面两个选项）
arg-tune-noise = 图库待查人脸所移动的随机向量的长度
arg-tune-nq = 从图库中取多少张待查人脸
arg-tune-probes = 待查人脸的来源：`gallery`、`held-out`、`past`，或 .npy、.fvecs 文件

command-undo = 撤销最近一次更改，或指定编号的更改
arg-undo-batch = 更改编号，见 `history` [默认: 由人作出的最近一次更改]

## People, circumstances of measures, and what else came later.

arg-bench-search-tail = 让这一比例的人脸在索引构建之后才加入（0…1）：它们会被逐一检索
arg-bench-search-tombstones = 让这一比例的人脸在索引构建之后被移除（0…1）
arg-bench-search-under_filter = 在只放行这一比例人脸的筛选条件下检索（0…1）
arg-bench-search-while_enrolling = 在不断加入人脸、所有核心都在工作时测量，如同入库期间
arg-faces-assign-faces = 人脸编号，与 `faces` 和 `search` 所列一致
arg-faces-assign-new = 新的人物，不论是否有人同名
arg-faces-assign-nobody = 无人：取消名字，文件夹也不会再赋予
arg-faces-assign-subject = 此编号的人物
arg-faces-ignore-faces = 人脸编号
arg-faces-ignore-rest_of_photo = 此编号照片中所有没有名字的人脸
arg-faces-ignore-why = 原因
arg-faces-leave-group-faces = 人脸编号
arg-faces-notice-faces = 人脸编号
arg-faces-reject-faces = 人脸编号
arg-faces-reject-person = 名字，或 # 加编号
arg-people-alarms-limit = 最多列出的行数
arg-people-alarms-offset = 跳过的行数
arg-people-alarms-person = 只列出此人物：名字，或 # 加编号
arg-people-ignore-group = 分组编号
arg-people-ignore-why = 原因
arg-people-list-filter = 列出哪些
arg-people-list-limit = 最多列出的行数
arg-people-list-offset = 跳过的行数
arg-people-list-search = 只列出名字、外部编号或标签中含此文字的人物
arg-people-list-sort = 排列顺序
arg-people-merge-into = 他们都是谁
arg-people-name-group = 此编号的分组
arg-people-name-new = 新的人物，不论是否有人同名
arg-people-name-person = 要改名的人物：名字，或 # 加编号
arg-people-regroup-person = 名字，或 # 加编号
arg-people-settle-faces = 警示建议移出的人脸
arg-people-settle-kind = 哪种警示
arg-people-settle-person = 名字，或 # 加编号
arg-people-show-limit = 最多列出的行数
arg-people-show-offset = 跳过的行数
arg-people-show-person = 名字，或 # 加编号
arg-people-split-faces = 要移出的人脸编号
arg-people-split-new = 新的人物，不论是否有人同名
arg-people-split-person = 名字，或 # 加编号
arg-people-suggest-limit = 最多列出的行数
arg-people-suggest-offset = 跳过的行数
arg-people-suggest-person = 只针对此人物：名字，或 # 加编号
arg-screenshot-text_size = 文字及其周围一切的大小，百分比
arg-tune-goal_fnir = 不用网格：寻找漏检已入库人物不超过此比例（FNIR）的最快设置
arg-tune-goal_threshold = 与 --goal-fnir 合用：达到此分数才算找到该人物；不给出时用模型自身的阈值
arg-tune-tail = 让这一比例的人脸在索引构建之后才加入（0…1）：它们会被逐一检索
arg-tune-tombstones = 让这一比例的人脸在索引构建之后被移除（0…1）
arg-tune-under_filter = 在只放行这一比例人脸的筛选条件下检索（0…1）
arg-tune-while_enrolling = 在不断加入人脸、所有核心都在工作时测量，如同入库期间
choice-filter-flagged = 存疑的人物
choice-filter-groups = 没有名字的人脸的分组
choice-filter-ignored = 已忽略的人脸
choice-filter-named = 有名字的人物
choice-filter-to-review = 有建议的人物
choice-kind-modes = 同一名字下有两个人
choice-kind-twice = 同一人在一张照片上出现两次
choice-why-not-a-face = 根本不是人脸；移出图库
choice-why-poster = 某人的图像：海报、屏幕、画像
choice-why-stranger = 无关的人
command-faces-assign = 说明人脸是谁
command-faces-ignore = 忽略人脸
command-faces-leave-group = 将人脸永久移出所在分组
command-faces-notice = 取消对人脸的忽略
command-faces-reject = 说明人脸不是某人；以后不再建议
command-people-alarms = 列出异常：同一名字下有两个人，或同一人在一张照片上出现两次
command-people-group = 将所有没有名字的人脸分组，并得出建议和警示
command-people-ignore = 忽略一组没有名字的人脸
command-people-list = 分页列出人物，或没有名字的人脸的分组
command-people-merge = 将几个人物合并为一个
command-people-name = 将一组没有名字的人脸命名为人物，或为人物改名
command-people-regroup = 对一个人物的人脸重新分组；逐张确认过的保持不变
command-people-settle = 说明关于某人物这些人脸的警示并不成立
command-people-show = 显示一个人物及其人脸，最不相似的在前
command-people-split = 说明某人物的部分人脸是别人，或无人认识
command-people-suggest = 列出没有名字的人脸与谁相似，最可靠的在前
value-FILTER = 筛选
value-GROUP = 分组
value-KIND = 种类
value-PERCENT = 百分比
value-SCORE = 分数
value-SORT = 排序
value-WHY = 原因
arg-people-merge-from = 名字，或 # 加编号
arg-people-name-name = 名字；对分组而言是已有人物的名字，或新人物的名字
arg-faces-assign-name = 此名字的人物；没有同名者时为新人物
arg-people-split-name = 他们是谁：此名字的人物，没有则为新人物；不给出时为无人认识
arg-eval-missed-k = 一次检索的候选数，与 `search` 所要求的一样：排在其后的人物算作漏检
