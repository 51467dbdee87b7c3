# Enrolled photos whose files are gone.

missing = 缺失的照片
missing-latest = { $all } 张中最近的 { $n } 张：
missing-none = 没有缺失的照片
missing-none-about = 重新入库文件夹时发现文件已不存在的照片列在这里。其人脸仍在库中并可检索，直到被移出或文件恢复。
missing-row = { $name }，{ $since }
missing-since = { $moment } 起缺失
missing-take-all-out = 全部移出…
missing-take-out = 移出…
missing-take-out-name = 移出 { $name }
missing-with-faces = 共 { $faces }
