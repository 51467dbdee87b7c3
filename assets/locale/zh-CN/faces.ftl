# Lists of faces.

faces-by-day = 拍摄日期
faces-by-folder = 文件夹
faces-by-newest = 最新入库
faces-by-quality = 质量（由低到高）
faces-chosen = 已选择 { $n } 张人脸
faces-filter = 筛选
faces-filter-hint = 只列出部分人脸：按名字、日期、文件夹或质量
faces-hover = 质量 { $quality }
faces-let-go = 取消选择（Esc）
faces-name = 命名
faces-name-all = 所有选中人脸的名字
faces-name-as = 命名为 { $name }
faces-none = 没有符合筛选条件的人脸
faces-none-about = 去掉部分条件可看到更多。
faces-open = 打开其照片
faces-quality = 质量不低于
faces-quality-hint = 质量更低的人脸不列出
faces-quality-share = { $percent } %
faces-search = 检索此人脸
faces-shown = { $shown } / { $all }
faces-sort = 排序
faces-sort-name = 排序方式：{ $order }
faces-take-out = 移除…
faces-turned = 倒序
