# Why a file did not become a photo.

decode-bomb = 文件仅 { $bytes } 字节却声明 { $width }×{ $height } 像素；没有这么小的照片，因此未打开
decode-codec-missing = 系统的 libheif 没有 { $format } 的解码器：{ $hint }
decode-corrupt = { $format } 文件已损坏：{ $detail }
decode-crashed = { $format } 解码器在此文件上崩溃；该文件已跳过
decode-empty = 文件为空（0 字节）；请从来源重新复制
decode-encode = 裁剪无法存为 JPEG：{ $reason }
decode-endless = { $format } 解码器处理此文件时无法结束；该文件已跳过
decode-file-too-large = 文件有 { $bytes } 字节，超过上限 { $limit }
decode-library-missing = { $format } 照片需要系统库 libheif，而系统中没有：{ $hint }
decode-no-preview = RAW 照片中没有可读取的图像；请导出为 JPEG 或 TIFF
decode-not-a-file = 这是{ $what }，不是文件
decode-not-a-photo = 内容是{ $guess }，不是可读取的照片格式，与文件名无关
decode-thumbnail-only = RAW 照片中只有 { $width }×{ $height } 像素的缩略图；请导出为 JPEG 或 TIFF
decode-too-many-pixels = 照片声明为 { $width }×{ $height } 像素，超过 { $limit } 兆像素的上限
decode-too-much-memory = 解码此 { $format } 照片所需内存超过 { $limit } MB 的上限
decode-too-small = 照片为 { $width }×{ $height } 像素，太小，容不下人脸（每边至少 { $least }）
decode-truncated = { $format } 文件不完整；请从来源重新复制
decode-unreadable = 文件无法读取：{ $reason }
decode-unsupported = 无法读取这种 { $format } 文件：{ $detail }
