# Words that several screens say.

copy-path = 复制路径
dimensions = 维数
faces = { $n } 张人脸
folder = 文件夹
licence = 许可证
loading = 正在载入…
name = 名称
photos = { $n } 张照片
subjects = { $n } 个人物
threshold = 阈值
