# 其他程序写下而无法使用的内容。

exchange-cut = 内容被截断或已损坏
exchange-dtd = 其中声明了文档类型（DTD），不予读取
exchange-no-columns = 既没有“face”列，也没有“digest”列
exchange-not-text = 不是 UTF-8 或 UTF-16 文本
exchange-not-utf8 = 不是 UTF-8 编码，只有 UTF-8 文件才会被修改
exchange-not-xmp = 其中没有 XMP 所需的 RDF
exchange-other-form = 其中区域的写法无法补充
exchange-other-picture = 其中的区域属于另一种宽高比的图片（{ $width } × { $height }）：照片后来被裁剪过
exchange-row = 第 { $row } 行无法读取：{ $reason }
exchange-too-complex = 元素过多或嵌套过深
exchange-too-large = 大于 { $limit } 字节
exchange-unclear = 无法确定其中的区域以哪个方向为上
exchange-xml = 不是格式正确的 XML（{ $reason }）
