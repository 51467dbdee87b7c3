# Messages, newest first.

messages-dismiss-all = 全部关闭
messages-dismiss-error = 关闭错误
messages-dismiss-note = 关闭提示
messages-dismiss-warning = 关闭警告
messages-error = 错误
messages-hint = 最近的消息及其时间
messages-more = 另有 { $n } 条
messages-none = 程序启动以来没有消息。
messages-note = 提示
messages-show-all = 全部显示
messages-times = { $text }（{ $n } 次）
messages-undo = 撤销此消息所述的更改
messages-unseen = 消息（{ $n }）
messages-warning = 警告
