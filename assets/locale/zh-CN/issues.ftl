# Photos that could not be enrolled.

issues = 问题
issues-copy = 复制
issues-copy-list = 复制列表
issues-copy-name = 复制 { $name } 及其原因
issues-none = 没有问题
issues-none-about = 无法读取或没有可用图像的照片会连同原因列在这里。它们不会中断任务。
issues-retry = 重试
issues-retry-all = 全部重试
issues-retry-name = 重试 { $name }
issues-row = { $name }：{ $reason }
issues-show-name = 在文件夹中显示 { $name }
