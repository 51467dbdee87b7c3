# One decision after the other on the People screen.

review-answer = { $answer }  { $key }
review-are = { $n ->
    [one] Is this { $name }?
   *[other] Are these { $n } faces { $name }?
}
review-closed = This was decided. Ctrl Z takes it back.
review-done = Everything is decided
review-done-about = New faces and groups come here by themselves.
review-ignore = Ignore
review-ignored-face = an ignored face
review-is = Is this { $name }?
review-keys-answer = Yes, no (while reviewing)
review-keys-ignore = Ignore, not a face (while reviewing)
review-keys-other = Another name (while reviewing)
review-keys-turn = Back, later (while reviewing)
review-later = Later
review-leave-alone = Leave this face alone, too?
review-left = { $n } to go
review-left-more = more than { $n } to go
review-nearest = Nearest: { $name }
review-no = No
review-not-a-face = Not a face
review-open = { $what }, open its photo
review-other = Another name
review-photo = Photo
review-progress = { $done } decided, { $left }
review-this-face = This face
review-who = { $n ->
    [one] Who is this?
   *[other] Who do these { $n } faces show?
}
review-why = The nearest confirmed face scores { $score }.
review-why-ignored = The nearest face is ignored ({ $why }) and scores { $score }.
review-why-none = Nobody who has a name resembles them.
review-yes = Yes
