# What comes in from outside the window: dropped files, the clipboard, file dialogs.

intake-dialog-data = Data folder to open
intake-dialog-failed = The file dialog could not be shown ({ $reason }). Drop files onto the window instead.
intake-dialog-failed-data = The file dialog could not be shown ({ $reason }). `likeness --data-dir FOLDER` opens it, too.
intake-dialog-failed-folder = The file dialog could not be shown ({ $reason }). On the command line, search takes --folder.
intake-dialog-failed-sweep = The file dialog could not be shown ({ $reason }). Sweeps can be written by `likeness tune` too.
intake-dialog-folder = Folder to search in
intake-dialog-folders = Folders to enroll
intake-dialog-model = Model to import
intake-dialog-none = this desktop offers none; the package zenity or xdg-desktop-portal brings one
intake-dialog-photos = Photos to enroll
intake-dialog-probe = Photo to search
intake-dialog-sweep = Export the sweep
intake-dialog-vectors = Vectors to tune with
intake-drop-enroll = Drop to enroll
intake-drop-enroll-about = { $n ->
    [one] { $n } file or folder. Photos in folders are found by themselves.
   *[other] { $n } files and folders. Photos in folders are found by themselves.
}
intake-drop-import = Drop to import
intake-drop-import-about = The file is looked at first; nothing is taken over yet.
intake-drop-search = Drop to search
intake-drop-search-about = The faces of this photo are looked for in the gallery.
intake-files-photos = Photos
intake-files-vectors = Vectors
intake-files-weights = Weights
intake-import-running = A model is being imported; drop the next one when it is done.
intake-no-text = The clipboard holds text, but not the path of a photo. Copy a picture or a file.
intake-no-weights = This is no weights file ({ $endings }). Photos are enrolled on the Enroll screen.
intake-not-done = { $what }: { $reason }
intake-not-enrolled = Nothing was enrolled
intake-not-imported = No model was imported
intake-nothing-enrolled = Nothing can be enrolled
intake-nothing-imported = No model can be imported
intake-one-model = One model is imported at a time: { $file } is taken.
intake-one-photo = One photo is searched at a time: { $file } is taken.
intake-paste-failed = The picture in the clipboard cannot be used: { $reason }
intake-paste-size = its size does not match its pixels
intake-unknown-reason = for an unknown reason
