# What was changed, and the way back.

history-about = 命名、合并人物、移出照片：每次更改都列在这里，并且随时可以撤销，程序关闭后也可以。
history-change = { $moment }，{ $actor }
history-change-purged = { $moment }，{ $actor }  ·  已永久删除
history-change-undone = { $moment }，{ $actor }  ·  已撤销
history-close = 关闭历史记录
history-earlier = 更早的更改：`likeness history`。
history-failed = 无法读取历史记录：{ $reason }
history-hint = 更改了什么、由谁更改，以及如何撤销
history-no-redo = 没有可重做的操作（Ctrl Shift Z）
history-no-undo = 没有可撤销的操作（Ctrl Z）
history-redo-change = 重做：{ $change }（Ctrl Shift Z）
history-undo-change = 撤销：{ $change }（Ctrl Z）
history-undo-this = 撤销：{ $change }
