# Which faces may be candidates.

filter-all = 全部
filter-clear = 清除筛选
filter-clear-part = 清除筛选：{ $part }
filter-date-form = 年、月、日，如 2019-07-03
filter-dates-wrong = 日期尚未生效：{ $reason }。
filter-folder = 文件夹…
filter-folder-hint = 仅限某个文件夹及其子文件夹中的照片
filter-from = 拍摄起始日
filter-from-hint = 第一天，格式为年-月-日。没有日期的照片会被排除。
filter-named = 已命名
filter-nobody = 图库中没有名为“{ $name }”的人物。
filter-only = 仅限 { $name } 的人脸
filter-part-from = { $day } 起
filter-part-in = 在 { $folder } 中
filter-part-named = 已命名
filter-part-to = 至 { $day }
filter-subject = 人物姓名
filter-subject-hint = 仅限此人物的人脸；可添加多个
filter-taken = 拍摄于
filter-to = 拍摄截止日
filter-to-hint = 最后一天，格式为年-月-日。没有日期的照片会被排除。
filter-until = 至
filter-part-quality-from = 质量不低于 { $quality } %
filter-part-quality-to = 质量不高于 { $quality } %
filter-who = 谁的人脸
