# Words that several screens say.

cancel = Cancel
close = Close
copy-path = Copy path
dimensions = Dimensions
faces = { $n ->
    [one] { $n } face
   *[other] { $n } faces
}
faces-filtered = { $n ->
    [one] { $n } filtered face
   *[other] { $n } filtered faces
}
folder = Folder
history = History
licence = Licence
loading = Loading…
messages = Messages
name = Name
not-named = Not named
note = Note
person-number = person { $id }
photos = { $n ->
    [one] { $n } photo
   *[other] { $n } photos
}
redo = Redo
reset = Reset
save = Save
search = Search
search-this-face = Search this face
shortcuts = Keyboard shortcuts
show-in-folder = Show in folder
subject = Subject
subjects = { $n ->
    [one] { $n } subject
   *[other] { $n } subjects
}
threshold = Threshold
undo = Undo
