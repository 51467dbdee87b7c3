# What the advisor says of indexes.

advice-below-tenth = 不到 0.1 ms
advice-exact-few = 有 { $faces }时，精确检索约需 { $time }。
advice-exact-quick = 精确检索约需 { $time }，符合您的要求。
advice-exact-would = 精确检索约需 { $time }，并占用 { $memory }。
advice-gigabytes = { $n } GB 内存
advice-megabytes = { $n } MB 内存
advice-millis = { $n } ms
advice-misses-by-codes = 每个编码都会比较，因此漏检只由编码造成。
advice-misses-nothing = 它没有任何漏检，因此无需调优。
advice-misses-some = 它会漏检一些人脸：在依靠它之前，请在您自己的图库上测量；另请注意，它会隐去相貌相似者，因此误报率看起来比实际要好。
advice-misses-strangers = 已入库的人物几乎总能找到；对于陌生人，只显示最近人脸中的一部分。
advice-nearest = 已知的规格都不能同时满足两项要求；这是最接近的。扫描测试也许能找到更好的。
advice-on-all = 在您的 { $faces }上
advice-on-some = 在您的 { $faces }中的 { $n } 张上
advice-suits = { $spec } 适合：{ $what }。
advice-tried = { $sample }用 { $probes }试验：{ $first } % 的检索首先得到最近的人脸（95 % 置信区间 { $low } 至 { $high }），最近的 { $k } 张中有 { $found } % 被找到。
advice-tried-misses = { $found }因此每 100 次检索有 { $missed } 次漏掉最近的人脸：如果太多，请扩大检索范围或使用精确检索。
advice-would-need = { $spec } 需要 { $memory }。
advice-would-take = { $spec } 约需 { $time }。
