# Why a job came to nothing.

jobs-about-path = { $reason }：{ $path }
jobs-cancelled = 已取消
jobs-no-embedding = 人脸 { $face } 没有模型 { $model } 的特征向量；请重新入库其照片
jobs-no-such-source = 没有文件或文件夹 { $path }
jobs-nothing-to-do = 无事可做：未指定文件或文件夹，也没有未完成的入库
jobs-pairs = 配对文件：{ $reason }
jobs-read-only = 此图库以只读方式打开：{ $reason }
jobs-worker = 一个工作线程因程序错误而停止：{ $reason }
