# The parts of a face's quality.

quality = 质量
quality-detector = 检测置信度
quality-detector-hint = 检测器对“这是人脸”的把握
quality-exposure = 曝光
quality-exposure-hint = 既不过暗也不过曝
quality-overall = 总体
quality-overall-hint = 以下各项合成的一个数：用此人脸检索的可靠程度
quality-pose = 姿态
quality-pose-hint = 1 表示正对镜头
quality-sharpness = 清晰度
quality-sharpness-hint = 细节多少；模糊或过度压缩的人脸细节很少
quality-size = 大小
quality-size-hint = 裁剪所用的照片像素与模型输入之比，减去照片之外的部分
