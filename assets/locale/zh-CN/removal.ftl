# Taking out of the gallery.

removal-about = 磁盘上的文件保持不变。在永久删除之前可以撤销；再次入库不会恢复已移出的内容。
removal-counting = 正在统计…
removal-do = 移出
removal-faces = { $faces }将移出图库。
removal-faces-named = { $faces }（已命名）将移出图库。
removal-faces-some-named = { $faces }（其中 { $named } 张已命名）将移出图库。
removal-keep = 保留
removal-nothing = 图库中没有符合的内容。
removal-of-faces = { $n ->
    [1] 移出此人脸？
   *[other] 移出 { $n } 张人脸？
}
removal-of-folder = 移出文件夹 { $folder }？
removal-of-missing = 移出文件已不存在的照片？
removal-of-person = 移出 { $name } 的全部内容？
removal-of-photos = { $n ->
    [1] 移出此照片？
   *[other] 移出 { $n } 张照片？
}
removal-photos = { $photos }（含 { $faces }）将移出图库。
removal-photos-named = { $photos }（含 { $faces }，已命名）将移出图库。
removal-photos-some-named = { $photos }（含 { $faces }，其中 { $named } 张已命名）将移出图库。
