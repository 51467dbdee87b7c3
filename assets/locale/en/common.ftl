# Words that several screens say.

copy-path = Copy path
dimensions = Dimensions
faces = { $n ->
    [one] { $n } face
   *[other] { $n } faces
}
folder = Folder
licence = Licence
loading = Loading…
name = Name
photos = { $n ->
    [one] { $n } photo
   *[other] { $n } photos
}
subjects = { $n ->
    [one] { $n } subject
   *[other] { $n } subjects
}
threshold = Threshold
