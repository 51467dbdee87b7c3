# Errors of files of vectors.

vectors-by-columns = 数组按列存储；请保存其 numpy.ascontiguousarray
vectors-empty = 其中没有向量
vectors-ending = 向量文件的名称须以 .npy 或 .fvecs 结尾
vectors-header = .npy 文件头无法读取（{ $reason }）
vectors-not-two-dimensional = 数组有 { $found } 维而不是 2 维（每行一个向量）
vectors-not-vectors = 这不是向量文件：必须是 .npy 数组（二维，float32 或 float64）或 .fvecs
vectors-row = 第 { $row } 行：{ $reason }
vectors-row-count = 写入了 { $got } 行，而声明为 { $expected } 行
vectors-too-large = { $rows } 个 { $d } 维向量超过一次读取的上限（{ $max } 个值）
vectors-trailing = 最后一个向量之后还有 { $extra } 字节：文件未写完整，或是另一种文件
vectors-truncated = 文件被截断：缺少 { $missing } 字节
vectors-uneven = 第 { $row } 行有 { $found } 个值，之前各行有 { $expected } 个
vectors-value-type = 数组的类型是 { $found }，而不是 float32（<f4）或 float64（<f8）；请用 .astype('float32') 保存
vectors-wrong-length = 其向量有 { $found } 个值，图库的有 { $expected } 个：来自不同的模型
