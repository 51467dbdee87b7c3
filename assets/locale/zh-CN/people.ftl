# What is changed about a person as a whole.

people-ambiguous = { $name }（人物 { $id }）
people-edit = 编辑人物…
people-edit-hint = 此人物的姓名、外部编号和备注（F2）
people-edit-name = 编辑 { $name }
people-external-id = 外部编号
people-external-id-hint = 案件、员工或登记编号
people-merge = 合并…
people-merge-button = 合并
people-merge-hint = 列表中的两个人物是同一人：将其合并（Shift F2）
people-merge-into = 合并到 { $name }
people-merge-name = 将 { $name } 合并到另一个人物
people-merge-nobody = 图库中没有其他名为“{ $name }”的人物。
people-merge-nobody-else = 此图库中还没有其他人物。
people-merge-other = 另一个人物
people-merge-other-first = 请先选择另一个人物
people-merge-outcome = { $name } 将有 { $faces }。
people-merge-outcome-about = { $old } 将从人物列表中消失；此后该名称的文件夹表示 { $new }。此操作可以撤销（Ctrl Z）。
people-merge-who = { $name } 还是谁？
people-name-hint = 此人物的姓名
people-needs-name = 人物必须有姓名。
people-note-hint = 与其他同名人物区分的说明
people-same-external-id = { $name } 也使用此外部编号。
people-same-name = { $name } 也叫这个名字。可以保留：用外部编号或备注区分即可。
people-same-name-several = 另有 { $n } 个人物也叫这个名字。可以保留：用外部编号或备注区分即可。
