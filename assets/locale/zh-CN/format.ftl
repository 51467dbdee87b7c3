# Times and numbers.

format-date = { $year }年{ $month }月{ $day }日
format-days = { $days } 天 { $hours } 小时
format-hours = { $hours } 小时 { $minutes } 分
format-minutes = { $minutes } 分 { $secs } 秒
format-moment = { $date } { $time }
format-no-score = 无分数
format-seconds = { $secs } 秒
format-under-a-second = 不到 1 秒
format-unknown = 未知
