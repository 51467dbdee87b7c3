# Saying who a face is.

naming-hint = 此人的姓名
naming-is = 是 { $name }
naming-new = 同名的新人物
naming-remove = 移除姓名
naming-save = 保存姓名
naming-several = 有多个人物叫这个名字。是哪一位？
