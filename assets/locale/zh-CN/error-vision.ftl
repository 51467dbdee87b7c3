# Errors of models.

onnx-external-data = 张量“{ $name }”的数据应在“{ $location }”中：{ $reason }
onnx-graph = { $reason }
onnx-malformed = 不是完整的 ONNX 文件：{ $reason }
onnx-node = 节点“{ $node }”（{ $op }）：{ $reason }
onnx-tensor = 张量“{ $name }”：{ $reason }
onnx-too-much = 它要求的超出人脸网络所需：{ $reason }
onnx-unsupported = 不支持节点“{ $node }”的算子 { $op }
vision-bad-output = 模型“{ $model }”未给出可用的特征向量：{ $reason }
vision-checksum = 权重的校验和与清单不符（sha256 { $found }，应为 { $expected }）；请重新获取：{ $path }
vision-corrupt-weights = 权重已损坏或类型不符（{ $reason }）；请重新获取：{ $path }
vision-crop-size = 模型“{ $model }”接受 { $width }×{ $height } 像素的裁剪，得到的是 { $found_width }×{ $found_height }
vision-duplicate-model = 已有名为“{ $name }”的模型；请另取名称，或先删除其文件夹
vision-io = { $subject }：{ $reason }：{ $path }
vision-landmark-not-finite = 某个关键点不是有限数
vision-landmarks-degenerate = 关键点重合或与模板矛盾，无法据此对齐人脸
vision-library-failed = 神经网络库出错：{ $reason }
vision-manifest = 模型清单无法使用（{ $reason }）：{ $origin }
vision-mask = 此口罩图片无法使用（{ $reason }）：{ $path }
vision-missing-weights = 缺少权重；请运行 `cargo xtask setup`，或用 LIKENESS_WEIGHTS 指定其文件夹：{ $path }
vision-onnx = 此 ONNX 模型无法使用（{ $source }）：{ $path }
vision-params = 检测参数：{ $reason }
vision-runs-code = TorchScript 文件是程序，一经加载便以您的权限运行；只导入来源可信的文件，并明确允许（`--run-code`，或在窗口中）：{ $path }
vision-template-size = 模板要求 { $width }×{ $height } 像素的裁剪；每边必须在 1 到 { $max } 之间
vision-unknown-model = 没有名为“{ $name }”的模型；现有：{ $known }
vision-unreadable-weights = 权重无法读取（{ $source }）：{ $path }
vision-unusable-model = 模型“{ $name }”无法使用：{ $reason }
