# What the window is told of its jobs.

app-fault = A fault of the program: { $reason }
app-fault-closing = A fault of the program while closing; see the log.
app-thread-refused = The system refused a thread: { $reason }
app-threads-refused = The system refused the threads the program needs: { $reason }
engine-better-model = A better model is available: { $name }. { $figures }. The Models screen changes to it.
enroll-job = { $more ->
    [0] Enroll { $name }
   *[other] Enroll { $name } and { $more } more
}
enroll-resume-job = { $more ->
    [0] Resume { $name }
   *[other] Resume { $name } and { $more } more
}
jobs-no-word = the job ended without a word
jobs-starting = Starting
models-change-job = Change to { $model }
models-changed = { $model } is in use now. { $embedded ->
    [0] Every face had its embedding already.
    [one] It embedded { $embedded } face.
   *[other] It embedded { $embedded } faces.
}{ $stored ->
    [0] { "" }
    [one] { " " }{ $stored } face came from stored pictures, because the photos are gone: see the issues.
   *[other] { " " }{ $stored } faces came from stored pictures, because the photos are gone: see the issues.
}{ $failed ->
    [0] { "" }
    [one] { " " }{ $failed } face could not be embedded: see the issues.
   *[other] { " " }{ $failed } faces could not be embedded: see the issues.
}
models-forget-job = Delete the embeddings by { $model }
models-import-job = Import { $model }
models-imported = { $title } was tested and imported as { $name }.
models-remove-job = Remove { $model }
models-resume-change = Resume the change to { $model }
models-runs-unread = The training runs cannot be read, by a fault of the program: { $reason }
models-speed-job = Measure the speed of { $model }
models-test-job = Test { $model }
people-closing = The program is closing.
people-no-changes = This change was not made, because a fault of the program ended the thread that makes changes. Try again in a moment.
people-too-many-changes = This change was not made, because too many changes are waiting for the disk. Try again in a moment.
program-writable = The other program has let go of this gallery: it can be changed here now.
search-probe-gone = The face that was searched is no longer in the gallery, and so the search was closed.
settings-unsaved = The settings could not be saved ({ $reason })
tune-autotune-job = Autotune
tune-build-job = Build { $spec }
tune-exported = The sweep was written to { $path }
tune-missed-job = Measure people missed
tune-no-whole-number = “{ $part }” is no whole number of 1 or more
tune-not-exported = The sweep could not be written ({ $reason }): { $path }
tune-rebuild-job = Build the damaged index again
tune-retrain-job = Train the index anew
tune-roll-back-job = Go back to generation { $generation }
tune-rolled-back = Generation { $generation } is the live index again.
tune-sweep-job = { $n ->
    [one] Sweep over { $n } spec
   *[other] Sweep over { $n } specs
}
tune-too-many-values = at most { $max } values are measured at once, not { $n }
window-no-file-manager = No file manager could be opened on the folder { $folder }
