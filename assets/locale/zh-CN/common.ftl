# Words that several screens say.

cancel = 取消
close = 关闭
copy-path = 复制路径
dimensions = 维数
faces = { $n } 张人脸
folder = 文件夹
licence = 许可证
loading = 正在载入…
name = 名称
not-named = 未命名
note = 备注
photos = { $n } 张照片
redo = 重做
reset = 重置
save = 保存
search = 检索
search-this-face = 检索此人脸
show-in-folder = 在文件夹中显示
subject = 人物
subjects = { $n } 个人物
threshold = 阈值
undo = 撤销
