# Messages, newest first.

messages-dismiss-all = Dismiss all
messages-dismiss-error = Dismiss error
messages-dismiss-note = Dismiss note
messages-dismiss-warning = Dismiss warning
messages-error = Error
messages-hint = The last messages, with their times
messages-more = { $n } more
messages-none = Nothing was told since the program was started.
messages-note = Note
messages-show-all = Show all
messages-times = { $text } ({ $n } times)
messages-undo = Undo what this tells of
messages-unseen = Messages ({ $n })
messages-warning = Warning
