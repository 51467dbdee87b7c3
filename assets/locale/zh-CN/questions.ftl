# "Is this still Ada?"

questions = 疑问
questions-before = { $name }，以前
questions-is-still = 这还是 { $name } 吗？
questions-no = 否
questions-no-name = 否，{ $photo } 不是 { $name }
questions-none = 没有待答的疑问
questions-none-about = 当一张照片被替换、且不能确定其中的人脸仍是同一人时，不会自动沿用姓名，而是在这里询问。
questions-now = 现在的人脸
questions-open = 打开人脸
questions-open-name = 打开 { $photo } 上的人脸
questions-row = 还是{ $name }吗？{ $photo }
questions-yes = 是
questions-yes-name = 是，{ $photo } 是 { $name }
