# The card of a job.

job-already-enrolled = { $n } already enrolled
job-already-enrolled-hint = Same content, same parameters: skipped
job-cancel = Cancel { $title }
job-cancelled = Cancelled
job-cancelling = Cancelling
job-cancelling-about = Finishing what is in work…
job-copy-passed-over = Copy the list
job-copy-passed-over-hint = Their paths, one a line
job-copy-passed-over-name = Copy the list of files passed over
job-crashed = Crashed
job-crashed-about = A fault in the program stopped it: { $reason }
job-crops = { $n ->
    [one] { $n } crop
   *[other] { $n } crops
}
job-dismiss = Dismiss
job-dismiss-title = Dismiss { $title }
job-done = Done
job-done-of = { $done } of { $total }
job-failed = Failed
job-issues = { $n ->
    [one] { $n } issue
   *[other] { $n } issues
}
job-left = { $time } left
job-left-out = { $n ->
    [one] { $n } folder of thumbnails, earlier versions or trash left out: { $names }
   *[other] { $n } folders of thumbnails, earlier versions or trash left out: { $names }
}
job-left-out-with-photos = { $n ->
    [one] { $n } folder of thumbnails, earlier versions or trash left out: { $names }; { $photos } of the gallery lie in them: open a face of one, and “Its folder…” takes them out
   *[other] { $n } folders of thumbnails, earlier versions or trash left out: { $names }; { $photos } of the gallery lie in them: open a face of one, and “Its folder…” takes them out
}
job-measurements = { $n ->
    [one] { $n } measurement
   *[other] { $n } measurements
}
job-megabytes = { $n ->
    [one] { $n } megabyte
   *[other] { $n } megabytes
}
job-missing = { $n ->
    [one] { $n } photo is missing: its file is gone
   *[other] { $n } photos are missing: their files are gone
}
job-models = { $n ->
    [one] { $n } model
   *[other] { $n } models
}
job-moved = { $n ->
    [one] { $n } photo was found in another place
   *[other] { $n } photos were found in another place
}
job-pace = { $counted }/s
job-passed-over = { $n ->
    [one] { $n } file passed over, no photos: { $endings }
   *[other] { $n } files passed over, no photos: { $endings }
}
job-passed-over-no-ending = { $n } without an ending
job-passed-over-others = { $n } others
job-pause = Pause
job-pause-title = Pause { $title }
job-paused = Paused
job-paused-about = Paused: nothing is lost, resume when you like
job-points = { $n ->
    [one] { $n } point
   *[other] { $n } points
}
job-progress = Progress of { $title }
job-raw-beside = { $n ->
    [one] { $n } raw file was left out: its photo lies beside it
   *[other] { $n } raw files were left out: their photos lie beside them
}
job-removed = { $n ->
    [one] { $n } photo was passed over, since you took it out
   *[other] { $n } photos were passed over, since you took them out
}
job-resume = Resume
job-resume-title = Resume { $title }
job-running = Running
job-searches = { $n ->
    [one] { $n } search
   *[other] { $n } searches
}
job-steps = { $n ->
    [one] { $n } step
   *[other] { $n } steps
}
job-stopped = Stopped
job-stopped-build = Stopped; the live index is as it was
job-stopped-change = Stopped; the model in use is as it was, and what was embedded is kept
job-stopped-enroll = Stopped; what was enrolled stays
job-stopped-remove = Stopped; what was deleted by then is gone
job-took = Took { $time }
jobs = Jobs
