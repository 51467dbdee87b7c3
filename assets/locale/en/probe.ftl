# The photo that is searched.

probe = Photo to search
probe-changed = The file is another picture than was enrolled: what was stored is searched.
probe-drop-hint = Or drop a photo here, or paste one with Ctrl V.
probe-face = Face { $i } of { $n }
probe-face-on-photo = Face { $i } of { $n } on the photo
probe-face-quality = Face { $i } of { $n }, quality { $quality }
probe-faces = { $n ->
    [one] One face
   *[other] { $n } faces: choose the one to search
}
probe-failed = This photo cannot be searched
probe-failed-about = Try another photo, or save it as JPEG or PNG first.
probe-found-in = Faces found in { $time }
probe-from-clipboard = Picture from the clipboard
probe-gone = The file cannot be read: what was stored is searched.
probe-looking = Looking for faces…
probe-low-quality = This face is of low quality: expect weaker scores.
probe-no-face = No face was found on this photo
probe-no-face-about = Try a photo where the face is larger and looks at the camera. A smaller “smallest face” in Settings finds more.
probe-partly-read = Read in part: { $notice }
probe-photo = the probe photo
probe-searched-in = { $faces } searched in { $time }
