# Errors of the index.

index-busy = 另一个进程正在此处发布索引：{ $path }
index-corrupt = 已发布的索引已损坏（{ $detail }）；将从图库重建：{ $path }
index-disk-full = 磁盘已满，索引未发布；检索照常进行。请腾出空间：{ $path }
index-exclude-mismatch = { $probes } 个探针中只为 { $lists } 个给出了要排除的人脸
index-duplicate-id = 人脸 { $face } 已在索引中，或在待添加的人脸中出现两次
index-faiss = Faiss 报告：{ $reason }
index-interrupted = 索引上的工作已停止
index-invalid-dimension = 索引的维数必须在 1 到 { $max } 之间，而不是 { $d }
index-io = 无法{ $action }：{ $source }：{ $path }
index-length-mismatch = 为 { $embeddings } 个特征向量给出了 { $ids } 个编号
index-negative-id = { $face } 不是人脸编号：编号不为负
index-newer-format = 已发布的索引由更新版本的 Likeness 写入（格式 { $found }）；将重建：{ $path }
index-no-generation = 索引没有第 { $generation } 版；见 `likeness index list`
index-path-not-utf8 = Faiss 不接受非 UTF-8 的路径；请选择其他数据文件夹：{ $path }
index-read-only = 索引以只读方式打开：{ $path }
index-too-few-to-train = { $spec } 索引至少需要 { $needed } 张人脸进行训练，现有 { $found } 张
index-wrong-dimension = 索引中的特征向量为 { $expected } 维，此向量为 { $got } 维
index-wrong-generation-dimension = 已发布的索引中的特征向量为 { $found } 维，而不是 { $expected } 维；将重建：{ $path }
index-wrong-model = 已发布的索引属于模型 { $found }，而不是 { $expected }；将重建：{ $path }
