# Words that several screens say.

cancel = Cancel
close = Close
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
not-named = Not named
note = Note
photos = { $n ->
    [one] { $n } photo
   *[other] { $n } photos
}
redo = Redo
reset = Reset
save = Save
search = Search
search-this-face = Search this face
show-in-folder = Show in folder
subject = Subject
subjects = { $n ->
    [one] { $n } subject
   *[other] { $n } subjects
}
threshold = Threshold
undo = Undo
