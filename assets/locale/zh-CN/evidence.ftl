# What a photo's file is now, where it is no longer what was enrolled.

evidence-changed = 文件已不是入库时的图像
evidence-changed-about = 这是入库时的人脸。它在当前文件中的位置未知；请重新入库该文件夹以查看。
evidence-crop = 入库时的样子
evidence-gone = 无法显示照片
evidence-gone-about = { $reason }。这是入库时的人脸；它仍在图库中，可以检索到。
