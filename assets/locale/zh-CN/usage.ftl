# What is wrong with a command line.

usage-comma = 、
usage-conflict = { $arg } 不能与 { $other } 同时使用
usage-invalid-value = “{ $value }”不能作为 { $arg } 的值：{ $reason }
usage-line = 用法: { $usage }
usage-meant = 您是否想用 { $meant }？
usage-missing-argument = 缺少必需的参数：{ $args }
usage-missing-command = { $command } 之后需要一个命令
usage-missing-value = { $arg } 需要一个值
usage-no-equals = { $arg } 与其值之间需要等号
usage-no-number = 不是数
usage-no-whole-number = 不是整数，或数值过大
usage-not-in-range = 不在 { $range } 的范围内
usage-not-understood = 无法理解
usage-not-utf8 = 有参数不是有效的 UTF-8
usage-number-of-values = { $arg } 的值的个数不对
usage-one-of = 应为 { $values } 之一
usage-too-many-values = 多余的值“{ $value }”：{ $arg } 不再接受更多的值
usage-try-help = 使用 --help 查看详情。
usage-twice = { $arg } 只能出现一次
usage-unknown-argument = 未知的参数 { $arg }
usage-unknown-command = 未知的命令 { $command }
