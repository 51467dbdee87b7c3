# Errors of training.

train-corrupt = 文件已损坏或属于另一次训练（{ $reason }）：{ $path }
train-diverged = 第 { $step } 步的损失不再是有限数；降低 --learning-rate 或延长 --warm-up 会有帮助
train-io = { $subject }（{ $reason }）：{ $path }
train-pairs = 配对文件 { $path }：{ $reason }
train-refused = { $reason }
train-stopped = 已停止
