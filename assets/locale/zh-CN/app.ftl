# What the window is told of its jobs.

app-fault = 程序错误：{ $reason }
app-fault-closing = 关闭时程序出错；请查看日志。
app-thread-refused = 系统拒绝了线程：{ $reason }
app-threads-refused = 系统拒绝了程序所需的线程：{ $reason }
engine-better-model = 有更好的模型：{ $name }。{ $figures }。可在“模型”页面更换。
enroll-job = { $more ->
    [0] 入库 { $name }
   *[other] 入库 { $name } 等（另 { $more } 项）
}
enroll-resume-job = { $more ->
    [0] 继续入库 { $name }
   *[other] 继续入库 { $name } 等（另 { $more } 项）
}
jobs-no-word = 任务未作说明便结束了
jobs-starting = 正在启动
models-change-job = 更换为 { $model }
models-changed = 现在使用 { $model }。{ $embedded ->
    [0] 每张人脸都已有特征向量。
   *[other] 它为 { $embedded } 张人脸计算了特征向量。
}{ $stored ->
    [0] { "" }
   *[other] 有 { $stored } 张人脸取自存储的图片，因为照片已不在：见问题列表。
}{ $failed ->
    [0] { "" }
   *[other] 有 { $failed } 张人脸无法计算特征向量：见问题列表。
}
models-forget-job = 删除 { $model } 的特征向量
models-import-job = 导入 { $model }
models-imported = { $title } 已通过测试，并以 { $name } 导入。
models-remove-job = 移除 { $model }
models-resume-change = 继续更换为 { $model }
models-runs-unread = 因程序错误，训练记录无法读取：{ $reason }
models-speed-job = 测量 { $model } 的速度
models-test-job = 测试 { $model }
people-closing = 程序正在关闭。
people-no-changes = 未作此更改：程序错误结束了负责更改的线程。请稍后再试。
people-too-many-changes = 未作此更改：太多更改正在等待磁盘。请稍后再试。
program-writable = 另一个程序已释放此图库：现在可以在这里更改。
search-probe-gone = 所检索的人脸已不在图库中，检索已关闭。
settings-unsaved = 设置无法保存（{ $reason }）
tune-autotune-job = 自动调优
tune-build-job = 构建 { $spec }
tune-exported = 扫描测试已写入 { $path }
tune-missed-job = 测量漏检人物
tune-no-whole-number = “{ $part }”不是 1 或更大的整数
tune-not-exported = 扫描测试无法写入（{ $reason }）：{ $path }
tune-rebuild-job = 重新构建损坏的索引
tune-retrain-job = 重新训练索引
tune-roll-back-job = 回到第 { $generation } 版
tune-rolled-back = 第 { $generation } 版重新成为当前索引。
tune-sweep-job = 对 { $n } 个规格进行扫描测试
tune-too-many-values = 一次最多测量 { $max } 个值，而不是 { $n } 个
window-no-file-manager = 无法用文件管理器打开文件夹 { $folder }
