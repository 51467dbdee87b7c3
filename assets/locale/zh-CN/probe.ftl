# The photo that is searched.

probe = 待查照片
probe-changed = 文件已不是入库时的图像：将检索已存储的内容。
probe-drop-hint = 也可以将照片拖放到这里，或用 Ctrl V 粘贴。
probe-face = 第 { $i } 张人脸，共 { $n } 张
probe-face-on-photo = 照片上第 { $i } 张人脸，共 { $n } 张
probe-face-quality = 第 { $i } 张人脸，共 { $n } 张，质量 { $quality }
probe-faces = { $n ->
    [1] 一张人脸
   *[other] { $n } 张人脸：请选择要检索的一张
}
probe-failed = 无法检索此照片
probe-failed-about = 请换一张照片，或先将其另存为 JPEG 或 PNG。
probe-found-in = 检测人脸用时 { $time }
probe-from-clipboard = 来自剪贴板的图像
probe-gone = 文件无法读取：将检索已存储的内容。
probe-looking = 正在寻找人脸…
probe-low-quality = 此人脸质量较低：分数会偏低。
probe-no-face = 此照片上没有找到人脸
probe-no-face-about = 请换一张人脸更大、正对镜头的照片。在设置中调小“最小人脸”可以找到更多。
probe-partly-read = 仅部分读取：{ $notice }
probe-photo = 待查照片
probe-searched-in = 检索 { $faces }用时 { $time }
