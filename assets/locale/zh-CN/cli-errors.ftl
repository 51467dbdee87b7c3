# Why a command was not carried out.

cli-export-ending = 导出文件须以 .csv、.json、.svg 或 .png 结尾
cli-goal-circumstances = 寻找目标时不能指定筛选、尾部、已删除比例或入库；请用 --specs 测量这些情形
cli-no-detector = 检测参数无法读取：{ $reason }
cli-no-output = 标准输出不再接收，命令未继续：{ $reason }
cli-no-specs = 请在 --specs 后至少指定一个预设或规格
cli-no-such-photo = 此路径下没有已入库的照片：{ $path }
cli-no-window = 无法打开窗口（{ $reason }）；`likeness --help` 列出无需窗口即可使用的功能
cli-not-well = 并非一切正常
cli-not-well-repair = 并非一切正常；`likeness check --repair` 会修复能修复的
cli-nothing-done = 未执行任何操作
cli-picture-ending = 图片文件须以 .svg 或 .png 结尾
cli-preset-unsuited = 预设 { $preset } 不适合 { $d } 维的特征向量
cli-say-yes = 未执行任何操作；请加上 --yes 重试
cli-usage = { $reason }
cli-screen-not-loaded = 界面数据未能在两分钟内载入
